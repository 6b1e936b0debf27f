"""Corrections of steps, and suspension by the statutes' rule."""

from __future__ import annotations

import pytest

from services.membership.domain import State
from shared.contracts.membership import (
    MemberReinstated,
    MemberSuspended,
    StepCorrected,
)
from shared.contracts.plans import ReportFellOverdue, ReportSubmitted
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.membership_words import (
    DECIDED,
    SIGNED,
    WHO,
    corrected,
    founded,
    member,
    statutes,
    suspended,
)


@pytest.fixture
def told() -> Folded[State]:
    return founded()


# --- corrections ------------------------------


def test_a_wrong_date_is_corrected_and_what_was_said_is_kept(told: Folded[State]) -> None:
    told.tell(SIGNED)
    fix = corrected("signed", "2006-09", "2007-09-01")
    assert told.tell(fix)
    assert [s.date for s in member(told).steps] == ["2007-09-01"]
    (kept,) = member(told).corrections
    assert (kept.was.date, kept.right, kept.reason) == (
        "2006-09",
        "2007-09-01",
        "the minutes say so",
    )
    assert told.tell(fix) == []
    with pytest.raises(Refused, match="signed 2006-09 was corrected: the minutes say so"):
        told.tell(SIGNED)


def test_a_step_that_never_happened_makes_no_member(told: Folded[State]) -> None:
    told.tell(SIGNED)
    (published,) = told.tell(corrected("signed", "2006-09", None))
    assert isinstance(published, StepCorrected)
    assert (published.state, member(told).state, member(told).steps) == ("none", "none", ())


@pytest.mark.parametrize("right", [None, "2007"])
def test_a_correction_can_be_taken_back(told: Folded[State], right: str | None) -> None:
    told.tell(SIGNED)
    before = member(told)
    told.tell(corrected("signed", "2006-09", right))
    assert told.tell(corrected("signed", "2006-09", "2006-09"))
    assert member(told) == before


def test_what_nobody_said_is_not_corrected(told: Folded[State]) -> None:
    told.tell(SIGNED)
    with pytest.raises(Refused, match="nobody said admitted 2006"):
        told.tell(corrected("admitted", "2006", None))


def test_a_step_on_which_another_rests_stays(told: Folded[State]) -> None:
    told.tell(SIGNED)
    told.tell(suspended("2010"))
    with pytest.raises(Refused, match="then it could not have been suspended 2010"):
        told.tell(corrected("signed", "2006-09", None))


# --- suspension by rule ------------------------------

OVERDUE = ReportFellOverdue(**WHO, due="2025-06-30")
SUBMITTED = ReportSubmitted(**WHO, due="2025-06-30", submitted="2025-12")


def test_an_overdue_report_suspends_where_the_statutes_say_so(told: Folded[State]) -> None:
    told.tell(SIGNED)
    assert told.tell(OVERDUE) == []
    statutes(told, suspend_when_overdue=True)
    (published,) = told.tell(OVERDUE)
    assert isinstance(published, MemberSuspended)
    assert (published.suspended, published.overdue, published.state) == (
        "2026-01-01",
        "2025-06-30",
        "suspended",
    )
    assert told.tell(OVERDUE) == []


def test_the_report_that_comes_ends_the_suspension(told: Folded[State]) -> None:
    statutes(told, suspend_when_overdue=True)
    told.tell(SIGNED)
    told.tell(OVERDUE)
    still = SUBMITTED.model_copy(update={"still_overdue": ("2023-06-30",)})
    assert told.tell(still) == []
    (published,) = told.tell(SUBMITTED)
    assert isinstance(published, MemberReinstated)
    assert (published.state, member(told).state) == ("member", "member")


def test_a_report_does_not_end_a_suspension_for_another_reason(told: Folded[State]) -> None:
    statutes(told, suspend_when_overdue=True)
    told.tell(SIGNED)
    told.tell(suspended("2024"))
    assert told.tell(OVERDUE) == []
    assert told.tell(SUBMITTED) == []
    assert member(told).state == "suspended"


def test_reports_of_those_who_are_no_members_concern_nobody(told: Folded[State]) -> None:
    statutes(told, suspend_when_overdue=True)
    assert told.tell(OVERDUE) == []
    told.tell(DECIDED)
    assert told.tell(OVERDUE) == []
