"""The rules of reports: reminded, due, extended, overdue, submitted, reviewed, accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from services.plans.domain.commitments.decide.guards import refuse_unmeant
from services.plans.domain.commitments.state import MemberCommitments, member_stream
from services.plans.domain.plans.state import Plan, plan_stream
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
from shared.contracts.plans import ReportAccepted, ReportEvent
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
        ReportSubmitted,
    )
    from shared.domain.decider import Context

R = TypeVar("R", bound=ReportEvent)


def fall_due(reports: MemberReports | None, event: ByClock, context: Context) -> Sequence[Event]:
    """Remind, fall due or fall overdue: whoever sends it, the clock must say so, too.

    Raises:
        Refused: the clock does not say so.
    """
    duty = _duty(event, context)
    for one in by_clock(duty, reports, context.now.date()):
        if isinstance(one, type(event)) and one.due == event.due:
            return [one]
    if find_report(reports, event.due):
        return []
    raise Refused(f"by the rule of {event.coalition!r}, this is not so of a report on {event.due}")


def request_extension(
    reports: MemberReports | None, event: ReportExtensionRequested, context: Context
) -> Sequence[Event]:
    """A member asks for more time.

    Raises:
        Refused: it owes no such report, gave it, or has that time already.
    """
    event, report = _prepared(reports, event, context)
    refuse_future(event.requested, context.now)
    return [] if event.until == report.requested_until else _more_time(event, report)


def extend(
    reports: MemberReports | None, event: ReportExtended, context: Context
) -> Sequence[Event]:
    """The secretariat gives more time.

    Raises:
        Refused: the member owes no such report, gave it, or has that time already.
    """
    event, report = _prepared(reports, event, context)
    return [] if event.until == report.deadline else _more_time(event, report)


def _more_time(event: ReportExtensionRequested | ReportExtended, report: Report) -> Sequence[Event]:
    if report.state in DONE:
        raise Refused(f"the report is {report.state} already")
    if event.until <= (report.deadline or report.due):
        raise Refused(f"the report has time until {report.deadline or report.due} already")
    return [event]


def submit(
    reports: MemberReports | None, event: ReportSubmitted, context: Context
) -> Sequence[Event]:
    """A member submits a report, or submits it anew.

    Raises:
        Refused: it owes no such report, or a later or accepted one is there.
    """
    event, report = _prepared(reports, event, context)
    refuse_future(event.submitted, context.now)
    new = (event.submitted, event.title, event.document, event.note)
    if new == (report.submitted, report.title, report.document, report.note):
        return []
    if report.state == "accepted":
        raise Refused("the report is accepted already")
    if is_older(event.submitted, report.submitted):
        raise Refused(f"the report was submitted {report.submitted}; this one is older")
    others = reports.reports if reports else ()
    overdue = tuple(r.due for r in others if r.state == "overdue" and r.due != event.due)
    return [event.model_copy(update={"still_overdue": overdue})]


def review(
    reports: MemberReports | None, event: ReportReviewed, context: Context
) -> Sequence[Event]:
    """Reviewers accept a submitted report, or ask for a revision.

    Raises:
        Refused: it is not submitted, or was submitted later.
    """
    event, report = _prepared(reports, event, context)
    refuse_future(event.reviewed, context.now)
    new = (event.reviewed, event.reviewer, event.verdict, event.feedback)
    if new == (report.reviewed, report.reviewer, report.verdict, report.feedback):
        return []
    _require_submitted(report, event.reviewed)
    return [event] if event.verdict == "revise" else [event, _accepted(event)]


def _accepted(event: ReportReviewed) -> ReportAccepted:
    return ReportAccepted(
        coalition=event.coalition, member=event.member, due=event.due, accepted=event.reviewed
    )


def accept(
    reports: MemberReports | None, event: ReportAccepted, context: Context
) -> Sequence[Event]:
    """A submitted report is accepted.

    Raises:
        Refused: it is not submitted, or was submitted later.
    """
    event, report = _prepared(reports, event, context)
    refuse_future(event.accepted, context.now)
    if report.state == "accepted":
        return []
    _require_submitted(report, event.accepted)
    return [event]


def _require_submitted(report: Report, on: str) -> None:
    if report.state != "submitted":
        raise Refused(f"the report due on {report.due} is not submitted: it is {report.state}")
    if is_older(on, report.submitted):
        raise Refused(f"{on} lies before the report was submitted, {report.submitted}")


# --- what all of them need -------------------------------------------------------------------


def _prepared(reports: MemberReports | None, event: R, context: Context) -> tuple[R, Report]:
    """The event with the member's full reference, and the report that it is about."""
    duty = _duty(event, context)
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


def _duty(event: ReportEvent, context: Context) -> Duty:
    holder = context.find(member_stream(event.subject), MemberCommitments)
    if holder is None:
        raise Refused(f"{event.subject!r} holds no commitments, so it owes no reports")
    refuse_unmeant(holder, event.member)
    if holder.coalition != event.coalition:
        raise Refused(f"{event.subject!r} belongs to the coalition {holder.coalition!r}")
    plan = context.find(plan_stream(event.coalition), Plan)
    return Duty(holder, plan.reporting if plan else None)
