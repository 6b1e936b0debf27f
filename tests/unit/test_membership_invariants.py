"""Whatever events come, in whatever order and however often: these things hold.

- Nothing raises but `Refused`; folding raises nothing, whatever is folded.
- What comes again at once changes nothing, accepted or refused.
- Folding what was published gives the state that deciding gave; so does reading a view again.
- What a member is follows from its steps; its standings follow each other without overlap, and
  only the last is open: it is in one coalition at most, once.
- Steps stand in the order of their dates as far as these tell.
- As of an earlier day no more is certain than as of a later one.
- A duplicate counts nowhere; a correction takes nothing out of the record.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING, get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.membership.domain import (
    DECIDER,
    Coalition,
    Member,
    State,
    below,
    counted,
    statistics,
)
from services.membership.domain.members.evolve import STEP_NAMES
from services.membership.domain.statistics import state_on
from shared.contracts.base import MemberRef, covers, earliest, latest
from shared.contracts.membership import (
    STEP_EVENTS,
    CoalitionCorrected,
    CoalitionFounded,
    CoalitionLaunched,
    CoalitionRenamed,
    ConferenceAnnounced,
    ConferenceAttended,
    ConferenceCancelled,
    ConferenceChanged,
    ConferenceCorrected,
    ConferenceRegistered,
    DecisionTaken,
    LeadCityDesignated,
    MemberAbsorbed,
    MemberDescribed,
    MemberEvent,
    MemberRenamed,
    MemberReviewed,
    MembershipCounted,
    MembersMerged,
    MemberStep,
    OfficeTaken,
    OrganEstablished,
    PartnerJoined,
    PartnerLeft,
    StatutesAdopted,
    StepCorrected,
    StepName,
)
from shared.contracts.plans import ReportFellOverdue, ReportSubmitted
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from tests.unit.fold import Folded

if TYPE_CHECKING:
    from shared.contracts.base import Event

CITIES = [
    MemberRef(name="Bonn", country="DE", kind="city"),
    MemberRef(name="Fribourg", country="CH", kind="canton"),
    MemberRef(name="UCLG", kind="association"),
    MemberRef(id="de-city-bonn"),
]
COALITIONS = ["europe", "africa", "international"]
DAYS = [f"{year}-{rest}" for year in range(2005, 2012) for rest in ("01-01", "06-30", "12-31")]

coalitions = st.sampled_from(["europe"] * 8 + COALITIONS)
cities = st.sampled_from([*CITIES[:1] * 3, *CITIES])
dates = st.sampled_from(
    ["2005", "2006", "2006-03", "2006-03-10", "2006-09", "2007", "2008-01", "2009", "2010", "2031"]
)
maybe_dates = st.none() | dates
words = st.sampled_from(["Bund", "Liga", "Union"])
kinds = st.none() | st.sampled_from(["city", "district", "association"])
names = st.none() | st.dictionaries(st.sampled_from(["fr", "ar"]), words, max_size=2)
step_names = st.sampled_from(get_args(StepName))


@st.composite
def steps(draw: st.DrawFn) -> MemberEvent:
    event = draw(st.sampled_from(STEP_EVENTS))
    field = STEP_NAMES[event].removeprefix("condition ")
    details = {
        field: draw(dates),
        "reason": draw(words),
        "condition": draw(st.none() | words),
        "document": draw(st.none() | st.just("https://example.org/1")),
    }
    return event.model_validate({"coalition": draw(coalitions), "member": draw(cities), **details})


def about_members() -> st.SearchStrategy[Event]:
    who = {"coalition": coalitions, "member": cities}
    bund = {"organisation": words}
    due = {"due": st.sampled_from(["2007-01-01", "2009-01-01"])}
    return st.one_of(
        st.builds(MemberRenamed, **who, renamed=dates, name=words, kind=kinds, names=names),
        st.builds(MemberDescribed, **who, names=names),
        st.builds(
            StepCorrected, **who, step=step_names, recorded=dates, correct=maybe_dates, reason=words
        ),
        st.builds(PartnerJoined, **who, **bund, joined=dates, role=st.none() | words),
        st.builds(PartnerLeft, **who, **bund, left=dates),
        st.builds(MemberReviewed, **who),
        st.builds(ReportFellOverdue, **who, **due),
        st.builds(ReportSubmitted, **who, **due, submitted=dates),
    )


def about_two() -> st.SearchStrategy[Event]:
    pairs = st.permutations(CITIES[:3])
    return st.one_of(
        st.builds(
            lambda c, p: MembersMerged(coalition=c, member=p[0], merged=p[1], reason="one"),
            coalitions,
            pairs,
        ),
        st.builds(
            lambda c, p: MemberAbsorbed(coalition=c, member=p[0], into=p[1], reason="one"),
            coalitions,
            pairs,
        ),
    )


def about_coalitions() -> st.SearchStrategy[Event]:
    what = {"coalition": coalitions}
    conference = {**what, "conference": st.sampled_from(["first", "second"])}
    return st.one_of(
        st.builds(
            CoalitionFounded,
            **what,
            name=words,
            names=names,
            parent=st.none() | coalitions,
            founded=maybe_dates,
        ),
        st.builds(CoalitionLaunched, **what, launched=dates),
        st.builds(CoalitionRenamed, **what, renamed=dates, name=words, names=names),
        st.builds(
            StatutesAdopted,
            **what,
            adopted=dates,
            membership_by=st.sampled_from(["decision", "signature", "admission"]),
            lead_cities=st.sampled_from(["any", "members", "become members"]),
            suspend_when_overdue=st.booleans(),
        ),
        st.builds(LeadCityDesignated, **what, city=cities, since=dates),
        st.builds(MembershipCounted, **what, as_of=dates, members=st.integers(0, 99)),
        st.builds(ConferenceAnnounced, **conference, title=words, begins=dates),
        st.builds(
            ConferenceAttended, **conference, members=st.lists(cities, unique=True).map(tuple)
        ),
        st.builds(
            ConferenceRegistered, **conference, members=st.lists(cities, unique=True).map(tuple)
        ),
        st.builds(ConferenceChanged, **conference, begins=dates, ends=maybe_dates),
        st.builds(ConferenceCancelled, **conference, cancelled=dates),
    )


def about_organs() -> st.SearchStrategy[Event]:
    what = {"coalition": coalitions}
    organs = st.sampled_from(["assembly", "board"])
    return st.one_of(
        st.builds(
            OrganEstablished,
            **what,
            organ=organs,
            kind=st.just("working group"),
            name=st.just("Group"),
            established=maybe_dates,
        ),
        st.builds(
            OfficeTaken,
            **what,
            office=st.sampled_from(["president", "lead city"]),
            organ=st.none() | organs,
            city=cities,
            since=maybe_dates,
            until=st.none(),
            seen=maybe_dates,
            elected=maybe_dates,
            term_months=st.none() | st.sampled_from([12, 24]),
        ),
        st.builds(
            DecisionTaken,
            **what,
            decision=st.sampled_from(["first", "second"]),
            decided=dates,
            item=words,
            organ=st.none() | organs,
        ),
    )


def corrections() -> st.SearchStrategy[Event]:
    """Of what was recorded, or was not."""
    dated = ["founded", "launched", "renamed", "statutes adopted", "members counted"]
    dated += ["office since", "office seen", "elected", "organ established", "decided"]
    of = {"coalition": coalitions, "reason": words}
    return st.one_of(
        st.builds(
            CoalitionCorrected,
            **of,
            fact=st.sampled_from(dated),
            recorded=dates,
            correct=maybe_dates,
            of=st.none() | st.sampled_from(["de-city-bonn", "first", "Bund"]),
        ),
        st.builds(CoalitionCorrected, **of, fact=st.just("name"), recorded=words, correct=words),
        st.builds(
            ConferenceCorrected,
            **of,
            conference=st.sampled_from(["first", "second"]),
            fact=st.sampled_from(["begins", "ends", "cancelled"]),
            recorded=dates,
            correct=maybe_dates,
        ),
        st.builds(
            ConferenceCorrected,
            **of,
            conference=st.sampled_from(["first", "second"]),
            fact=st.sampled_from(["member attended", "member registered"]),
            recorded=st.just("de-city-bonn"),
            correct=st.none() | st.just("de-city-bonn"),
        ),
    )


def anything() -> st.SearchStrategy[Event]:
    """About members, coalitions, conferences, and what mends the record of each."""
    about = about_coalitions() | about_organs() | corrections()
    return about_members() | about_two() | about


class Whatever(RuleBasedStateMachine):
    """Tells membership anything, and folds beside it what was published, as others read it."""

    def __init__(self) -> None:
        super().__init__()
        self.folded = Folded[State](DECIDER)
        self.read: dict[str, State | None] = {}
        self.unruled: dict[str, State | None] = {}
        self.last = Stream("", "")
        for id_ in COALITIONS[:2]:
            self.tell(CoalitionFounded(coalition=id_, name=id_))

    @rule(event=steps())
    def tell_of_a_step(self, event: Event) -> None:
        self.tell(event)

    @rule(data=st.data(), correct=maybe_dates)
    def correct(self, data: st.DataObject, correct: str | None) -> None:
        for member in [m for m in self.folded.states.values() if isinstance(m, Member)]:
            recorded = [*member.steps, *(c.was for c in member.corrections)]
            if recorded:
                step = data.draw(st.sampled_from(recorded))
                self.tell(
                    StepCorrected(
                        coalition=member.coalition,
                        member=member.ref,
                        step=step.step,
                        recorded=step.date,
                        correct=correct,
                        reason="the minutes",
                    )
                )

    @rule(event=anything())
    def tell(self, event: Event) -> None:
        self.last = self.folded.decider.route(event, ("", "")).stream
        for published in self.tell_or_refuse(event):
            body = published.model_dump_json(exclude_none=True)
            sent = type(published).model_validate_json(body)
            self.read[self.last] = self.folded.decider.evolve(self.read.get(self.last), sent)
        before = self.folded.states.get(self.last)
        assert self.tell_or_refuse(event) == []
        assert self.folded.states.get(self.last) == before

    @rule(event=steps() | anything())
    def fold_what_no_rule_has_seen(self, event: Event) -> None:
        """As after an upgrade to stricter rules: published is published."""
        stream = self.folded.decider.route(event, ("", "")).stream
        before = self.unruled.get(stream)
        after = self.folded.decider.evolve(before, event)
        self.unruled[stream] = after
        if isinstance(after, Member) and isinstance(event, MemberStep):
            dates = [s.date for s in after.steps if s.step == STEP_NAMES[type(event)]]
            assert any(covers(event.date, date) or covers(date, event.date) for date in dates)
        assert after is None or type(after).model_validate(after.model_dump(mode="json")) == after

    def tell_or_refuse(self, event: Event) -> list[Event]:
        try:
            return list(self.folded.tell(event))
        except Refused:
            return []

    @invariant()
    def what_was_published_tells_all(self) -> None:
        state = self.folded.states.get(self.last)
        assert self.read.get(self.last) == state
        if state:
            assert type(state).model_validate(state.model_dump(mode="json")) == state

    @invariant()
    def a_member_is_what_its_steps_make_it(self) -> None:
        member = self.folded.states.get(self.last)
        if not isinstance(member, Member):
            return
        standings = member.standings
        assert [s.until for s in standings[:-1]] == [s.since for s in standings[1:]]
        assert all(one.since < two.since for one, two in pairwise(standings))
        assert not standings or standings[-1].until is None
        assert not standings or standings[-1].state == member.state
        assert all(earliest(a.date) <= latest(b.date) for a, b in combinations(member.steps, 2))
        if member.merged_into:
            into = self.folded.states[Stream("members", member.merged_into)]
            assert isinstance(into, Member)
            assert member.id in into.absorbed
            assert (member.state, standings) == ("merged", ())

    @invariant()
    def no_more_is_certain_as_of_an_earlier_day(self) -> None:
        member = self.folded.states.get(self.last)
        if not isinstance(member, Member):
            return
        thens = [member.as_of(day) for day in DAYS]
        certain = [then.steps for then in thens if then]
        assert all(set(one) <= set(two) for one, two in pairwise(certain))
        assert [t and t.state for t in thens] == [state_on(member, day) for day in DAYS]

    def teardown(self) -> None:
        members = [m for m in self.folded.states.values() if isinstance(m, Member)]
        all_of_them = [c for c in self.folded.states.values() if isinstance(c, Coalition)]
        for coalition in all_of_them:
            parents = {one.id: one.parent for one in all_of_them}
            inside = [m for m in members if m.coalition in below(parents, coalition.id)]
            for day in DAYS:
                numbers = statistics(coalition, counted(inside, day), day)
                assert numbers.members == sum(numbers.by_kind.values())
                assert numbers.members == sum(numbers.by_country.values())
                assert numbers.members <= sum(numbers.by_state.values()) <= len(inside)
                then = coalition.as_of(day)
                assert then is None or then.as_of(day) == then


TestWhatever = Whatever.TestCase
TestWhatever.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
