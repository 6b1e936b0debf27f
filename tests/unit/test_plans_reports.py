from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from services.plans.domain import Duty, State, by_clock
from shared.contracts.membership import MemberWithdrawn
from shared.contracts.plans import (
    ReportAccepted,
    ReportExtended,
    ReportExtensionRequested,
    ReportFellDue,
    ReportFellOverdue,
    ReportReminded,
    ReportReviewed,
    ReportSubmitted,
)
from shared.domain.dates import months_after
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from tests.unit.fold import Folded
from tests.unit.plans_facts import (
    MONTEVIDEO,
    RULE,
    SIGNED,
    at,
    holder,
    names,
    opened,
    plan,
    report,
    reports,
)

DUE = "2020-10-25"


@pytest.fixture
def folded() -> Folded[State]:
    """Montevideo signed on 25 October 2006 and reports every two years, since 2020."""
    folded = opened()
    folded.tell(RULE)
    return folded


def tick(folded: Folded[State], day: str) -> list[str]:
    """Say what the clock says on a day, until it says no more."""
    at(folded, day)
    duty = Duty(holder(folded), plan(folded).reporting)
    known = reports(folded) if Stream("reports", MONTEVIDEO.key) in folded.states else None
    return names(p for one in by_clock(duty, known, folded.now.date()) for p in folded.tell(one))


def state(folded: Folded[State], due: str = DUE) -> str:
    return next(r.state for r in reports(folded).reports if r.due == due)


def submitted(on: str = "2020-10-20") -> ReportSubmitted:
    return report(ReportSubmitted, submitted=on, title="Second report")


def reviewed(verdict: str, on: str = "2020-11-20", until: str | None = None) -> ReportReviewed:
    fields: dict[str, Any] = {"reviewed": on, "verdict": verdict, "until": until}
    return report(ReportReviewed, reviewer="Secretariat", **fields)


# --- the clock -------------------------------------------------------------------------------


def test_a_report_is_reminded_of_then_due_then_overdue(folded: Folded[State]) -> None:
    assert tick(folded, "2020-07-26") == []
    assert tick(folded, "2020-07-27") == ["ReportReminded"]
    assert tick(folded, "2020-10-10") == []
    assert tick(folded, "2020-10-11") == ["ReportReminded"]
    assert state(folded) == "upcoming"
    assert tick(folded, "2020-10-25") == ["ReportFellDue"]
    assert tick(folded, "2020-11-24") == []
    assert tick(folded, "2020-11-25") == ["ReportFellOverdue"]
    assert state(folded) == "overdue"
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
    tick(folded, "2023-01-01")
    assert [r.due for r in reports(folded).reports] == ["2020-10-25", "2022-10-25"]


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


# --- extensions ------------------------------------------------------------------------------


def test_more_time_is_asked_for_and_given(folded: Folded[State]) -> None:
    tick(folded, "2020-10-25")
    asked = report(ReportExtensionRequested, until="2020-12-31", requested="2020-10-25")
    folded.tell(asked)
    assert folded.tell(asked) == []
    assert reports(folded).reports[0].requested_until == "2020-12-31"
    given = report(ReportExtended, until="2020-12-31")
    folded.tell(given)
    assert folded.tell(given) == []
    assert reports(folded).reports[0].requested_until is None
    assert tick(folded, "2020-12-20") == ["ReportReminded"]
    assert tick(folded, "2021-01-30") == []
    assert tick(folded, "2021-01-31") == ["ReportFellOverdue"]


def test_an_overdue_report_that_is_given_more_time_is_due_again(folded: Folded[State]) -> None:
    tick(folded, "2020-12-31")
    assert state(folded) == "overdue"
    folded.tell(report(ReportExtended, until="2021-03-31"))
    assert state(folded) == "due"


def test_an_extension_does_not_shorten_nor_follow_a_submission(folded: Folded[State]) -> None:
    tick(folded, "2020-10-25")
    with pytest.raises(Refused, match="has time until"):
        folded.tell(report(ReportExtended, until="2020-10-01"))
    folded.tell(submitted())
    with pytest.raises(Refused, match="submitted already"):
        folded.tell(report(ReportExtended, until="2021-10-01"))


# --- submitted, reviewed, accepted -----------------------------------------------------------


