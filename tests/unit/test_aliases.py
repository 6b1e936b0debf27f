"""An id that follows from what was corrected of a member, and leads to it."""

from __future__ import annotations

import pytest

from shared.contracts.base import MemberRef
from shared.contracts.membership import CityDecided, CitySigned, MembersMerged
from shared.domain.decider import Refused
from tests.unit.membership_facts import member
from tests.unit.mending import ID, corrected, signed
from tests.unit.reacting import Reacting

NEUSTADT = MemberRef(name="Neustadt", country="DE", kind="city")
MERGED = MembersMerged(coalition="europe", member=ID, merged=NEUSTADT, reason="one city")


@pytest.fixture
def folded() -> Reacting:
    return signed()


def test_what_was_taken_back_can_be_corrected_once_more(folded: Reacting) -> None:
    for right in ("AT", "DE", "AT"):
        folded.tell(corrected("country", "DE", right))
    assert (member(folded).country, member(folded).aliases) == ("AT", ("at-city-potsdam",))
    assert folded.refused == []


@pytest.mark.parametrize("order", [("country", "kind"), ("kind", "country")])
def test_no_id_leads_to_a_member_when_all_is_taken_back_in_any_order(
    folded: Reacting, order: tuple[str, str]
) -> None:
    folded.tell(corrected("country", "DE", "AT"))
    folded.tell(corrected("kind", "city", "district"))
    assert member(folded).aliases == ("at-city-potsdam", "at-district-potsdam")
    recorded = {"country": "DE", "kind": "city"}
    for fact in order:
        folded.tell(corrected(fact, recorded[fact], recorded[fact]))
    assert member(folded).aliases == ()
    for alias in ("at-city-potsdam", "at-district-potsdam"):
        assert member(folded, MemberRef(id=alias)).merged_into is None


@pytest.fixture
def called_as_another(folded: Reacting) -> Reacting:
    """Its right name is that of another member, which is seen only when the id is to lead to it."""
    folded.tell(CitySigned(coalition="europe", member=NEUSTADT, signed="2010"))
    folded.tell(corrected("name", "Potsdam", "Neustadt"))
    assert folded.refused == [
        "'de-city-neustadt' is a member of its own: if they are one, merge them"
    ]
    folded.refused.clear()
    return folded


def test_a_member_is_merged_with_the_one_whose_id_follows_from_its_right_name(
    called_as_another: Reacting,
) -> None:
    assert called_as_another.tell(MERGED)
    assert member(called_as_another, NEUSTADT).merged_into == ID.key
    assert (member(called_as_another).absorbed, member(called_as_another).aliases) == (
        (NEUSTADT.key,),
        (),
    )
    assert called_as_another.tell(MERGED) == []
    assert called_as_another.refused == []


def test_that_merger_is_undone_as_any_other(called_as_another: Reacting) -> None:
    called_as_another.tell(MERGED)
    called_as_another.tell(corrected("merged", NEUSTADT.key, None))
    assert member(called_as_another, NEUSTADT).state == "member"
    assert called_as_another.refused == []


def test_an_alias_is_not_merged_since_nothing_is_recorded_under_it(folded: Reacting) -> None:
    folded.tell(corrected("name", "Potsdam", "Neustadt"))
    with pytest.raises(Refused, match="is one with 'de-city-potsdam'"):
        folded.tell(CityDecided(coalition="europe", member=NEUSTADT, decided="2006"))
    assert folded.tell(MERGED) == []
