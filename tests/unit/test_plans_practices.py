from __future__ import annotations

from typing import Any

import pytest

from services.plans.domain import Practice, Publication, State
from shared.contracts.base import MemberRef
from shared.contracts.plans import PracticeAdopted, PracticeShared, PublicationAnnounced
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.plans_facts import MONTEVIDEO, QUITO, opened


@pytest.fixture
def told() -> Folded[State]:
    return opened()


def shared(**more: Any) -> PracticeShared:
    said = {"practice": "centre", "coalition": "latin", "member": {"id": MONTEVIDEO.key}}
    rest = {"shared": "2020", "title": "A centre", "summary": "It\nworks."}
    return PracticeShared.model_validate({**said, **rest, **more})


def adopted(member: MemberRef = QUITO, **more: Any) -> PracticeAdopted:
    said = {"practice": "centre", "member": member, "adopted": "2021"}
    return PracticeAdopted.model_validate({**said, **more})


def practice(told: Folded[State]) -> Practice:
    state = told.states["practices/centre"]
    assert isinstance(state, Practice)
    return state


def test_a_practice_is_shared_and_said_anew_by_its_member(told: Folded[State]) -> None:
    (event,) = told.tell(shared())
    assert isinstance(event, PracticeShared)
    assert event.member == MONTEVIDEO
    assert told.tell(shared()) == []
    told.tell(shared(shared="2021", title="A better centre"))
    assert practice(told).title == "A better centre"
    with pytest.raises(Refused, match="older"):
        told.tell(shared())


def test_a_practice_belongs_to_who_shared_it(told: Folded[State]) -> None:
    told.tell(shared())
    with pytest.raises(Refused, match="is a practice of"):
        told.tell(shared(member=QUITO))
    with pytest.raises(Refused, match="belongs to the coalition"):
        told.tell(shared(practice="other", coalition="europe"))


def test_whoever_shares_is_known_or_named_in_full(told: Folded[State]) -> None:
    with pytest.raises(Refused, match="give its name"):
        told.tell(shared(member={"id": "nobody"}))
    told.tell(shared(member={"name": "UCLG", "kind": "association"}))
    assert practice(told).member.name == "UCLG"


def test_others_adopt_a_practice_and_later_say_how_it_went(told: Folded[State]) -> None:
    with pytest.raises(Refused, match="no practice"):
        told.tell(adopted())
    told.tell(shared())
    (event,) = told.tell(adopted())
    assert isinstance(event, PracticeAdopted)
    assert event.title == "A centre"
    assert told.tell(adopted()) == []
    told.tell(adopted(outcome="Well."))
    (adoption,) = practice(told).adoptions
    assert (adoption.member, adoption.outcome) == (QUITO, "Well.")
    told.tell(shared(shared="2022"))
    assert len(practice(told).adoptions) == 1


def test_nobody_adopts_its_own_practice(told: Folded[State]) -> None:
    told.tell(shared())
    with pytest.raises(Refused, match="own practice"):
        told.tell(adopted(MONTEVIDEO))


def test_a_practice_has_a_bounded_number_of_adoptions(told: Folded[State]) -> None:
    told.tell(shared())
    for number in range(500):
        told.tell(adopted(MemberRef(name=f"City {number}", country="EC", kind="city")))
    with pytest.raises(Refused, match="at most 500"):
        told.tell(adopted())


def test_a_publication_is_announced_and_said_anew(told: Folded[State]) -> None:
    said = {"publication": "p", "kind": "paper", "announced": "2022-05", "title": "Housing"}
    event = PublicationAnnounced.model_validate(said)
    assert told.tell(event) == [event]
    assert told.tell(event) == []
    told.tell(event.model_copy(update={"announced": "2023", "title": "Fair housing"}))
    held = told.states["publications/p"]
    assert isinstance(held, Publication)
    assert held.title == "Fair housing"
    with pytest.raises(Refused, match="older"):
        told.tell(event)
    with pytest.raises(Refused, match="future"):
        told.tell(event.model_copy(update={"announced": "2030"}))
