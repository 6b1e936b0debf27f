"""What may be corrected of a member's reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.plans.domain.reports.corrections import evolve
from services.plans.domain.reports.corrections.facts import date_of, fact
from services.plans.domain.reports.decide import answered, duty_of
from services.plans.domain.reports.state import Report, find_report
from shared.domain.corrections.guards import checked
from shared.domain.dates import is_older, refuse_future
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.plans.domain.reports.state import MemberReports
    from shared.contracts.base import Event
    from shared.contracts.plans import ReportCorrected
    from shared.domain.decider import Context

_A_DAY: Final = len("2026-10-25")


def correct(
    reports: MemberReports | None, event: ReportCorrected, context: Context
) -> Sequence[Event]:
    """Correct a step of a report: its date, or that it never happened.

    Raises:
        Refused: there is no such step on that date, or others would not fit to it.
    """
    duty = duty_of(event, context)
    report = find_report(reports, event.due)
    if reports is None or report is None:
        raise Refused(f"{event.subject!r} has no report that is due on {event.due}")
    dates = {date_of(report, event.step)}
    _refuse_odd_date(event, context)
    if checked(reports.corrections, fact(event.step, event.due), event, dates) is None:
        return []
    _refuse_what_stands_on_it(report, event)
    after = evolve.corrected(reports, event)
    _refuse_disorder(find_report(after, event.due) or report)
    completed = event.model_copy(update={"member": duty.holder.member})
    return [answered(completed, after, duty, context)]


def _refuse_odd_date(event: ReportCorrected, context: Context) -> None:
    if event.step not in {"extended", "extension requested"}:
        refuse_future(event.correct, context.now)
    elif event.correct and (len(event.correct) != _A_DAY or event.correct <= event.due):
        raise Refused(
            f"{event.correct} is no day after {event.due}, until which there is more time"
        )


def _refuse_what_stands_on_it(report: Report, event: ReportCorrected) -> None:
    if event.correct is not None:
        return
    if event.step == "submitted" and report.accepted:
        raise Refused("the report is accepted: correct that step first")
    if event.step == "accepted" and report.verdict == "accepted":
        raise Refused("the report was accepted by a review: correct the step 'reviewed'")


def _refuse_disorder(report: Report) -> None:
    for later in (report.reviewed if report.state != "submitted" else None, report.accepted):
        if later and is_older(later, report.submitted):
            raise Refused(f"{later} lies before the report was submitted, {report.submitted}")
