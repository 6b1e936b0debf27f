"""Corrections of steps, and suspension by the statutes' rule."""

from __future__ import annotations

import pytest

from services.membership.domain import State
from shared.contracts.membership import (
    MemberReinstated,
    MemberSuspended,
    StepCorrected,
)
from shared.contracts.plans import (
    REPORT_ANSWERS,
    ReportAccepted,
    ReportAnswered,
    ReportCorrected,
    ReportExtended,
    ReportFellOverdue,
    ReportSubmitted,
    ReportTakenOver,
    ReportWaived,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.membership_facts import (
    DECIDED,
    SIGNED,
    TWIN,
    WHO,
    corrected,
    founded,
    member,
    statutes,
    suspended,
)


@pytest.fixture
def folded() -> Folded[State]:
    return founded()


# --- corrections ------------------------------


def test_a_wrong_date_is_corrected_and_what_was_said_is_kept(folded: Folded[State]) -> None:
    folded.tell(SIGNED)
    fix = corrected("signed", "2006-09", "2007-09-01")
    assert folded.tell(fix)
    assert [s.date for s in member(folded).steps] == ["2007-09-01"]
    (kept,) = member(folded).corrections
    assert (kept.fact, kept.recorded, kept.correct, kept.reason) == (
        "signed",
        "2006-09",
        "2007-09-01",
        "the minutes say so",
    )
    assert folded.tell(fix) == []
    with pytest.raises(Refused, match="signed 2006-09 was corrected: the minutes say so"):
        folded.tell(SIGNED)


def test_a_step_that_never_happened_makes_no_member(folded: Folded[State]) -> None:
    folded.tell(SIGNED)
    (published,) = folded.tell(corrected("signed", "2006-09", None))
    assert isinstance(published, StepCorrected)
    assert (published.state, member(folded).state, member(folded).steps) == ("none", "none", ())


@pytest.mark.parametrize("correct", [None, "2007"])
def test_a_correction_can_be_taken_back(folded: Folded[State], correct: str | None) -> None:
    folded.tell(SIGNED)
    before = member(folded)
    folded.tell(corrected("signed", "2006-09", correct))
    assert folded.tell(corrected("signed", "2006-09", "2006-09"))
    assert member(folded) == before


def test_what_nobody_said_is_not_corrected(folded: Folded[State]) -> None:
    folded.tell(SIGNED)
    with pytest.raises(Refused, match="no step admitted 2006 is recorded"):
        folded.tell(corrected("admitted", "2006", None))


def test_a_step_on_which_another_rests_stays(folded: Folded[State]) -> None:
    folded.tell(SIGNED)
    folded.tell(suspended("2010"))
    with pytest.raises(Refused, match="then it could not have been suspended 2010"):
        folded.tell(corrected("signed", "2006-09", None))


# --- suspension by rule ------------------------------

OVERDUE = ReportFellOverdue(**WHO, due="2025-06-30")
SUBMITTED = ReportSubmitted(**WHO, due="2025-06-30", submitted="2025-12")
ANSWERS: list[ReportAnswered] = [
    SUBMITTED,
    ReportExtended(**WHO, due="2025-06-30", until="2026-06-30"),
    ReportAccepted(**WHO, due="2025-06-30", accepted="2025-12"),
    ReportWaived(**WHO, due="2025-06-30", waived="2025-12"),
    ReportTakenOver(**WHO, due="2025-06-30", merged=TWIN, submitted="2025-06"),
    ReportCorrected(
        **WHO, due="2025-06-30", step="extended", recorded="2025-07-31", reason="a slip"
    ),
]


def test_an_overdue_report_suspends_where_the_statutes_say_so(folded: Folded[State]) -> None:
    folded.tell(SIGNED)
    assert folded.tell(OVERDUE) == []
    statutes(folded, suspend_when_report_overdue=True)
    (published,) = folded.tell(OVERDUE)
    assert isinstance(published, MemberSuspended)
    assert (published.suspended, published.overdue_report, published.state) == (
        "2026-01-01",
        "2025-06-30",
        "suspended",
    )
    assert folded.tell(OVERDUE) == []


def test_each_answer_to_an_overdue_report_is_tried_here() -> None:
    assert {type(answer) for answer in ANSWERS} == {*REPORT_ANSWERS}


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_a_report_that_is_not_overdue_any_more_ends_the_suspension(
    folded: Folded[State], answer: ReportAnswered
) -> None:
    statutes(folded, suspend_when_report_overdue=True)
    folded.tell(SIGNED)
    folded.tell(OVERDUE)
    still = answer.model_copy(update={"still_overdue": ("2023-06-30",)})
    assert folded.tell(still) == []
    (published,) = folded.tell(answer)
    assert isinstance(published, MemberReinstated)
    assert (published.state, member(folded).state) == ("member", "member")


def test_a_report_does_not_end_a_suspension_for_another_reason(folded: Folded[State]) -> None:
    statutes(folded, suspend_when_report_overdue=True)
    folded.tell(SIGNED)
    folded.tell(suspended("2024"))
    assert folded.tell(OVERDUE) == []
    assert folded.tell(SUBMITTED) == []
    assert member(folded).state == "suspended"


def test_reports_of_those_who_are_no_members_concern_nobody(folded: Folded[State]) -> None:
    statutes(folded, suspend_when_report_overdue=True)
    assert folded.tell(OVERDUE) == []
    folded.tell(DECIDED)
    assert folded.tell(OVERDUE) == []
