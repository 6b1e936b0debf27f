from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.plans.domain import DECIDER, State
from shared.contracts.base import MemberRef
from shared.contracts.membership import MemberAdmitted
from shared.contracts.plans import (
    CommitmentsAwaited,
    CommitmentsChosen,
    CommitmentsFellDue,
    CommitmentsOpened,
    CommitmentUpdated,
    PlanPublished,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.plans_facts import (
    MONTEVIDEO,
    PLAN,
    SIGNED,
    TITLES,
    holder,
    opened,
    update,
)


@pytest.fixture
def folded() -> Folded[State]:
    return Folded(DECIDER)


def test_ten_commitments_open_when_a_city_signs_after_the_plan(folded: Folded[State]) -> None:
    folded.tell(PLAN)
    (opened,) = folded.tell(SIGNED)
    assert isinstance(opened, CommitmentsOpened)
    assert [c.title for c in holder(folded).commitments] == list(TITLES)


def test_who_signs_before_the_plan_waits_visibly_until_it_is_there(folded: Folded[State]) -> None:
    (awaited,) = folded.tell(SIGNED)
    assert isinstance(awaited, CommitmentsAwaited)
    assert holder(folded).state == "awaiting"
    folded.tell(PLAN)
    (opened,) = folded.tell(CommitmentsFellDue(coalition="latin", member=MONTEVIDEO))
    assert isinstance(opened, CommitmentsOpened)


def test_signature_and_admission_open_commitments_once(folded: Folded[State]) -> None:
    folded.tell(PLAN)
    folded.tell(SIGNED)
    admitted = MemberAdmitted(coalition="latin", member=MONTEVIDEO, admitted="2008", state="member")
    assert folded.tell(admitted) == []
    assert folded.tell(CommitmentsFellDue(coalition="latin", member=MONTEVIDEO)) == []


def test_an_association_has_no_commitments_of_its_own(folded: Folded[State]) -> None:
    folded.tell(PLAN)
    uclg = MemberRef(name="UCLG", kind="association")
    assert folded.tell(SIGNED.model_copy(update={"member": uclg})) == []


@pytest.mark.parametrize("count", [9, 11])
def test_a_plan_has_exactly_ten_points(count: int) -> None:
    with pytest.raises(ValidationError):
        PlanPublished(coalition="latin", version=1, commitments=("x",) * count)


def test_an_update_says_what_was_before(folded: Folded[State]) -> None:
    folded.tell(PLAN)
    folded.tell(SIGNED)
    (first,) = folded.tell(update())
    assert isinstance(first, CommitmentUpdated)
    assert (first.status_before, first.title) == ("not started", "Commitment 3")
    assert folded.tell(update()) == []
    (second,) = folded.tell(update("2021", "completed"))
    assert isinstance(second, CommitmentUpdated)
    assert second.status_before == "in progress"


def test_an_update_of_a_commitment_that_is_not_open_is_refused(folded: Folded[State]) -> None:
    with pytest.raises(Refused, match="no commitments are open"):
        folded.tell(update())
    folded.tell(SIGNED)
    with pytest.raises(Refused, match="no commitments are open"):
        folded.tell(update())


def test_an_older_report_does_not_overwrite_a_newer_one(folded: Folded[State]) -> None:
    folded.tell(PLAN)
    folded.tell(SIGNED)
    folded.tell(update("2021", "completed"))
    with pytest.raises(Refused, match="older"):
        folded.tell(update("2020", "planned"))


def test_an_update_from_the_future_is_refused(folded: Folded[State]) -> None:
    with pytest.raises(Refused, match="future"):
        folded.tell(update("2030"))


def test_commitments_fall_due_only_for_those_who_wait(folded: Folded[State]) -> None:
    folded.tell(PLAN)
    with pytest.raises(Refused, match="awaits no"):
        folded.tell(CommitmentsFellDue(coalition="latin", member=MONTEVIDEO))


def choice(points: tuple[int, ...], as_of: str = "2007") -> CommitmentsChosen:
    return CommitmentsChosen(member=MONTEVIDEO, points=points, as_of=as_of)


def test_a_city_may_start_with_a_few_of_its_ten_commitments() -> None:
    folded = opened()
    folded.tell(choice((8, 1)))
    assert holder(folded).chosen == (1, 8)
    assert len(holder(folded).commitments) == 10
    assert folded.tell(choice((1, 8))) == []
    folded.tell(choice((1, 8, 9), "2010"))
    assert holder(folded).chosen == (1, 8, 9)
    with pytest.raises(Refused, match="older"):
        folded.tell(choice((2,), "2007"))


def test_a_choice_without_open_commitments_is_refused(folded: Folded[State]) -> None:
    with pytest.raises(Refused, match="no commitments are open"):
        folded.tell(choice((1,)))
