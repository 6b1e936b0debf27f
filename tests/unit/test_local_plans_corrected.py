"""A local plan that is recorded wrongly is corrected, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.plans.domain import LocalPlanThen
from shared.contracts.plans import LocalPlanEnded, LocalPlanRenewed, LocalPlanSubmitted
from shared.domain.decider import Refused
from tests.unit.local_plan_facts import ADOPTED, about_plan, mended, on, plan, reviewed
from tests.unit.plans_facts import opened

if TYPE_CHECKING:
    from services.plans.domain import State
    from shared.contracts.plans import LocalPlanEvent
    from tests.unit.fold import Folded


@pytest.fixture
def folded() -> Folded[State]:
    folded = opened()
    folded.tell(ADOPTED)
    return folded


@pytest.mark.parametrize(
    ("step", "recorded", "correct"),
    [
        ("adopted", "2008-05", "2008-04"),
        ("submitted", "2009-01", "2009-02"),
        ("reviewed", "2009-06", "2009-07"),
        ("renewed", "2012", "2011"),
        ("ended", "2014", "2015"),
    ],
)
def test_each_dated_fact_of_it_is_corrected_and_the_wrong_one_is_not_taken_again(
    folded: Folded[State], step: str, recorded: str, correct: str
) -> None:
    history: dict[str, LocalPlanEvent] = {
        "adopted": ADOPTED,
        "submitted": about_plan(LocalPlanSubmitted, submitted="2009-01"),
        "reviewed": reviewed("2009-06"),
        "renewed": about_plan(LocalPlanRenewed, renewed="2012", ends="2016"),
        "ended": about_plan(LocalPlanEnded, ended="2014"),
    }
    for event in history.values():
        folded.tell(event)
    assert folded.tell(mended(step, recorded, correct))
    assert folded.tell(mended(step, recorded, correct)) == []
    dumped = plan(folded).model_dump_json()
    assert f'"{correct}"' in dumped
    assert plan(folded).corrections[-1].recorded == recorded
    with pytest.raises(Refused, match="the minutes say so"):
        folded.tell(history[step])
    folded.tell(mended(step, recorded, recorded))
    assert plan(folded).corrections == ()


def test_what_never_happened_is_gone_and_what_stood_on_it_is_corrected_first(
    folded: Folded[State],
) -> None:
    folded.tell(about_plan(LocalPlanSubmitted, submitted="2009-01"))
    folded.tell(reviewed("2009-06"))
    with pytest.raises(Refused, match="the plan is reviewed: correct that step first"):
        folded.tell(mended("submitted", "2009-01"))
    with pytest.raises(Refused, match="correct the step 'reviewed'"):
        folded.tell(mended("accepted", "2009-06"))
    folded.tell(mended("reviewed", "2009-06"))
    assert on(folded, "2010-01-01") == "submitted"
    folded.tell(mended("submitted", "2009-01"))
    assert on(folded, "2010-01-01") == "adopted"


def test_one_that_was_never_adopted_is_no_plan(folded: Folded[State]) -> None:
    folded.tell(mended("adopted", "2008-05"))
    assert plan(folded).standings == ()
    assert LocalPlanThen.of(plan(folded), "2026-01-01") is None
    with pytest.raises(Refused, match="recorded by mistake: the minutes say so"):
        folded.tell(about_plan(LocalPlanEnded, ended="2010"))
    folded.tell(mended("adopted", "2008-05", "2008-05"))
    assert on(folded, "2010-01-01") == "adopted"


def test_a_correction_keeps_the_order_of_what_happened(folded: Folded[State]) -> None:
    folded.tell(about_plan(LocalPlanSubmitted, submitted="2009-01"))
    with pytest.raises(Refused, match="then 2009-01 would lie before 2010"):
        folded.tell(mended("adopted", "2008-05", "2010"))
