"""The versions of a plan are corrected, and who moved to them."""

from __future__ import annotations

import pytest

from services.plans.domain import State
from shared.contracts.plans import (
    CommitmentRetitled,
    CommitmentsMoveCorrected,
    CommitmentsMoved,
    PlanDateCorrected,
    PlanMappingCorrected,
    PlanPointCorrected,
    PlanPublished,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.plans_facts import (
    MONTEVIDEO,
    PLAN,
    TITLES,
    WHY,
    action,
    holder,
    mend,
    opened,
    plan,
    progress,
    update,
)


@pytest.fixture
def folded() -> Folded[State]:
    return opened()


# --- versions of the plan ------------------------------

NEW = (*TITLES[1:], "A new commitment")
SECOND = PlanPublished(coalition="latin", version=2, commitments=NEW, adopted="2015")
MOVED = CommitmentsMoved(coalition="latin", member=MONTEVIDEO, plan_version=2, moved="2021")


def moved(folded: Folded[State]) -> Folded[State]:
    """Montevideo has moved to a second version, which begins with the second point."""
    folded.tell(SECOND)
    folded.tell(update("2020", "in progress", point=3).model_copy(update={"note": "A note"}))
    folded.tell(action(point=5))
    folded.tell(MOVED)
    return folded


def test_the_date_of_a_move_is_corrected(folded: Folded[State]) -> None:
    moved(folded).tell(mend(CommitmentsMoveCorrected, "2021", "2020-05", plan_version=2))
    current = holder(folded)
    assert (current.plan_version_since, {old.until for old in current.past}) == (
        "2020-05",
        {"2020-05"},
    )
    with pytest.raises(Refused, match="is of 2015"):
        folded.tell(mend(CommitmentsMoveCorrected, "2020-05", "2014", plan_version=2))


def test_who_never_moved_is_back_with_what_was_reported_since(folded: Folded[State]) -> None:
    before = holder(moved(folded)).past
    assert holder(folded).commitments[1].note == "A note"
    folded.tell(update("2023", "completed", point=2))
    folded.tell(action("completed", point=8, id_="later", as_of="2023"))
    (published,) = folded.tell(mend(CommitmentsMoveCorrected, "2021", None, plan_version=2))
    assert isinstance(published, CommitmentsMoveCorrected)
    current = holder(folded)
    assert (current.plan_version, current.plan_version_since, current.past) == (1, None, ())
    assert [c.title for c in current.commitments] == [old.title for old in before]
    assert progress(folded, point=3) == ("completed", "2023")
    assert [a.action for a in current.commitments[4].actions] == ["centre"]
    assert [a.action for a in current.commitments[8].actions] == ["later"]
    with pytest.raises(Refused, match="was corrected"):
        folded.tell(MOVED)


def test_who_has_reported_on_what_is_new_cannot_be_moved_back(folded: Folded[State]) -> None:
    moved(folded).tell(update("2023", "planned", point=10))
    with pytest.raises(Refused, match="commitment 10, 'A new commitment', has progress"):
        folded.tell(mend(CommitmentsMoveCorrected, "2021", None, plan_version=2))


def test_only_the_last_move_is_taken_back(folded: Folded[State]) -> None:
    moved(folded).tell(PLAN.model_copy(update={"version": 3, "commitments": NEW}))
    folded.tell(MOVED.model_copy(update={"plan_version": 3, "moved": "2022"}))
    with pytest.raises(Refused, match="has moved on to version 3"):
        folded.tell(mend(CommitmentsMoveCorrected, "2021", None, plan_version=2))
    folded.tell(mend(CommitmentsMoveCorrected, "2022", None, plan_version=3))
    folded.tell(mend(CommitmentsMoveCorrected, "2021", None, plan_version=2))
    assert holder(folded).plan_version == 1


def test_a_version_has_the_date_of_its_adoption_corrected(folded: Folded[State]) -> None:
    folded.tell(SECOND)
    folded.tell(mend(PlanDateCorrected, "2015", "2014-03", version=2))
    assert plan(folded).adopted == "2014-03"
    with pytest.raises(Refused, match="was corrected"):
        folded.tell(SECOND)
    folded.tell(mend(PlanDateCorrected, "2014-03", None, version=2))
    assert plan(folded).adopted is None


def test_the_text_of_a_point_is_corrected_and_each_commitment_follows(
    folded: Folded[State],
) -> None:
    moved(folded)
    wrong = mend(PlanPointCorrected, TITLES[1], "The right text", version=1, point=2)
    folded.tell(wrong)
    assert folded.tell(wrong) == []
    follow = CommitmentRetitled(coalition="latin", member=MONTEVIDEO, plan_version=1, point=2)
    folded.tell(follow)
    assert folded.tell(follow) == []
    assert holder(folded).past[1].title == "The right text"
    folded.tell(mend(PlanPointCorrected, NEW[0], "Another text", version=2, point=1))
    folded.tell(follow.model_copy(update={"plan_version": 2, "point": 1}))
    assert holder(folded).commitments[0].title == "Another text"
    with pytest.raises(Refused, match="is recorded as 'The right text'"):
        folded.tell(mend(PlanPointCorrected, TITLES[1], "Something", version=1, point=2))
    with pytest.raises(Refused, match="points 2 and 3 are equal"):
        folded.tell(mend(PlanPointCorrected, TITLES[2], "The RIGHT  text", version=1, point=3))


def test_a_corrected_mapping_counts_for_who_moves_from_now_on(folded: Folded[State]) -> None:
    folded.tell(SECOND.model_copy(update={"mapping": ()}))
    mapping = {"mapping": [{"before": 3, "now": 9}], "reason": WHY}
    folded.tell(
        PlanMappingCorrected.model_validate({"coalition": "latin", "version": 2, **mapping})
    )
    folded.tell(update("2020", "completed", point=3))
    folded.tell(MOVED)
    assert progress(folded, point=9) == ("completed", "2020")
