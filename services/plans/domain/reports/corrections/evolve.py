"""What a published correction makes of a member's reports; total, and without a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.plans.domain.reports.corrections.facts import FIELDS, fact
from services.plans.domain.reports.state import find_report
from shared.contracts.base import latest
from shared.domain.corrections.dated import change

if TYPE_CHECKING:
    from services.plans.domain.reports.state import MemberReports, Report
    from shared.contracts.plans import ReportCorrected, ReportGivenBack, ReportStep

_NO_SUBMISSION = {
    "submitted": None,
    "title": None,
    "document": None,
    "note": None,
    "texts": (),
    "taken_over": None,
}
_NO_REVIEW = {
    "reviewed": None,
    "reviewer": None,
    "verdict": None,
    "feedback": None,
    "comments": (),
}


def corrected(reports: MemberReports, event: ReportCorrected) -> MemberReports:
    """A step of a report has another date, or never happened."""
    what = change(reports.corrections, fact(event.step, event.due), event)
    after = reports.model_copy(update={"corrections": what.corrections})
    report = find_report(after, event.due)
    if report is None or what.now is None or getattr(report, FIELDS[event.step]) != what.now:
        return after
    changes = (
        _dated(report, event.step, what.correct) if what.correct else _undone(report, event.step)
    )
    mended = report.model_copy(update=changes)
    return _with(after, report, mended)


def given_back(reports: MemberReports, event: ReportGivenBack) -> MemberReports:
    """What is from a duplicate is gone; what was there of the member's own is awaited anew."""
    report = find_report(reports, event.due)
    taken = report.taken_over if report else None
    if report is None or taken is None or taken.merged != event.merged.key:
        return reports
    if not taken.awaited and report.draft is None:
        return _with(reports, report)
    none_yet = {**_NO_SUBMISSION, **_NO_REVIEW, "accepted": None, **_awaited(report)}
    return _with(reports, report, report.model_copy(update=none_yet))


def _with(reports: MemberReports, report: Report, *instead: Report) -> MemberReports:
    """With another report, or none, in the place of one."""
    at = reports.reports.index(report)
    all_ = (*reports.reports[:at], *instead, *reports.reports[at + 1 :])
    return reports.model_copy(update={"reports": all_})


def _dated(report: Report, step: ReportStep, correct: str) -> dict[str, Any]:
    """It happened on another date."""
    if step == "extension requested":
        return {"requested_until": latest(correct).isoformat()}
    if step == "extended":
        day = latest(correct).isoformat()
        return {"extended": day, **(_due_again(report, day) if report.deadline else {})}
    with_it = step == "reviewed" and report.verdict == "accepted" and report.accepted
    return {FIELDS[step]: correct, **({"accepted": correct} if with_it else {})}


def _undone(report: Report, step: ReportStep) -> dict[str, Any]:
    """It never happened: the report stands as it did without it, and the clock goes on."""
    match step:
        case "extension requested":
            return {"requested_until": None}
        case "extended":
            again = _due_again(report, report.due) if report.deadline else {}
            return {"extended": None, **again}
        case "submitted":
            return {**_NO_SUBMISSION, **_awaited(report)}
        case "reviewed":
            was_accepted = {"accepted": None} if report.verdict == "accepted" else {}
            return {**_NO_REVIEW, **was_accepted, "state": "submitted", "deadline": None}
        case "accepted":
            return {"accepted": None, "state": _before_acceptance(report)}
        case "waived":
            return {"waived": None, **_awaited(report)}


def _before_acceptance(report: Report) -> str:
    return "to revise" if report.verdict == "revise" else "submitted"


def _awaited(report: Report) -> dict[str, Any]:
    deadline = report.extended or report.due
    return {"state": "upcoming", "deadline": deadline, "reminded": (), "chased": None}


def _due_again(report: Report, deadline: str) -> dict[str, Any]:
    state = "due" if report.state == "overdue" else report.state
    return {"state": state, "deadline": deadline, "reminded": (), "chased": None}
