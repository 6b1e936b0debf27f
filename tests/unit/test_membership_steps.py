"""What a member is, by which steps, since which day, under which statutes."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from services.membership.domain import Member, Membership, State
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CityDecided,
    CitySigned,
    CoalitionFounded,
    ConditionMet,
    MemberAcceded,
    MemberAdmitted,
    MemberApplied,
    MemberEvent,
    MemberReinstated,
    MemberReviewed,
    MemberSuspended,
    MemberWithdrawn,
    StatutesAdopted,
    StepCorrected,
)
from shared.contracts.plans import ReportFellOverdue, ReportSubmitted
from shared.decider import Refused
from tests.unit.fold import Folded

POTSDAM = MemberRef(name="Potsdam", country="DE", kind="city")
WHO: dict[str, Any] = {"coalition": "europe", "member": POTSDAM}
APPLIED = MemberApplied(**WHO, applied="2005")
DECIDED = CityDecided(**WHO, decided="2006-04-05")
SIGNED = CitySigned(**WHO, signed="2006-09")
ACCEDED = MemberAcceded(**WHO, acceded="2007-01-15")
ADMITTED = MemberAdmitted(**WHO, admitted="2008-04-02")


@pytest.fixture
def told() -> Folded[State]:
    folded = Folded(Membership())
    folded.tell(CoalitionFounded(coalition="europe", name="European Coalition"))
    return folded


def member(told: Folded[State]) -> Member:
    state = told.states[f"members/{POTSDAM.key}"]
    assert isinstance(state, Member)
    return state


def was(told: Folded[State], day: str) -> str | None:
    then = member(told).as_of(day)
    return then.state if then else None


def statutes(told: Folded[State], adopted: str = "2000", **rules: Any) -> None:
    told.tell(StatutesAdopted(coalition="europe", adopted=adopted, **rules))


def suspended(date: str) -> MemberSuspended:
    return MemberSuspended(**WHO, suspended=date, reason="no report")


def reinstated(date: str) -> MemberReinstated:
    return MemberReinstated(**WHO, reinstated=date)


def withdrawn(date: str) -> MemberWithdrawn:
    return MemberWithdrawn(**WHO, withdrawn=date)


def corrected(step: Any, said: str, right: str | None) -> StepCorrected:
    return StepCorrected(**WHO, step=step, said=said, right=right, reason="the minutes say so")


# --- the statutes say which step makes a member ------------------------------


@pytest.mark.parametrize(
    ("by", "after_each"),
    [
        ("decision", ["applied", "member", "member", "member", "member"]),
        ("signature", ["applied", "decided", "member", "member", "member"]),
        ("admission", ["applied", "decided", "signed", "acceded", "member"]),
    ],
)
def test_the_statutes_say_which_step_makes_a_member(
    told: Folded[State], by: str, after_each: list[str]
) -> None:
    statutes(told, membership_by=by)
    states = [told.tell(e)[0] for e in (APPLIED, DECIDED, SIGNED, ACCEDED, ADMITTED)]
    assert [e.state for e in states if isinstance(e, MemberEvent)] == after_each


@pytest.mark.parametrize("by", ["decision", "signature", "admission"])
def test_the_steps_of_joining_may_arrive_in_any_order(by: str) -> None:
    found = set()
    for order in permutations([APPLIED, DECIDED, SIGNED, ACCEDED, ADMITTED]):
        told = Folded[State](Membership())
        told.tell(CoalitionFounded(coalition="europe", name="European Coalition"))
        statutes(told, membership_by=by)
        for event in order:
            told.tell(event)
        found.add(member(told).standings)
    assert len(found) == 1


def test_a_step_counts_by_the_statutes_of_its_own_date(told: Folded[State]) -> None:
    statutes(told, "2010", membership_by="admission")
    told.tell(SIGNED)
    assert member(told).state == "member"
    bonn = MemberRef(name="Bonn", country="DE", kind="city")
    (published,) = told.tell(CitySigned(coalition="europe", member=bonn, signed="2015"))
    assert isinstance(published, CitySigned)
    assert published.state == "signed"


def test_statutes_told_late_are_applied_when_members_are_reviewed(told: Folded[State]) -> None:
    told.tell(SIGNED)
    review = MemberReviewed(**WHO)
    assert told.tell(review) == []
    statutes(told, membership_by="admission")
    (published,) = told.tell(review)
    assert isinstance(published, MemberReviewed)
    assert (published.state, member(told).state) == ("signed", "signed")
    assert told.tell(review) == []


def test_a_conditional_decision_stands_when_its_condition_is_met(told: Folded[State]) -> None:
    statutes(told, membership_by="decision")
    told.tell(CityDecided(**WHO, decided="2006-04", condition="subject to the budget"))
    assert member(told).state == "conditional"
    told.tell(ConditionMet(**WHO, met="2006-12"))
    assert member(told).state == "member"
    assert (was(told, "2006-12-30"), was(told, "2006-12-31")) == ("conditional", "member")


def test_no_condition_is_met_that_nobody_made(told: Folded[State]) -> None:
    told.tell(DECIDED)
    with pytest.raises(Refused, match="no decision of Potsdam on a condition is known"):
        told.tell(ConditionMet(**WHO, met="2006-12"))


def test_a_document_that_was_missing_is_news_once(told: Folded[State]) -> None:
    told.tell(SIGNED)
    signed = CitySigned(**WHO, signed="2006", signed_by="Mayor", document="https://example.org/1")
    assert told.tell(signed)
    assert told.tell(signed) == []
    (step,) = member(told).steps
    assert (step.date, step.signed_by, step.document) == (
        "2006-09",
        "Mayor",
        "https://example.org/1",
    )


# --- as of a day ------------------------------


def test_a_date_known_to_the_month_counts_from_its_last_day(told: Folded[State]) -> None:
    told.tell(SIGNED)
    assert (was(told, "2006-09-29"), was(told, "2006-09-30")) == (None, "member")


def test_what_must_have_been_before_a_suspension_was_so_by_then(told: Folded[State]) -> None:
    told.tell(CitySigned(**WHO, signed="2006"))
    told.tell(suspended("2006-05-10"))
    assert (was(told, "2006-05-09"), was(told, "2006-05-10")) == (None, "suspended")


def test_a_whole_life_as_of_any_day(told: Folded[State]) -> None:
    told_in_disorder = [
        ADMITTED,
        withdrawn("2012-06-01"),
        suspended("2010-03-01"),
        reinstated("2011-01-01"),
        DECIDED,
        CitySigned(**WHO, signed="2020-02-02"),
    ]
    for event in told_in_disorder:
        assert told.tell(event)
    days = ["2006-04-05", "2008-04-02", "2010-03-01", "2011-01-01", "2012-06-01", "2020-02-02"]
    assert [s.since for s in member(told).standings] == days
    assert [was(told, day) for day in days] == [
        "decided",
        "member",
        "suspended",
        "member",
        "withdrawn",
        "member",
    ]


# --- suspension, withdrawal, and what does not fit ------------------------------


def test_a_suspension_told_late_finds_its_place(told: Folded[State]) -> None:
    for event in (SIGNED, suspended("2012"), reinstated("2013"), suspended("2008")):
        assert told.tell(event)
    assert was(told, "2010-01-01") == "suspended"
    assert told.tell(reinstated("2009"))
    assert [(s.state, s.since[:4]) for s in member(told).standings] == [
        ("member", "2006"),
        ("suspended", "2008"),
        ("member", "2009"),
        ("suspended", "2012"),
        ("member", "2013"),
    ]


def test_nobody_leaves_twice(told: Folded[State]) -> None:
    told.tell(SIGNED)
    told.tell(withdrawn("2015"))
    with pytest.raises(Refused, match="then it could not have been withdrawn 2015"):
        told.tell(withdrawn("2014"))


def test_who_withdrew_and_said_so_again_is_out_only_once(told: Folded[State]) -> None:
    told.tell(SIGNED)
    told.tell(withdrawn("2012"))
    assert told.tell(withdrawn("2012")) == []
    assert told.tell(SIGNED) == []
    with pytest.raises(Refused, match="its state is 'withdrawn'"):
        told.tell(withdrawn("2014"))


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


def test_a_correction_can_be_taken_back(told: Folded[State]) -> None:
    told.tell(SIGNED)
    before = member(told)
    told.tell(corrected("signed", "2006-09", None))
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