def test_a_report_is_submitted_sent_back_and_accepted(folded: Folded[State]) -> None:
    tick(folded, "2020-10-25")
    folded.tell(submitted())
    assert folded.tell(submitted()) == []
    at(folded, "2021-06-01")
    folded.tell(reviewed("revise", until="2021-01-31"))
    assert state(folded) == "to revise"
    folded.tell(submitted("2021-01-15"))
    accepted = folded.tell(reviewed("accepted", "2021-02-01"))
    assert names(accepted) == ["ReportReviewed", "ReportAccepted"]
    assert state(folded) == "accepted"
    assert folded.tell(reviewed("accepted", "2021-02-01")) == []
    assert folded.tell(report(ReportAccepted, accepted="2021-02-01")) == []
    with pytest.raises(Refused, match="accepted already"):
        folded.tell(submitted("2021-03-01"))


def test_a_revision_falls_overdue_only_if_it_has_a_deadline(folded: Folded[State]) -> None:
    tick(folded, "2020-10-25")
    folded.tell(submitted())
    at(folded, "2020-12-01")
    folded.tell(reviewed("revise"))
    assert tick(folded, "2021-12-01") == []
    folded.tell(submitted("2021-11-01"))
    folded.tell(reviewed("revise", "2021-11-20", until="2021-11-30"))
    assert tick(folded, "2022-01-01") == ["ReportFellOverdue"]


def test_a_report_may_come_before_it_is_due_and_then_nothing_is_said(folded: Folded[State]) -> None:
    at(folded, "2020-10-20")
    folded.tell(submitted())
    assert tick(folded, "2021-10-25") == []
    assert folded.tell(report(ReportFellOverdue)) == []


def test_a_report_on_another_day_than_the_rules_is_refused(folded: Folded[State]) -> None:
    with pytest.raises(Refused, match="no report is due on 2020-10-26"):
        folded.tell(report(ReportSubmitted, due="2020-10-26", submitted="2020"))


@pytest.mark.parametrize("due", ["9999-12-31", "2020-10-24", "2008-10-24", "2021-10-25"])
def test_no_date_is_too_far_to_be_refused(folded: Folded[State], due: str) -> None:
    folded.tell(RULE.model_copy(update={"since": "0001-01-01"}))
    with pytest.raises(Refused, match=f"no report is due on {due}"):
        folded.tell(report(ReportSubmitted, due=due, submitted="2020"))


def test_a_report_from_before_the_rule_may_be_recorded(folded: Folded[State]) -> None:
    folded.tell(report(ReportSubmitted, due="2012-03-31", submitted="2012"))
    assert state(folded, "2012-03-31") == "submitted"


def test_an_older_submission_does_not_replace_a_newer_one(folded: Folded[State]) -> None:
    folded.tell(submitted("2020-10-20"))
    with pytest.raises(Refused, match="older"):
        folded.tell(submitted("2020-09-01"))


def test_a_member_has_a_bounded_number_of_reports(folded: Folded[State]) -> None:
    for number in range(200):
        day = date(2000 + number // 12, 1 + number % 12, 1).isoformat()
        folded.tell(report(ReportSubmitted, due=day, submitted="2020"))
    with pytest.raises(Refused, match="at most 200"):
        folded.tell(submitted())


def test_a_submission_says_which_reports_are_still_overdue(folded: Folded[State]) -> None:
    tick(folded, "2023-01-01")
    (first,) = folded.tell(submitted("2022-12"))
    assert isinstance(first, ReportSubmitted)
    assert first.still_overdue == ("2022-10-25",)


def test_only_what_was_submitted_is_reviewed_and_not_before(folded: Folded[State]) -> None:
    tick(folded, "2020-10-25")
    at(folded, "2020-12-01")
    with pytest.raises(Refused, match="not submitted: it is due"):
        folded.tell(reviewed("accepted"))
    folded.tell(submitted("2020-11-01"))
    with pytest.raises(Refused, match="before the report was submitted"):
        folded.tell(report(ReportAccepted, accepted="2020-10"))


def test_a_report_of_another_coalition_is_refused(folded: Folded[State]) -> None:
    with pytest.raises(Refused, match="belongs to the coalition 'latin'"):
        folded.tell(submitted().model_copy(update={"coalition": "europe"}))


def test_a_due_date_is_a_day() -> None:
    with pytest.raises(ValidationError):
        report(ReportFellDue, due="2020-10")


def test_no_rule_no_word_of_the_clock() -> None:
    folded = opened()
    assert not [*by_clock(Duty(holder(folded), None), None, date(2030, 1, 1))]
    folded.tell(SIGNED)
    folded.tell(submitted())
    assert state(folded) == "submitted"
