from __future__ import annotations

from typing import Any

import pytest

from services.plans.domain import Practice, Publication, State
from shared.contracts.base import MemberRef
from shared.contracts.plans import PracticeAdopted, PracticeShared, PublicationAnnounced
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from tests.unit.fold import Folded
from tests.unit.plans_facts import MONTEVIDEO, QUITO, opened


@pytest.fixture
def folded() -> Folded[State]:
    return opened()


def shared(**more: Any) -> PracticeShared:
    fields = {"practice": "centre", "coalition": "latin", "member": {"id": MONTEVIDEO.key}}
    rest = {"shared": "2020", "title": "A centre", "summary": "It\nworks."}
    return PracticeShared.model_validate({**fields, **rest, **more})


def adopted(member: MemberRef = QUITO, **more: Any) -> PracticeAdopted:
    fields = {"practice": "centre", "member": member, "adopted": "2021"}
    return PracticeAdopted.model_validate({**fields, **more})


def practice(folded: Folded[State]) -> Practice:
    state = folded.states[Stream("practices", "centre")]
    assert isinstance(state, Practice)
    return state


def test_a_practice_is_shared_and_said_anew_by_its_member(folded: Folded[State]) -> None:
    (event,) = folded.tell(shared())
    assert isinstance(event, PracticeShared)
    assert event.member == MONTEVIDEO
    assert folded.tell(shared()) == []
    folded.tell(shared(shared="2021", title="A better centre"))
    assert practice(folded).title == "A better centre"
    with pytest.raises(Refused, match="older"):
        folded.tell(shared())


def test_a_practice_belongs_to_who_shared_it(folded: Folded[State]) -> None:
    folded.tell(shared())
    with pytest.raises(Refused, match="is a practice of"):
        folded.tell(shared(member=QUITO))
    with pytest.raises(Refused, match="belongs to the coalition"):
        folded.tell(shared(practice="other", coalition="europe"))


def test_whoever_shares_is_known_or_named_in_full(folded: Folded[State]) -> None:
    with pytest.raises(Refused, match="give its name"):
        folded.tell(shared(member={"id": "nobody"}))
    folded.tell(shared(member={"name": "UCLG", "kind": "association"}))
    assert practice(folded).member.name == "UCLG"


def test_others_adopt_a_practice_and_later_say_how_it_went(folded: Folded[State]) -> None:
    with pytest.raises(Refused, match="no practice"):
        folded.tell(adopted())
    folded.tell(shared())
    (event,) = folded.tell(adopted())
    assert isinstance(event, PracticeAdopted)
    assert event.title == "A centre"
    assert folded.tell(adopted()) == []
    folded.tell(adopted(outcome="Well."))
    (adoption,) = practice(folded).adoptions
    assert (adoption.member, adoption.outcome) == (QUITO, "Well.")
    folded.tell(shared(shared="2022"))
    assert len(practice(folded).adoptions) == 1


def test_nobody_adopts_its_own_practice(folded: Folded[State]) -> None:
    folded.tell(shared())
    with pytest.raises(Refused, match="own practice"):
        folded.tell(adopted(MONTEVIDEO))


def test_a_practice_has_a_bounded_number_of_adoptions(folded: Folded[State]) -> None:
    folded.tell(shared())
    for number in range(500):
        folded.tell(adopted(MemberRef(name=f"City {number}", country="EC", kind="city")))
    with pytest.raises(Refused, match="at most 500"):
        folded.tell(adopted())


def test_a_publication_is_announced_and_said_anew(folded: Folded[State]) -> None:
    fields = {"publication": "p", "kind": "paper", "announced": "2022-05", "title": "Housing"}
    event = PublicationAnnounced.model_validate(fields)
    assert folded.tell(event) == [event]
    assert folded.tell(event) == []
    folded.tell(event.model_copy(update={"announced": "2023", "title": "Fair housing"}))
    current = folded.states[Stream("publications", "p")]
    assert isinstance(current, Publication)
    assert current.title == "Fair housing"
    with pytest.raises(Refused, match="older"):
        folded.tell(event)
    with pytest.raises(Refused, match="future"):
        folded.tell(event.model_copy(update={"announced": "2030"}))
