"""What the clock says of reports."""

from __future__ import annotations

from datetime import date

import pytest

from services.plans.domain import Duty, State
from shared.contracts.membership import MemberWithdrawn, StepCorrected
from shared.contracts.plans import (
    ReportFellDue,
    ReportFellOverdue,
    ReportReminded,
    ReportSubmitted,
    ReportWaived,
)
from shared.domain.dates import months_after
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from tests.unit.fold import Folded
from tests.unit.plans_facts import (
    DUE,
    MONTEVIDEO,
    RULE,
    at,
    holder,
    opened,
    plan,
    report,
    report_state,
    reports,
    submitted,
    tick,
)


@pytest.fixture
def folded() -> Folded[State]:
    """Montevideo signed on 25 October 2006 and reports every two years, since 2020."""
    folded = opened()
    folded.tell(RULE)
    return folded


# --- the clock -------------------------------------------------------------------------------


def test_a_report_is_reminded_of_then_due_then_overdue(folded: Folded[State]) -> None:
    assert tick(folded, "2020-07-26") == []
    assert tick(folded, "2020-07-27") == ["ReportReminded"]
    assert tick(folded, "2020-10-10") == []
    assert tick(folded, "2020-10-11") == ["ReportReminded"]
    assert report_state(folded) == "upcoming"
    assert tick(folded, "2020-10-25") == ["ReportFellDue"]
    assert tick(folded, "2020-11-24") == []
    assert tick(folded, "2020-11-25") == ["ReportFellOverdue"]
    assert report_state(folded) == "overdue"
    assert tick(folded, "2020-11-26") == []


def test_the_clock_says_a_thing_once(folded: Folded[State]) -> None:
    assert tick(folded, "2020-10-25") == ["ReportFellDue"]
    assert tick(folded, "2020-10-25") == []
    assert folded.tell(report(ReportFellDue)) == []


def test_a_reminder_that_was_missed_is_not_made_up_for(folded: Folded[State]) -> None:
    assert tick(folded, "2020-10-20") == ["ReportReminded"]
    (only,) = reports(folded).reports
    assert only.reminded == (14,)


def test_nothing_falls_due_for_dates_before_the_rule_began(folded: Folded[State]) -> None:
    tick(folded, "2020-12-31")
    tick(folded, "2023-01-01")
    assert [r.due for r in reports(folded).reports] == ["2020-10-25", "2022-10-25"]


def test_of_periods_that_passed_unasked_only_the_last_is_asked_for(folded: Folded[State]) -> None:
    folded.tell(RULE.model_copy(update={"since": "2008-01-01", "every_months": 12}))
    assert tick(folded, "2026-01-01") == [
        "EarlierReportsWaived",
        "ReportFellDue",
        "ReportFellOverdue",
    ]
    assert [r.due for r in reports(folded).reports] == ["2025-10-25"]
    assert reports(folded).asked_from == "2025-10-25"
    assert tick(folded, "2026-01-02") == []
    # What was written then may still be recorded, and changes nothing of what is asked for.
    folded.tell(report(ReportSubmitted, due="2010-10-25", submitted="2010"))
    assert tick(folded, "2026-12-31") == ["ReportFellDue", "ReportFellOverdue"]


def test_a_report_that_was_asked_for_stays_when_the_next_is_due(folded: Folded[State]) -> None:
    tick(folded, "2020-12-31")
    assert tick(folded, "2026-01-01") == [
        "EarlierReportsWaived",
        "ReportFellDue",
        "ReportFellOverdue",
    ]
    assert [(r.due, r.state) for r in reports(folded).reports] == [
        ("2020-10-25", "overdue"),
        ("2024-10-25", "overdue"),
    ]


def test_reports_follow_a_corrected_date_of_joining(folded: Folded[State]) -> None:
    assert tick(folded, "2020-12-31") == ["ReportFellDue", "ReportFellOverdue"]
    corrected = {
        "step": "signed",
        "recorded": "2006-10-25",
        "correct": "2007-03-01",
        "reason": "A slip",
    }
    who = {"coalition": "latin", "member": MONTEVIDEO, "state": "member"}
    folded.tell(StepCorrected.model_validate({**who, **corrected}))
    assert tick(folded, "2021-01-01") == ["ReportWaived", "ReportReminded"]
    assert tick(folded, "2021-03-01") == ["ReportFellDue"]
    assert [(r.due, r.state) for r in reports(folded).reports] == [
        (DUE, "waived"),
        ("2021-03-01", "due"),
    ]


def test_the_secretariat_may_waive_a_report_with_a_reason(folded: Folded[State]) -> None:
    tick(folded, "2020-12-31")
    tick(folded, "2022-12-31")
    waived = report(ReportWaived, waived="2022-12")
    with pytest.raises(Refused, match="give the reason"):
        folded.tell(waived)
    waived = waived.model_copy(update={"reason": "the earthquake"})
    (published,) = folded.tell(waived)
    assert isinstance(published, ReportWaived)
    assert published.still_overdue == ("2022-10-25",)
    assert folded.tell(waived) == []
    assert tick(folded, "2023-01-01") == []
    folded.tell(submitted("2022-12-31"))
    with pytest.raises(Refused, match="it was submitted"):
        folded.tell(waived)


def test_a_rule_that_names_no_day_begins_today(folded: Folded[State]) -> None:
    folded = at(opened(), "2021-05-01")
    folded.tell(RULE.model_copy(update={"since": None}))
    assert (rule := plan(folded).reporting)
    assert rule.since == "2021-05-01"
    at(folded, "2021-06-01")
    assert folded.tell(RULE.model_copy(update={"since": None})) == []
    folded.tell(RULE.model_copy(update={"since": None, "every_months": 12}))
    assert (rule := plan(folded).reporting)
    assert rule.since == "2021-06-01"


def test_a_member_known_to_have_joined_in_a_year_has_until_that_years_end(
    folded: Folded[State],
) -> None:
    vague = holder(folded).model_copy(update={"joined": "2006"})
    duty = Duty(vague, plan(folded).reporting)
    assert [*duty.dates(date(2021, 1, 1))] == [date(2020, 12, 31)]


def test_months_end_where_the_month_does() -> None:
    assert months_after(date(2020, 8, 31), 6) == date(2021, 2, 28)
    assert months_after(date(2020, 2, 29), 48) == date(2024, 2, 29)


def test_a_stranger_cannot_say_what_the_clock_does_not(folded: Folded[State]) -> None:
    at(folded, "2020-10-24")
    for kind in (ReportFellDue, ReportFellOverdue):
        with pytest.raises(Refused, match="this is not so"):
            folded.tell(report(kind))
    with pytest.raises(Refused, match="this is not so"):
        folded.tell(report(ReportFellDue, due="2019-01-01"))
    with pytest.raises(Refused, match="this is not so"):
        folded.tell(report(ReportReminded, due="2022-10-25", days=14))


def test_who_has_left_is_not_asked_for_reports(folded: Folded[State]) -> None:
    left = MemberWithdrawn(
        coalition="latin", member=MONTEVIDEO, withdrawn="2015", state="withdrawn"
    )
    folded.tell(left)
    assert tick(folded, "2021-01-01") == []


def test_who_holds_no_commitments_owes_no_reports(folded: Folded[State]) -> None:
    del folded.states[Stream("commitments", MONTEVIDEO.key)]
    with pytest.raises(Refused, match="owes no reports"):
        folded.tell(submitted())
