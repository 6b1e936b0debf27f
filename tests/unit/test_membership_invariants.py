"""Whatever events come, in whatever order and however often: these things hold.

- Nothing raises but `Refused`; folding raises nothing, whatever is folded.
- What comes again at once changes nothing, accepted or refused.
- Folding what was published gives the state that deciding gave; so does reading a view again.
- What a member is follows from its steps; its standings follow each other without overlap, and
  only the last is open: it is in one coalition at most, once.
- Steps stand in the order of their dates as far as these tell.
- As of an earlier day no more is certain than as of a later one.
- What changed up to a day makes the numbers of that day.
- A duplicate counts nowhere; a correction takes nothing out of the record.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.membership.domain import (
    DECIDER,
    Alike,
    Coalition,
    Member,
    State,
    below,
    changes,
    counted,
    statistics,
)
from services.membership.domain.members.evolve import STEP_NAMES
from services.membership.domain.statistics import state_on
from shared.contracts.base import covers, earliest, latest
from shared.contracts.membership import (
    CoalitionFounded,
    MemberStep,
    StepCorrected,
)
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from tests.unit.anything_of_membership import COALITIONS, DAYS, anything, maybe_dates, steps
from tests.unit.fold import Folded

if TYPE_CHECKING:
    from shared.contracts.base import Event

STEPS = frozenset(STEP_NAMES.values())


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
            recorded = [(step.step, step.date) for step in member.steps]
            recorded += [(c.fact, c.recorded) for c in member.corrections if c.fact in STEPS]
            if recorded:
                step, date = data.draw(st.sampled_from(recorded))
                self.tell(
                    StepCorrected(
                        coalition=member.coalition,
                        member=member.ref,
                        step=step,
                        recorded=date,
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
            assert member.id in {*into.absorbed, *into.aliases}
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
            those = below(parents, coalition.id)
            inside = [m for m in members if {m.coalition, *(v.coalition for v in m.moves)} & those]
            changed = [c for m in members for c in changes(m) if c.coalition in those]
            for day in DAYS:
                by_changes = Counter[Alike]()
                for change in changed:
                    if date.fromordinal(change.day).isoformat() <= day:
                        by_changes[change.alike] += change.by
                assert +by_changes == counted(inside, day, those)
                numbers = statistics(coalition, counted(inside, day, those), day)
                assert numbers.members == sum(numbers.by_kind.values())
                assert numbers.members == sum(numbers.by_country.values())
                assert numbers.members <= sum(numbers.by_state.values()) <= len(inside)
                then = coalition.as_of(day)
                assert then is None or then.as_of(day) == then


TestWhatever = Whatever.TestCase
TestWhatever.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
