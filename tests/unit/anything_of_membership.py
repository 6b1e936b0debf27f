"""Any event that membership takes, for tests that send it whatever there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from hypothesis import strategies as st

from shared.contracts.base import MemberRef
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
    MemberCorrected,
    MemberDescribed,
    MemberEvent,
    MemberMoved,
    MemberReassessed,
    MemberRenamed,
    MembershipCounted,
    MembersMerged,
    OfficeTaken,
    OrganEstablished,
    PartnerJoined,
    PartnerLeft,
    PopulationCounted,
    StatutesAdopted,
    StepCorrected,
    StepName,
)
from shared.contracts.plans import ReportFellOverdue, ReportSubmitted

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
    fields = event.model_fields.items()
    details = {
        **{f: draw(dates) for f, its in fields if its.is_required() and its.annotation is str},
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
        st.builds(PopulationCounted, **who, as_of=dates, population=st.integers(1, 9)),
        st.builds(MemberMoved, **who, moved=dates),
        st.builds(PartnerJoined, **who, **bund, joined=dates, role=st.none() | words),
        st.builds(PartnerLeft, **who, **bund, left=dates),
        st.builds(MemberReassessed, **who),
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
            membership_by=st.sampled_from(["decided", "signed", "admitted"]),
            lead_cities=st.sampled_from(["any", "members", "become members"]),
            suspend_when_report_overdue=st.booleans(),
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


def of_members() -> st.SearchStrategy[Event]:
    """What is wrong of a member besides its steps, or is not."""
    who = {"coalition": coalitions, "member": cities, "reason": words}
    ids = st.sampled_from([city.key for city in CITIES])
    countries, its_kinds = st.sampled_from(["DE", "CH", "AT"]), st.sampled_from(["city", "canton"])
    values: dict[tuple[str, ...], st.SearchStrategy[str]] = {
        ("coalition",): coalitions,
        ("moved", "renamed", "partner joined", "partner left", "population counted"): dates,
        ("country",): countries,
        ("kind",): its_kinds,
        ("name", "local name", "partner"): words | st.just("Bonn"),
        ("merged", "merged into"): ids,
    }
    return st.one_of(
        *[
            st.builds(
                MemberCorrected,
                **who,
                fact=st.sampled_from(facts),
                recorded=value,
                correct=st.none() | value,
                of=st.none() | words,
            )
            for facts, value in values.items()
        ]
    )


def corrections() -> st.SearchStrategy[Event]:
    """Of what was recorded, or was not."""
    dated = ["founded", "launched", "renamed", "statutes adopted", "members counted"]
    dated += ["office since", "office seen", "elected", "organ established", "decided"]
    of = {"coalition": coalitions, "reason": words}
    return st.one_of(
        of_members(),
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
