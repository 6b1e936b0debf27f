"""A point that an organisation bears for all members is nobody's who did not choose it."""

from __future__ import annotations

import pytest

from services.plans.domain import DECIDER, MemberCommitments, State
from services.plans.domain.as_of import commitments_at
from services.plans.domain.comparing import is_taken_up
from shared.contracts.base import MemberRef
from shared.contracts.membership import CitySigned
from shared.contracts.plans import (
    CommitmentsChosen,
    CommitmentsMoved,
    PlanPoint,
    PlanPublished,
)
from shared.domain.stream import Stream
from tests.unit.fold import Folded

TEXTS = tuple(f"Point {number}" for number in range(1, 11))
CONFERENCE = "United States Conference of Mayors"
BOSTON = MemberRef(name="Boston", country="US", kind="city")
POINTS = tuple(PlanPoint(borne_by=CONFERENCE if number == 10 else None) for number in range(1, 11))
PLAN = PlanPublished(coalition="us", version=1, commitments=TEXTS, points=POINTS)


@pytest.fixture
def folded() -> Folded[State]:
    folded: Folded[State] = Folded(DECIDER)
    folded.tell(PLAN)
    folded.tell(CitySigned(coalition="us", member=BOSTON, signed="2016", state="member"))
    return folded


def holder(folded: Folded[State]) -> MemberCommitments:
    state = folded.states[Stream("commitments", BOSTON.key)]
    assert isinstance(state, MemberCommitments)
    return state


def taken_up(folded: Folded[State]) -> list[int]:
    then = commitments_at(holder(folded), "2020-12-31")
    assert then is not None
    return [one.point for one in then.commitments if one.taken_up]


def test_it_is_shown_who_bears_a_point_and_no_city_is_behind_with_it(folded: Folded[State]) -> None:
    assert [c.borne_by for c in holder(folded).commitments] == [None] * 9 + [CONFERENCE]
    assert taken_up(folded) == list(range(1, 10))


def test_a_city_that_chose_it_is_compared_by_it(folded: Folded[State]) -> None:
    folded.tell(CommitmentsChosen(member=BOSTON, points=(9, 10), as_of="2017"))
    assert taken_up(folded) == [9, 10]


def test_a_later_version_says_anew_who_bears_what(folded: Folded[State]) -> None:
    points = (PlanPoint(borne_by=CONFERENCE), *[PlanPoint()] * 9)
    folded.tell(PLAN.model_copy(update={"version": 2, "points": points}))
    folded.tell(CommitmentsMoved(coalition="us", member=BOSTON, plan_version=2, moved="2018"))
    assert [c.borne_by for c in holder(folded).commitments] == [CONFERENCE] + [None] * 9
    assert taken_up(folded) == list(range(2, 11))


@pytest.mark.parametrize(("chosen", "borne_by"), [((), None), ((3,), "all"), ((3,), None)])
def test_who_is_compared_by_a_point(chosen: tuple[int, ...], borne_by: str | None) -> None:
    assert is_taken_up(3, chosen, borne_by)


@pytest.mark.parametrize(("chosen", "borne_by"), [((), "all"), ((4,), None), ((4,), "all")])
def test_who_is_not(chosen: tuple[int, ...], borne_by: str | None) -> None:
    assert not is_taken_up(3, chosen, borne_by)
