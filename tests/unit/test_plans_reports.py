from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from services.plans.domain import Duty, State, by_clock
from shared.contracts.plans import (
    ReportAccepted,
    ReportExtended,
    ReportExtensionRequested,
    ReportFellDue,
    ReportFellOverdue,
    ReportSubmitted,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.plans_facts import (
    DUE,
    RULE,
    SIGNED,
    at,
    holder,
    names,
    opened,
    report,
    report_state,
    reports,
    reviewed,
    submitted,
    tick,
)


@pytest.fixture
def folded() -> Folded[State]:
    """Montevideo signed on 25 October 2006 and reports every two years, since 2020."""
    folded = opened()
    folded.tell(RULE)
    return folded


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
    assert report_state(folded) == "overdue"
    folded.tell(report(ReportExtended, until="2021-03-31"))
    assert report_state(folded) == "due"


def test_an_extension_says_which_reports_are_overdue_nevertheless(folded: Folded[State]) -> None:
    tick(folded, "2020-12-31")
    tick(folded, "2022-12-31")
    (longer,) = folded.tell(report(ReportExtended, until="2023-03-31"))
    assert isinstance(longer, ReportExtended)
    assert longer.still_overdue == ("2022-10-25",)
    (last,) = folded.tell(report(ReportExtended, due="2022-10-25", until="2023-03-31"))
    assert isinstance(last, ReportExtended)
    assert last.still_overdue == ()


def test_an_extension_that_has_passed_as_well_leaves_the_report_overdue(
    folded: Folded[State],
) -> None:
    tick(folded, "2021-06-01")
    (longer,) = folded.tell(report(ReportExtended, until="2021-01-31"))
    assert isinstance(longer, ReportExtended)
    assert longer.still_overdue == (DUE,)


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
    assert report_state(folded) == "to revise"
    folded.tell(submitted("2021-01-15"))
    accepted = folded.tell(reviewed("accepted", "2021-02-01"))
    assert names(accepted) == ["ReportReviewed", "ReportAccepted"]
    assert report_state(folded) == "accepted"
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


def test_a_revision_that_did_not_come_in_time_may_be_accepted_late(folded: Folded[State]) -> None:
    tick(folded, "2020-10-25")
    folded.tell(submitted())
    at(folded, "2020-12-01")
    folded.tell(reviewed("revise", until="2020-12-31"))
    assert tick(folded, "2021-03-01") == ["ReportFellOverdue"]
    with pytest.raises(Refused, match="not submitted: it is overdue"):
        folded.tell(reviewed("revise", "2021-02-01"))
    *_, accepted = folded.tell(reviewed("accepted", "2021-02-01"))
    assert isinstance(accepted, ReportAccepted)
    assert accepted.still_overdue == ()
    assert tick(folded, "2021-12-01") == []


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
    assert report_state(folded, "2012-03-31") == "submitted"


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
    tick(folded, "2020-12-31")
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
    assert report_state(folded) == "submitted"
