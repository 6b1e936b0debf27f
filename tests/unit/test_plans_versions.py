from __future__ import annotations

from typing import Any

import pytest

from services.plans.domain import DECIDER, State
from shared.contracts.plans import (
    PlanDrafted,
    PlanPoint,
    PlanPublished,
    PlanVersionAdopted,
    PointMove,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.plans_facts import (
    MONTEVIDEO,
    PLAN,
    TITLES,
    action,
    basis,
    holder,
    names,
    opened,
    plan,
    update,
)

NEW = (*TITLES[1:], "A new commitment")
DRAFT = PlanDrafted(coalition="latin", version=2, commitments=NEW)


def second(**more: Any) -> PlanPublished:
    return PlanPublished.model_validate(
        {"coalition": "latin", "version": 2, "commitments": NEW, **more}
    )


def adopt(version: int = 2, adopted: str = "2021") -> PlanVersionAdopted:
    return PlanVersionAdopted(
        coalition="latin", member=MONTEVIDEO, version=version, adopted=adopted
    )


@pytest.fixture
def told() -> Folded[State]:
    return Folded(DECIDER)


def test_a_plan_is_published_once_and_the_next_version_supersedes_it(told: Folded[State]) -> None:
    told.tell(PLAN)
    assert told.tell(PLAN) == []
    told.tell(second())
    assert [(v.number, v.status) for v in plan(told).versions] == [
        (1, "superseded"),
        (2, "published"),
    ]
    assert (plan(told).plan_version, plan(told).commitments) == (2, NEW)


def test_the_text_that_binds_does_not_change_under_its_number(told: Folded[State]) -> None:
    told.tell(PLAN)
    with pytest.raises(Refused, match="another text"):
        told.tell(PLAN.model_copy(update={"commitments": TITLES[::-1]}))
    told.tell(second(mapping=[{"before": 2, "now": 1}]))
    with pytest.raises(Refused, match="another mapping"):
        told.tell(second(mapping=[{"before": 3, "now": 1}]))
    assert told.tell(second()) == []


def test_an_older_version_may_be_told_late_and_changes_nothing_in_force(
    told: Folded[State],
) -> None:
    told.tell(second())
    told.tell(PLAN)
    assert told.tell(PLAN) == []
    assert plan(told).plan_version == 2


def test_what_describes_a_version_may_be_told_later(told: Folded[State]) -> None:
    told.tell(PLAN)
    points = tuple(PlanPoint(titles={"es": f"Compromiso {n}"}, areas=("housing",)) for n in TITLES)
    told.tell(PLAN.model_copy(update={"points": points}))
    told.tell(PLAN.model_copy(update={"adopted": "2006-10"}))
    (version,) = plan(told).versions
    assert (version.points, version.adopted) == (points, "2006-10")
    assert told.tell(PLAN.model_copy(update={"adopted": "2006"})) == []
    with pytest.raises(Refused, match="contradicts"):
        told.tell(PLAN.model_copy(update={"adopted": "2007"}))


def test_a_draft_binds_nobody_and_may_change_until_it_is_published(told: Folded[State]) -> None:
    told.tell(DRAFT)
    assert plan(told).plan_version is None
    assert told.tell(DRAFT) == []
    told.tell(DRAFT.model_copy(update={"commitments": TITLES}))
    told.tell(second())
    assert plan(told).commitments == NEW
    with pytest.raises(Refused, match="published already"):
        told.tell(DRAFT)


def test_a_plan_has_a_bounded_number_of_versions(told: Folded[State]) -> None:
    for number in range(1, 51):
        told.tell(PLAN.model_copy(update={"version": number}))
    with pytest.raises(Refused, match="at most 50"):
        told.tell(PLAN.model_copy(update={"version": 51}))


def test_a_new_version_moves_nobody_who_did_not_decide_to() -> None:
    told = opened()
    told.tell(second())
    assert holder(told).plan_version == 1


def test_a_member_moves_by_its_own_decision_and_keeps_what_it_reached() -> None:
    told = opened()
    told.tell(update("2020", "completed", point=3))
    told.tell(action(point=5))
    told.tell(second())
    (moved,) = told.tell(adopt())
    assert isinstance(moved, PlanVersionAdopted)
    assert (moved.previous, len(moved.commitments or ())) == (1, 10)
    held = holder(told)
    assert held.plan_version == 2
    # The points of the same title are the same where no mapping is given.
    assert (held.commitments[1].title, held.commitments[1].status) == (TITLES[2], "completed")
    assert [a.action for a in held.commitments[3].actions] == ["centre"]
    assert held.commitments[9].status == "not started"
    assert [(p.point, p.status) for p in held.past][:3] == [
        (1, "not started"),
        (2, "not started"),
        (3, "completed"),
    ]
    assert told.tell(adopt()) == []


def test_where_several_commitments_become_one_the_least_advanced_counts() -> None:
    told = opened()
    told.tell(update("2019", "completed", point=1))
    told.tell(update("2020", "planned", point=2))
    mapping = (PointMove(before=1, now=7), PointMove(before=2, now=7))
    told.tell(second(mapping=mapping))
    told.tell(adopt())
    one = holder(told).commitments[6]
    assert (one.status, one.as_of) == ("planned", "2020")
    assert [c.status for c in holder(told).commitments if c.point != 7] == ["not started"] * 9


def test_a_move_over_two_versions_follows_both_mappings() -> None:
    told = opened()
    told.tell(update("2020", "completed", point=1))
    told.tell(second(mapping=[{"before": 1, "now": 5}]))
    told.tell(second(version=3, mapping=[{"before": 5, "now": 9}]))
    told.tell(adopt(3))
    assert holder(told).commitments[8].status == "completed"


def test_derived_progress_moves_with_the_actions_it_is_derived_from() -> None:
    told = opened()
    told.tell(action("completed"))
    told.tell(basis())
    told.tell(second())
    told.tell(adopt())
    moved = holder(told).commitments[1]
    assert (moved.basis, moved.status) == ("derived", "completed")
    assert names(told.tell(action("stalled", point=2, as_of="2022"))) == [
        "ActionRecorded",
        "CommitmentUpdated",
    ]


def test_two_derived_commitments_that_become_one_follow_all_their_actions() -> None:
    told = opened()
    for point, status in ((1, "completed"), (2, "in progress")):
        told.tell(basis(point=point))
        told.tell(action(status, point=point, id_=f"action-{point}"))
    told.tell(second(mapping=(PointMove(before=1, now=7), PointMove(before=2, now=7))))
    told.tell(adopt())
    one = holder(told).commitments[6]
    assert (one.basis, one.status, len(one.actions)) == ("derived", "substantially done", 2)


@pytest.mark.parametrize("version", [2, 3])
def test_nobody_moves_to_a_version_that_is_not_published(version: int) -> None:
    told = opened()
    told.tell(DRAFT)
    with pytest.raises(Refused, match="not published"):
        told.tell(adopt(version))


def test_nobody_moves_back() -> None:
    told = opened()
    told.tell(second())
    told.tell(adopt())
    with pytest.raises(Refused, match="has moved to version 2"):
        told.tell(adopt(1))
