"""The rules of reports: reminded, due, extended, overdue, reviewed, accepted, waived."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from services.plans.domain.commitments.decide.guards import holder_and_plan
from services.plans.domain.commitments.state import MemberCommitments, member_stream
from services.plans.domain.reports import evolve
from services.plans.domain.reports.corrections.facts import date_of, fact
from services.plans.domain.reports.schedule import Duty, by_clock
from services.plans.domain.reports.state import (
    DONE,
    MAX_REPORTS,
    MemberReports,
    Report,
    begins,
    find_report,
    room,
    upcoming,
)
from shared.contracts.catalogue import called
from shared.contracts.plans import ReportAccepted, ReportAnswered, ReportEvent
from shared.domain.corrections.guards import refuse_corrected
from shared.domain.dates import is_older, refuse_future
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.plans.domain.reports.schedule import ByClock
    from shared.contracts.base import Event
    from shared.contracts.plans import (
        ReportExtended,
        ReportExtensionRequested,
        ReportReviewed,
        ReportsFollowed,
        ReportStep,
        ReportWaived,
    )
    from shared.domain.decider import Context

R = TypeVar("R", bound=ReportEvent)
A = TypeVar("A", bound=ReportAnswered)


def fall_due(reports: MemberReports | None, event: ByClock, context: Context) -> Sequence[Event]:
    """Remind, fall due or fall overdue: whoever sends it, the clock must say so, too.

    Raises:
        Refused: the clock does not say so.
    """
    duty = duty_of(event, context)
    for one in by_clock(duty, reports, context.now.date()):
        if isinstance(one, type(event)) and one.due == event.due:
            return [one]
    waived = reports.asked_from if reports else None
    if find_report(reports, event.due) or event.due <= (waived or ""):
        return []
    raise Refused(f"by the rule of {event.coalition!r}, this is not so of a report on {event.due}")


def follow(
    reports: MemberReports | None, event: ReportsFollowed, context: Context
) -> Sequence[Event]:
    """Be the reports of a member that is in another coalition; by its rule they are due now."""
    holder = context.find(member_stream(event.subject), MemberCommitments)
    if reports is None or holder is None or holder.coalition == reports.coalition:
        return []
    whose = {"coalition": holder.coalition, "member": holder.member}
    return [event.model_copy(update=whose)]


def request_extension(
    reports: MemberReports | None, event: ReportExtensionRequested, context: Context
) -> Sequence[Event]:
    """A member asks for more time.

    Raises:
        Refused: it owes no such report, gave it, or has that time already.
    """
    event, report = prepared(reports, event, context)
    refuse_future(event.requested, context.now)
    if event.until == report.requested_until:
        return []
    _refuse_no_more_time(event, report)
    refuse_corrected_step(reports, "extension requested", event, event.until)
    return [event]


def extend(
    reports: MemberReports | None, event: ReportExtended, context: Context
) -> Sequence[Event]:
    """The secretariat gives more time.

    Raises:
        Refused: the member owes no such report, gave it, or has that time already.
    """
    event, report = prepared(reports, event, context)
    if event.until == report.deadline:
        return []
    _refuse_no_more_time(event, report)
    refuse_corrected_step(reports, "extended", event, event.until)
    return [answered(event, evolve.extended(reports, event), duty_of(event, context), context)]


def _refuse_no_more_time(event: ReportExtensionRequested | ReportExtended, report: Report) -> None:
    if report.state in DONE:
        raise Refused(f"the report is {report.state} already")
    if event.until <= (report.deadline or report.due):
        raise Refused(f"the report has time until {report.deadline or report.due} already")


def review(
    reports: MemberReports | None, event: ReportReviewed, context: Context
) -> Sequence[Event]:
    """Reviewers accept a submitted report, or ask for a revision.

    Raises:
        Refused: it is not submitted, or was submitted later.
    """
    event, report = prepared(reports, event, context)
    refuse_future(event.reviewed, context.now)
    if not event.comments and event.reviewed == report.reviewed:
        event = event.model_copy(update={"comments": report.comments})  # a table has none
    new = (event.reviewed, event.reviewer, event.verdict, event.feedback, event.comments)
    said = (report.reviewed, report.reviewer, report.verdict, report.feedback, report.comments)
    if new == said:
        return []
    _require_submitted(report, event.reviewed)
    refuse_corrected_step(reports, "reviewed", event, event.reviewed)
    if event.verdict == "accepted":
        reports, accepted = evolve.reviewed(reports, event), _accepted(event)
        after = evolve.accepted(reports, accepted)
        return [event, answered(accepted, after, duty_of(event, context), context)]
    if report.state != "submitted":
        raise Refused(f"the report due on {report.due} is not submitted: it is {report.state}")
    return [event]


def _accepted(event: ReportReviewed) -> ReportAccepted:
    return ReportAccepted(
        coalition=event.coalition,
        member=event.member,
        due=event.due,
        accepted=event.reviewed,
        follows=called(event.type),
    )


def accept(
    reports: MemberReports | None, event: ReportAccepted, context: Context
) -> Sequence[Event]:
    """A submitted report is accepted.

    Raises:
        Refused: it is not submitted, or was submitted later.
    """
    event, report = prepared(reports, event.model_copy(update={"follows": None}), context)
    refuse_future(event.accepted, context.now)
    if report.state == "accepted":
        return []
    _require_submitted(report, event.accepted)
    refuse_corrected_step(reports, "accepted", event, event.accepted)
    return [answered(event, evolve.accepted(reports, event), duty_of(event, context), context)]


def waive(reports: MemberReports | None, event: ReportWaived, context: Context) -> Sequence[Event]:
    """A report is not asked for: the clock says so, or the secretariat, with a reason.

    Raises:
        Refused: it is there, or no reason is given.
    """
    event, report = prepared(reports, event, context)
    refuse_future(event.waived, context.now)
    if report.state == "waived":
        return []
    if report.state in DONE or report.submitted:
        raise Refused(f"the report is {report.state}: it was submitted {report.submitted}")
    if event.reason is None:
        raise Refused("give the reason why the report is not asked for")
    refuse_corrected_step(reports, "waived", event, event.waived)
    return [answered(event, evolve.waived(reports, event), duty_of(event, context), context)]


def _require_submitted(report: Report, on: str) -> None:
    """A revision that did not come, or not in time, may be accepted as it was submitted."""
    if report.submitted is None:
        raise Refused(f"the report due on {report.due} is not submitted: it is {report.state}")
    if is_older(on, report.submitted):
        raise Refused(f"{on} lies before the report was submitted, {report.submitted}")


# --- what all of them need -------------------------------------------------------------------


def answered(event: A, after: MemberReports, duty: Duty, context: Context) -> A:
    """The event with the due dates of the reports that are overdue nevertheless."""
    today = context.now.date()
    overdue = tuple(
        report.due
        for report in after.reports
        if report.state == "overdue"
        or (report.due == event.due and duty.is_overdue(report.deadline, today))
    )
    return event.model_copy(update={"still_overdue": overdue})


def refuse_corrected_step(
    reports: MemberReports | None, step: ReportStep, event: ReportEvent, date: str
) -> None:
    """Refuse a step that was found to be wrong.

    Raises:
        Refused: it was corrected, and is recorded with that date no more.
    """
    report = find_report(reports, event.due)
    if reports and report:
        dates = {date_of(report, step)}
        refuse_corrected(reports.corrections, fact(step, event.due), date, dates)


def prepared(reports: MemberReports | None, event: R, context: Context) -> tuple[R, Report]:
    """The event with the member's full reference, and the report that it is about.

    Raises:
        Refused: the member owes no such report.
    """
    duty = duty_of(event, context)
    completed = event.model_copy(update={"member": duty.holder.member})
    if report := find_report(reports, event.due):
        return completed, report
    if not duty.allows(event.due):
        raise Refused(f"by the rule of {event.coalition!r}, no report is due on {event.due}")
    if not room(reports) or event.due <= (begins(reports) or ""):
        raise Refused(
            f"a member has at most {MAX_REPORTS} reports; the oldest leaves the list when it is"
            " accepted, and none from before it is added"
        )
    return completed, upcoming(event.due)


def duty_of(event: ReportEvent, context: Context) -> Duty:
    """What decides when the member's reports are due.

    Raises:
        Refused: it owes none, or is of another coalition.
    """
    holder, plan = holder_and_plan(event.member, event.coalition, "reports", context)
    return Duty(holder, plan.reporting if plan else None)
