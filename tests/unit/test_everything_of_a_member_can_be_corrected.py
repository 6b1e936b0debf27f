"""Every event of a member: its facts can be corrected, or it is written here why not."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final, NamedTuple

import pytest
from pydantic import ValidationError

from services.membership.domain.members.evolve import STEP_NAMES
from services.membership.domain.members.facts import FACTS
from shared.contracts.base import Event
from shared.contracts.membership import (
    MEMBER_FACTS,
    CitySigned,
    CoalitionFounded,
    MemberCorrected,
    MemberDescribed,
    MemberMoved,
    MemberRenamed,
    MembersMerged,
    PartnerJoined,
    PartnerLeft,
    PopulationCounted,
)
from shared.domain.decider import Refused
from tests.unit.corrected_by import OF_MEMBERSHIP
from tests.unit.fold import Folded
from tests.unit.membership_facts import FOUNDED, POTSDAM, SIGNED, TWIN, WHO, member
from tests.unit.reacting import Reacting, membership

IN_AFRICA: Final = {**WHO, "coalition": "africa"}
HERE_AND_THERE: Final = (FOUNDED, CoalitionFounded(coalition="africa", name="African Coalition"))


class Case(NamedTuple):
    """A fact that an event states, and what it is corrected to."""

    event: Event
    fact: str
    recorded: str
    correct: str
    before: tuple[Event, ...] = ()


RENAMED: Final = MemberRenamed(**WHO, renamed="2016", name="Neu-Potsdma", local_name="Nue")
JOINED: Final = PartnerJoined(**WHO, organisation="Opra", joined="2010")
CASES: Final = [
    Case(SIGNED, "coalition", "europe", "africa"),
    Case(SIGNED, "country", "DE", "AT"),
    Case(SIGNED, "kind", "city", "district"),
    Case(SIGNED, "name", "Potsdam", "Potsdam an der Havel"),
    Case(MemberMoved(**IN_AFRICA, moved="2015"), "moved", "2015", "2016-05"),
    Case(RENAMED, "renamed", "2016", "2017"),
    Case(RENAMED, "name", "Neu-Potsdma", "Neu-Potsdam"),
    Case(RENAMED, "local name", "Nue", "Neu"),
    Case(MemberDescribed(**WHO, qualifier="DE-BB"), "qualifier", "DE-BB", "Q1711"),
    Case(
        MemberDescribed(**WHO, website="https://potsdma.example/"),
        "website",
        "https://potsdma.example/",
        "https://potsdam.example/",
    ),
    Case(
        MemberDescribed(**WHO, part_of="de-region-ost"), "part of", "de-region-ost", "de-region-1"
    ),
    Case(
        PopulationCounted(**WHO, as_of="2011", population=159_456),
        "population counted",
        "2011",
        "2011-05-09",
    ),
    Case(JOINED, "partner", "Opra", "Opra e. V."),
    Case(JOINED, "partner joined", "2010", "2011-03"),
    Case(PartnerLeft(**WHO, organisation="Opra", left="2014"), "partner left", "2014", "2015"),
]
_TWIN_SIGNED: Final = CitySigned(coalition="europe", member=TWIN, signed="2006-09-08")
MERGED: Final = MembersMerged(**WHO, merged=TWIN, reason="one city")
ONLY_AWAY: Final = [Case(MERGED, "merged", TWIN.key, "", (_TWIN_SIGNED,))]
"""What is corrected away, and not into anything else."""
NEEDED: Final = {"coalition", "country", "kind", "name", "partner"}
"""What is never without a value."""
BEFORE: Final = {"partner left": (JOINED,)}


def test_every_type_and_every_fact_is_in_the_table() -> None:
    cases = [*CASES, *ONLY_AWAY]
    not_steps = {type(case.event) for case in cases} - STEP_NAMES.keys()
    assert not_steps == {event for event, by in OF_MEMBERSHIP.items() if MemberCorrected in {*by}}
    assert {case.fact for case in cases} | {"merged into"} == {*MEMBER_FACTS} == FACTS.keys()


def of(case: Case, correct: str | None, coalition: str = "") -> MemberCorrected:
    is_there = coalition or ("africa" if isinstance(case.event, MemberMoved) else "europe")
    about = {"coalition": is_there, "member": {"id": POTSDAM.key}}
    facts = {"fact": case.fact, "recorded": case.recorded, "correct": correct}
    return MemberCorrected.model_validate({**about, **facts, "reason": "the minutes say so"})


def recorded(case: Case) -> Reacting:
    folded = membership()
    events = (*HERE_AND_THERE, SIGNED, *BEFORE.get(case.fact, ()), *case.before)
    for event in dict.fromkeys((*events, case.event)):
        folded.tell(event)
    return folded


def ids(case: Case) -> str:
    return f"{type(case.event).__name__}: {case.fact}"


def without(folded: Folded[Any]) -> str:
    """What stands, as others read it: all but the corrections."""
    return member(folded).model_dump_json(exclude={"corrections"})


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_it_is_corrected_and_what_was_recorded_stays_readable(case: Case) -> None:
    folded = recorded(case)
    before = without(folded)
    published, *_ = folded.tell(of(case, case.correct))
    assert isinstance(published, MemberCorrected)
    assert f'"{case.correct}"' in without(folded)
    assert without(folded) != before
    (kept,) = member(folded).corrections
    assert (kept.fact, kept.recorded, kept.correct) == (case.fact, case.recorded, case.correct)
    assert case.recorded in str(kept.was)
    assert folded.tell(of(case, case.correct)) == []
    assert folded.refused == []


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_a_source_that_still_has_the_mistake_does_not_bring_it_back(case: Case) -> None:
    folded = recorded(case)
    folded.tell(of(case, case.correct))
    after, published = member(folded), list[Event]()
    with suppress(Refused):
        published = folded.tell(case.event)
    assert published == []
    assert member(folded) == after


@pytest.mark.parametrize("case", [*CASES, *ONLY_AWAY], ids=ids)
def test_a_correction_is_taken_back(case: Case) -> None:
    for correct in {case.correct or None, None} - ({None} if case.fact in NEEDED else set()):
        folded = recorded(case)
        before = member(folded)
        folded.tell(of(case, correct))
        assert member(folded).corrections
        is_there = member(folded).coalition
        assert folded.tell(of(case, case.recorded, is_there))
        assert member(folded) == before


@pytest.mark.parametrize("case", [*CASES, *ONLY_AWAY], ids=ids)
def test_what_never_happened_is_corrected_away_unless_it_is_always_there(case: Case) -> None:
    folded = recorded(case)
    if case.fact in NEEDED:
        with pytest.raises(Refused, match="there is always a"):
            folded.tell(of(case, None))
        return
    assert folded.tell(of(case, None))
    assert f'"{case.recorded}"' not in without(folded)


LONG: Final = f"https://example.org/{'a' * 480}"


def test_a_link_is_corrected_however_long_and_a_name_stays_a_line() -> None:
    folded = recorded(Case(MemberDescribed(**WHO, website=LONG), "website", LONG, LONG))
    assert folded.tell(MemberCorrected(**WHO, fact="website", recorded=LONG, reason="mistyped"))
    assert LONG not in without(folded)
    with pytest.raises(ValidationError, match="at most 300"):
        MemberCorrected(**WHO, fact="name", recorded="Potsdam", correct="a" * 301, reason="so")


WRONG: Final = {
    "coalition": "asia",
    "country": "FR",
    "kind": "canton",
    "qualifier": "Q1",
    "part of": "de-city-ulm",
    "merged": "de-city-ulm",
    "website": "https://example.org/",
}


@pytest.mark.parametrize("case", [*CASES, *ONLY_AWAY], ids=ids)
def test_what_nobody_recorded_is_refused_with_what_is_recorded(case: Case) -> None:
    folded = recorded(case)
    other = case._replace(recorded=WRONG.get(case.fact, "1999"))
    with pytest.raises(Refused, match="is recorded; recorded: .*" + case.recorded[:6]):
        folded.tell(of(other, None))
