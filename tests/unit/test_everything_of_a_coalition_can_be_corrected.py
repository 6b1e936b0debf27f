"""Every event of a coalition and of a conference: its facts can be corrected, or why not."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from services.membership.domain import Coalition, Conference, State
from services.membership.domain.coalitions.facts import FACTS as COALITIONS
from services.membership.domain.conferences.facts import FACTS as CONFERENCES
from shared.contracts.base import Event, MemberRef
from shared.contracts.membership import (
    COALITION_FACTS,
    CONFERENCE_FACTS,
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
    MembershipCounted,
    OfficeTaken,
    OrganEstablished,
    StatutesAdopted,
)
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from tests.unit.corrected_by import OF_MEMBERSHIP
from tests.unit.fold import Folded
from tests.unit.membership_facts import FOUNDED, POTSDAM, founded

if TYPE_CHECKING:
    from collections.abc import Sequence

EUROPE: Final[dict[str, Any]] = {"coalition": "europe"}
MEETING: Final[dict[str, Any]] = {**EUROPE, "conference": "general"}
BONN: Final = MemberRef(name="Bonn", country="DE", kind="city")
ANNOUNCED: Final = ConferenceAnnounced(
    **MEETING, title="General Conference", place="Bonn", begins="2025-10-23", ends="2025-10-24"
)
LATER: Final = ConferenceAnnounced(**MEETING, title="General Conference", begins="2026-10")
PRESIDENT: Final = OfficeTaken(
    **EUROPE,
    office="president",
    city=POTSDAM,
    since="2011-11-25",
    until="2015-04",
    elected="2011-11-24",
    seen="2012",
)


class Case(NamedTuple):
    """A fact that an event states, and what it is corrected to."""

    event: Event
    fact: str
    recorded: str
    correct: str
    before: Event | None = None


CASES: Final = [
    Case(FOUNDED.model_copy(update={"founded": "2004-10"}), "founded", "2004-10", "2004-12"),
    Case(
        FOUNDED.model_copy(update={"in_creation_since": "2004-03"}),
        "in creation",
        "2004-03",
        "2004-02",
    ),
    Case(FOUNDED.model_copy(update={"place": "Bonn"}), "founding place", "Bonn", "Nuremberg"),
    Case(FOUNDED.model_copy(update={"parent": "africa"}), "parent", "africa", "international"),
    Case(FOUNDED, "name", "European Coalition", "European Coalition of Cities"),
    Case(FOUNDED, "acronym", "EC", "ECCAR"),
    Case(
        CoalitionLaunched(**EUROPE, launched="2004-12-11", place="Bonn"),
        "launched",
        "2004-12-11",
        "2004-12-10",
    ),
    Case(
        CoalitionLaunched(**EUROPE, launched="2004-12-10", place="Bonn"),
        "launch place",
        "Bonn",
        "Nuremberg",
    ),
    Case(CoalitionRenamed(**EUROPE, renamed="2016", name="New"), "renamed", "2016", "2018-12"),
    Case(CoalitionRenamed(**EUROPE, renamed="2016", name="Nwe"), "name", "Nwe", "New"),
    Case(StatutesAdopted(**EUROPE, adopted="2010"), "statutes adopted", "2010", "2011"),
    Case(MembershipCounted(**EUROPE, as_of="2010", members=9), "members counted", "2010", "2011"),
    Case(LeadCityDesignated(**EUROPE, city=POTSDAM, since="2006"), "office since", "2006", "2007"),
    Case(PRESIDENT, "office", "president", "vice-president"),
    Case(PRESIDENT, "office since", "2011-11-25", "2011-10"),
    Case(PRESIDENT, "office until", "2015-04", "2015-05"),
    Case(PRESIDENT, "office seen", "2012", "2013"),
    Case(PRESIDENT, "elected", "2011-11-24", "2011-10"),
    Case(
        OrganEstablished(
            **EUROPE, organ="board", kind="steering committee", name="Bord", established="2005"
        ),
        "organ established",
        "2005",
        "2006",
    ),
    Case(
        OrganEstablished(**EUROPE, organ="board", kind="steering committee", name="Bord"),
        "organ name",
        "Bord",
        "Board",
    ),
    Case(
        DecisionTaken(**EUROPE, decision="d", decided="2019", item="A"), "decided", "2019", "2020"
    ),
    Case(ANNOUNCED, "title", "General Conference", "Third General Conference"),
    Case(ANNOUNCED, "place", "Bonn", "Ghent"),
    Case(ANNOUNCED, "begins", "2025-10-23", "2025-10-22"),
    Case(ANNOUNCED, "ends", "2025-10-24", "2025-10-25"),
    Case(
        ConferenceAnnounced(**MEETING, title="G", begins="2025", announced="2024"),
        "announced",
        "2024",
        "2024-11",
    ),
    Case(
        ConferenceAnnounced(**MEETING, title="G", begins="2025", represented="50"),
        "represented",
        "50",
        "over 50",
    ),
    Case(
        ConferenceChanged(**MEETING, begins="2025-10-20"),
        "begins",
        "2025-10-20",
        "2025-10-21",
        ANNOUNCED,
    ),
    Case(
        ConferenceCancelled(**MEETING, cancelled="2025-09"),
        "cancelled",
        "2025-09",
        "2025-08",
        ANNOUNCED,
    ),
    Case(
        ConferenceRegistered(**MEETING, organisations=("UNECSO",)),
        "organisation registered",
        "UNECSO",
        "UNESCO",
        LATER,
    ),
    Case(
        ConferenceAttended(**MEETING, organisations=("UNECSO",)),
        "organisation attended",
        "UNECSO",
        "UNESCO",
        ANNOUNCED,
    ),
]
ONLY_AWAY: Final = [
    Case(
        ConferenceRegistered(**MEETING, members=(BONN,)), "member registered", BONN.key, "", LATER
    ),
    Case(
        ConferenceAttended(**MEETING, members=(BONN,)), "member attended", BONN.key, "", ANNOUNCED
    ),
]
"""What is corrected away, and sent anew if it is another."""
NEEDED: Final = {"name", "organ name", "title", "begins"}
"""What is never without a value."""


def test_every_type_and_every_fact_is_in_the_table() -> None:
    cases = [*CASES, *ONLY_AWAY]
    ours = {CoalitionCorrected, ConferenceCorrected}
    types = {event for event, by in OF_MEMBERSHIP.items() if ours & {*by}}
    assert {type(case.event) for case in cases} == types
    assert {case.fact for case in cases} == {*COALITION_FACTS, *CONFERENCE_FACTS}
    assert COALITIONS.keys() == set(COALITION_FACTS)
    assert CONFERENCES.keys() == set(CONFERENCE_FACTS)


def of(case: Case, correct: str | None) -> Event:
    model = ConferenceCorrected if case.fact in CONFERENCE_FACTS else CoalitionCorrected
    about = MEETING if model is ConferenceCorrected else EUROPE
    facts = {"fact": case.fact, "recorded": case.recorded, "correct": correct}
    return model.model_validate({**about, **facts, "reason": "the minutes say so"})


def recorded(case: Case) -> Folded[State]:
    folded = Folded[State](founded().decider)
    if not isinstance(case.event, CoalitionFounded):
        folded.tell(FOUNDED)
    for event in (case.before, case.event):
        if event:
            folded.tell(event)
    return folded


def subject(folded: Folded[State], case: Case) -> Coalition | Conference:
    is_conference = case.fact in CONFERENCE_FACTS
    stream = Stream("conferences", "general") if is_conference else Stream("coalitions", "europe")
    state = folded.states[stream]
    assert isinstance(state, Coalition | Conference)
    return state


def ids(case: Case) -> str:
    return f"{type(case.event).__name__}: {case.fact}"


def without(state: Coalition | Conference) -> str:
    """What stands, as others read it: all but the corrections."""
    return state.model_dump_json(exclude={"corrections"})


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_it_is_corrected_and_what_was_recorded_stays_readable(case: Case) -> None:
    folded = recorded(case)
    before = without(subject(folded, case))
    assert folded.tell(of(case, case.correct))
    after = subject(folded, case)
    assert f'"{case.correct}"' in without(after)
    assert without(after) != before
    (kept,) = after.corrections
    assert (kept.fact, kept.recorded, kept.correct) == (case.fact, case.recorded, case.correct)
    assert case.recorded in str(kept.was)
    assert folded.tell(of(case, case.correct)) == []


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_a_source_that_still_has_the_mistake_does_not_bring_it_back(case: Case) -> None:
    folded = recorded(case)
    folded.tell(of(case, case.correct))
    after = subject(folded, case)
    published: Sequence[Event] = ()
    with suppress(Refused):
        published = folded.tell(case.event)
    assert list(published) == []
    assert subject(folded, case) == after


@pytest.mark.parametrize("case", [*CASES, *ONLY_AWAY], ids=ids)
def test_a_correction_is_taken_back(case: Case) -> None:
    for correct in {case.correct or None, None} - ({None} if case.fact in NEEDED else set()):
        folded = recorded(case)
        before = subject(folded, case)
        folded.tell(of(case, correct))
        assert subject(folded, case).corrections
        assert folded.tell(of(case, case.recorded))
        assert subject(folded, case) == before


@pytest.mark.parametrize("case", [*CASES, *ONLY_AWAY], ids=ids)
def test_what_never_happened_is_corrected_away_unless_it_is_always_there(case: Case) -> None:
    folded = recorded(case)
    if case.fact in NEEDED:
        with pytest.raises(Refused, match="there is always a"):
            folded.tell(of(case, None))
        return
    assert folded.tell(of(case, None))
    assert f'"{case.recorded}"' not in without(subject(folded, case))


@pytest.mark.parametrize("case", [*CASES, *ONLY_AWAY], ids=ids)
def test_what_nobody_recorded_is_refused_with_what_is_recorded(case: Case) -> None:
    folded = recorded(case)
    wrong = {"office": "chair", "parent": "asia", "member registered": "de-city-ulm"}
    wrong["member attended"] = "de-city-ulm"
    other = case._replace(recorded=wrong.get(case.fact, "1999"), correct="")
    with pytest.raises(Refused, match=f"is recorded; recorded: .*{case.recorded[:8]}"):
        folded.tell(of(other, None))
