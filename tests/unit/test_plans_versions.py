from __future__ import annotations

from typing import Any

import pytest

from services.plans.domain import DECIDER, State
from shared.contracts.plans import (
    CommitmentsMoved,
    PlanDrafted,
    PlanPoint,
    PlanPublished,
    PlanText,
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


def move(version: int = 2, on: str = "2021") -> CommitmentsMoved:
    return CommitmentsMoved(coalition="latin", member=MONTEVIDEO, plan_version=version, moved=on)


@pytest.fixture
def folded() -> Folded[State]:
    return Folded(DECIDER)


def test_a_plan_is_published_once_and_the_next_version_supersedes_it(folded: Folded[State]) -> None:
    folded.tell(PLAN)
    assert folded.tell(PLAN) == []
    folded.tell(second())
    assert [(v.number, v.state) for v in plan(folded).versions] == [
        (1, "superseded"),
        (2, "published"),
    ]
    assert (plan(folded).plan_version, plan(folded).commitments) == (2, NEW)


def test_the_text_that_binds_does_not_change_under_its_number(folded: Folded[State]) -> None:
    folded.tell(PLAN)
    with pytest.raises(Refused, match="another text"):
        folded.tell(PLAN.model_copy(update={"commitments": TITLES[::-1]}))
    folded.tell(second(mapping=[{"before": 2, "now": 1}]))
    with pytest.raises(Refused, match="another mapping"):
        folded.tell(second(mapping=[{"before": 3, "now": 1}]))
    assert folded.tell(second()) == []


def test_an_older_version_may_be_told_late_and_changes_nothing_in_force(
    folded: Folded[State],
) -> None:
    folded.tell(second())
    folded.tell(PLAN)
    assert folded.tell(PLAN) == []
    assert plan(folded).plan_version == 2


def test_what_describes_a_version_may_be_told_later(folded: Folded[State]) -> None:
    folded.tell(PLAN)
    points = tuple(PlanPoint(titles={"es": f"Compromiso {n}"}, areas=("housing",)) for n in TITLES)
    folded.tell(PLAN.model_copy(update={"points": points}))
    folded.tell(PLAN.model_copy(update={"adopted": "2006-10"}))
    (version,) = plan(folded).versions
    assert (version.points, version.adopted) == (points, "2006-10")
    assert folded.tell(PLAN.model_copy(update={"adopted": "2006"})) == []
    with pytest.raises(Refused, match="contradicts"):
        folded.tell(PLAN.model_copy(update={"adopted": "2007"}))


def test_a_draft_binds_nobody_and_may_change_until_it_is_published(folded: Folded[State]) -> None:
    folded.tell(DRAFT)
    assert plan(folded).plan_version is None
    assert folded.tell(DRAFT) == []
    folded.tell(DRAFT.model_copy(update={"commitments": TITLES}))
    folded.tell(second())
    assert plan(folded).commitments == NEW
    with pytest.raises(Refused, match="published already"):
        folded.tell(DRAFT)


def test_a_plan_has_a_bounded_number_of_versions(folded: Folded[State]) -> None:
    for number in range(1, 51):
        folded.tell(PLAN.model_copy(update={"version": number}))
    with pytest.raises(Refused, match="at most 50"):
        folded.tell(PLAN.model_copy(update={"version": 51}))


def test_a_new_version_moves_nobody_who_did_not_decide_to() -> None:
    folded = opened()
    folded.tell(second())
    assert holder(folded).plan_version == 1


def test_a_member_moves_by_its_own_decision_and_keeps_what_it_reached() -> None:
    folded = opened()
    folded.tell(update("2020", "completed", point=3))
    folded.tell(action(point=5))
    folded.tell(second())
    (moved,) = folded.tell(move())
    assert isinstance(moved, CommitmentsMoved)
    assert (moved.plan_version_before, len(moved.commitments or ())) == (1, 10)
    current = holder(folded)
    assert current.plan_version == 2
    # The points of the same title are the same where no mapping is given.
    assert (current.commitments[1].title, current.commitments[1].status) == (TITLES[2], "completed")
    assert [a.action for a in current.commitments[3].actions] == ["centre"]
    assert current.commitments[9].status == "not started"
    assert [(p.point, p.status) for p in current.past][:3] == [
        (1, "not started"),
        (2, "not started"),
        (3, "completed"),
    ]
    assert folded.tell(move()) == []


def test_where_several_commitments_become_one_the_least_advanced_counts() -> None:
    folded = opened()
    folded.tell(update("2019", "completed", point=1))
    folded.tell(update("2020", "planned", point=2))
    mapping = (PointMove(before=1, now=7), PointMove(before=2, now=7))
    folded.tell(second(mapping=mapping))
    folded.tell(move())
    one = holder(folded).commitments[6]
    assert (one.status, one.as_of) == ("planned", "2020")
    assert [c.status for c in holder(folded).commitments if c.point != 7] == ["not started"] * 9


def test_a_move_over_two_versions_follows_both_mappings() -> None:
    folded = opened()
    folded.tell(update("2020", "completed", point=1))
    folded.tell(second(mapping=[{"before": 1, "now": 5}]))
    folded.tell(second(version=3, mapping=[{"before": 5, "now": 9}]))
    folded.tell(move(3))
    assert holder(folded).commitments[8].status == "completed"


def test_derived_progress_moves_with_the_actions_it_is_derived_from() -> None:
    folded = opened()
    folded.tell(action("completed"))
    folded.tell(basis())
    folded.tell(second())
    folded.tell(move())
    moved = holder(folded).commitments[1]
    assert (moved.basis, moved.status) == ("derived", "completed")
    assert names(folded.tell(action("stalled", point=2, as_of="2022"))) == [
        "ActionRecorded",
        "CommitmentUpdated",
    ]


def test_two_derived_commitments_that_become_one_follow_all_their_actions() -> None:
    folded = opened()
    for point, status in ((1, "completed"), (2, "in progress")):
        folded.tell(basis(point=point))
        folded.tell(action(status, point=point, id_=f"action-{point}"))
    folded.tell(second(mapping=(PointMove(before=1, now=7), PointMove(before=2, now=7))))
    folded.tell(move())
    one = holder(folded).commitments[6]
    assert (one.basis, one.status, len(one.actions)) == ("derived", "substantially done", 2)


@pytest.mark.parametrize("version", [2, 3])
def test_nobody_moves_to_a_version_that_is_not_published(version: int) -> None:
    folded = opened()
    folded.tell(DRAFT)
    with pytest.raises(Refused, match="not published"):
        folded.tell(move(version))


def test_nobody_moves_back() -> None:
    folded = opened()
    folded.tell(second())
    folded.tell(move())
    with pytest.raises(Refused, match="has moved to version 2"):
        folded.tell(move(1))


# --- equal points, order, and nothing lost ------------------------------


@pytest.mark.parametrize("event", [PLAN, DRAFT])
def test_points_of_one_text_are_refused(folded: Folded[State], event: PlanText) -> None:
    twice = (*TITLES[:9], f"  {TITLES[2].upper()}")
    with pytest.raises(Refused, match="points 3 and 10 are equal"):
        folded.tell(event.model_copy(update={"commitments": twice}))


@pytest.mark.parametrize("first", [1, 2])
def test_a_newer_version_is_not_adopted_before_an_older_one(
    folded: Folded[State], first: int
) -> None:
    versions = [
        PLAN.model_copy(update={"adopted": "2015"}),
        second(adopted="2014"),
    ]
    folded.tell(versions[first - 1])
    with pytest.raises(Refused, match="version 2 would be adopted in 2014, before version 1"):
        folded.tell(versions[2 - first])


def test_nobody_moves_to_a_version_before_it_was_adopted() -> None:
    folded = opened()
    folded.tell(second(adopted="2015-06"))
    with pytest.raises(Refused, match="version 2 of the plan is of 2015-06"):
        folded.tell(move(on="2015-05"))
    folded.tell(move(on="2015"))


def test_nobody_moves_to_a_newer_version_before_having_moved_to_an_older_one() -> None:
    folded = opened()
    folded.tell(second())
    folded.tell(second(version=3))
    folded.tell(move())
    with pytest.raises(Refused, match="moved to version 2 2021"):
        folded.tell(move(3, "2020"))


def test_what_was_reached_is_not_lost_for_want_of_a_mapping() -> None:
    folded = opened()
    folded.tell(update("2020", "completed", point=1))
    folded.tell(second())
    with pytest.raises(Refused, match="commitment 1, 'Commitment 1', is completed, and version 2"):
        folded.tell(move())
    folded.tell(second(mapping=[{"before": 1, "now": 10}]))
    folded.tell(move())
    assert holder(folded).commitments[9].status == "completed"


def test_an_action_is_not_lost_for_want_of_a_mapping_either() -> None:
    folded = opened()
    folded.tell(action(point=1))
    folded.tell(second())
    folded.tell(second(version=3, commitments=TITLES))
    with pytest.raises(Refused, match="is not started, and version 2"):
        folded.tell(move(3))


def test_a_mapping_may_say_that_a_point_ends() -> None:
    folded = opened()
    folded.tell(update("2020", "completed", point=1))
    folded.tell(second(mapping=[]))
    folded.tell(move())
    assert {c.status for c in holder(folded).commitments} == {"not started"}


def test_commitments_that_become_one_keep_their_notes_and_evidence() -> None:
    folded = opened()
    for point in (1, 2):
        link = f"https://example.org/{point}"
        more = {"note": f"Note {point}", "evidence": (link,), "percent": 10 * point}
        folded.tell(update("2020", point=point).model_copy(update=more))
    folded.tell(second(mapping=(PointMove(before=1, now=7), PointMove(before=2, now=7))))
    folded.tell(move())
    one = holder(folded).commitments[6]
    assert one.note == "Commitment 1: Note 1\n\nCommitment 2: Note 2"
    assert one.evidence == ("https://example.org/1", "https://example.org/2")
    assert one.percent == 10


def test_notes_that_do_not_fit_together_are_kept_with_the_past() -> None:
    folded = opened()
    for point in (1, 2):
        note = {"note": str(point) * 3000}
        folded.tell(update("2020", point=point).model_copy(update=note))
    folded.tell(second(mapping=(PointMove(before=1, now=7), PointMove(before=2, now=7))))
    folded.tell(move())
    assert holder(folded).commitments[6].note == f"Commitment 1: {'1' * 3000}"
    assert [len(old.note or "") for old in holder(folded).past[:2]] == [3000, 3000]
