"""Metropolitan cities, regions and unions as members, what is part of them, how many live there."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from services.plans.domain import MemberCommitments, member_stream
from shared.contracts.base import Kind, MemberRef
from shared.contracts.identity import id_with
from shared.contracts.membership import (
    CitySigned,
    MemberApplied,
    MemberCorrected,
    MemberDescribed,
    PopulationCounted,
)
from shared.contracts.plans import CommitmentUpdated, PlanPublished
from shared.domain.decider import Refused
from shared.web.parameters import of_size
from tests.unit.membership_facts import FOUNDED, POTSDAM, WHO, member
from tests.unit.mending import ID, corrected, signed
from tests.unit.reacting import membership_and_plans

TEXTS = tuple(f"Point {number}" for number in range(1, 11))


def of_kind(kind: str) -> MemberRef:
    return MemberRef.model_validate({"name": "Bologna", "country": "IT", "kind": kind})


@pytest.mark.parametrize("kind", [kind for kind in get_args(Kind) if kind != "association"])
def test_every_kind_but_an_association_has_commitments_and_an_id_of_its_own(kind: str) -> None:
    first, plans = membership_and_plans()
    first.tell(FOUNDED)
    plans.tell(PlanPublished(coalition="europe", version=1, commitments=TEXTS))
    ref = of_kind(kind)
    assert ref.key == f"it-{kind.replace(' ', '-')}-bologna"
    first.tell(CitySigned(coalition="europe", member=ref, signed="2006"))
    update = {"member": {"id": ref.key}, "point": 1, "status": "planned", "as_of": "2010"}
    assert plans.tell(CommitmentUpdated.model_validate(update))


@pytest.mark.parametrize("kind", get_args(Kind))
def test_a_kind_is_corrected_into_any_other_and_the_right_id_leads_to_the_member(kind: str) -> None:
    folded = signed()
    if kind == "city":
        return
    folded.tell(corrected("kind", "city", kind))
    right = POTSDAM.model_copy(update={"kind": kind, "id": None}).model_dump()
    assert member(folded).aliases == (MemberRef.model_validate(right).key,)
    assert member(folded).aliases == (id_with(ID.key, "kind", kind),)
    assert folded.refused == []


def test_a_member_is_part_of_another_and_not_of_its_own_part() -> None:
    folded = signed()
    ref = MemberRef(name="Potsdam-Mittelmark", country="DE", kind="union of municipalities")
    folded.tell(CitySigned(coalition="europe", member=ref, signed="2010"))
    folded.tell(MemberDescribed(**WHO, part_of=ref.key))
    assert member(folded).part_of == ref.key
    whole: dict[str, Any] = {"coalition": "europe", "member": MemberRef(id=ref.key)}
    for part in (ref.key, POTSDAM.key):
        with pytest.raises(Refused, match="is not a part of what is itself, or a part of it"):
            folded.tell(MemberDescribed(**whole, part_of=part))
    folded.tell(corrected("part of", ref.key, None))
    assert member(folded).part_of is None


def test_the_last_count_of_its_people_stands_and_each_has_its_date() -> None:
    folded = signed()
    for as_of, population in (("2022", 185_750), ("2011-05-09", 159_456), ("2022", 187_119)):
        folded.tell(PopulationCounted(**WHO, as_of=as_of, population=population))
    counts = [(one.as_of, one.population) for one in member(folded).populations]
    assert counts == [("2011-05-09", 159_456), ("2022", 187_119)]
    assert member(folded).population == 187_119
    then = member(folded).as_of("2015-01-01")
    assert then is not None
    assert then.population == 159_456
    away = {"fact": "population counted", "recorded": "2022", "reason": "another city's"}
    folded.tell(MemberCorrected.model_validate({**WHO, **away}))
    assert member(folded).population == 159_456


def test_whatever_is_published_of_a_member_says_its_last_count() -> None:
    folded = signed()
    counts = [("2022", 185_750), ("2011-05-09", 159_456)]
    for as_of, population in counts:
        (event,) = folded.tell(PopulationCounted(**WHO, as_of=as_of, population=population))
        assert event.model_dump()["last_population"] == 185_750
    (event,) = folded.tell(MemberDescribed(**WHO, website="https://potsdam.example"))
    assert event.model_dump()["last_population"] == 185_750
    (event,) = folded.tell(corrected("population counted", "2022", None))
    assert event.model_dump()["last_population"] == 159_456
    (event,) = folded.tell(corrected("population counted", "2011-05-09", None))
    assert event.model_dump()["last_population"] is None


def test_plans_compares_a_member_by_its_last_count_whenever_that_was_recorded() -> None:
    first, plans = membership_and_plans()
    first.tell(FOUNDED)
    plans.tell(PlanPublished(coalition="europe", version=1, commitments=TEXTS))
    first.tell(MemberApplied(**WHO, applied="2005"))
    first.tell(PopulationCounted(**WHO, as_of="2004", population=145_000))
    first.tell(CitySigned(**WHO, signed="2006"))
    assert holder(plans).population == 145_000
    first.tell(PopulationCounted(**WHO, as_of="2022", population=187_119))
    first.tell(PopulationCounted(**WHO, as_of="2011", population=159_456))
    assert holder(plans).population == 187_119
    first.tell(corrected("population counted", "2022", None))
    assert holder(plans).population == 159_456


def holder(plans: Any) -> MemberCommitments:
    found = plans.states[member_stream(POTSDAM.key)]
    assert isinstance(found, MemberCommitments)
    return found


def test_members_of_like_size_are_asked_for_by_least_and_most() -> None:
    assert of_size(None, None) is None
    assert of_size(100_000, None) == {"$gte": 100_000}
    assert of_size(100_000, 200_000) == {"$gte": 100_000, "$lte": 200_000}
