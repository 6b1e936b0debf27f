"""The rules of reports: reminded, due, extended, overdue, submitted, reviewed, accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.plans.domain.dates import is_older, not_in_the_future
from services.plans.domain.report import DONE, MemberReports, Report, find
from services.plans.domain.schedule import ByClock, Duty, by_clock
from shared.contracts.plans import (
    ReportAccepted,
    ReportEvent,
    ReportExtended,
    ReportExtensionRequested,
    ReportReviewed,
    ReportSubmitted,
)
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from services.plans.domain.holders import MemberCommitments
    from services.plans.domain.plans import Plan
    from shared.contracts.base import Event

MAX_REPORTS: Final = 200
"""Reports of one member at most, so that they always fit into one document."""


def decide(
    event: ReportEvent,
    reports: MemberReports | None,
    holder: MemberCommitments | None,
    plan: Plan | None,
    now: datetime,
) -> Sequence[Event]:
    """Apply the rules to the report that is due on a date.

    Raises:
        Refused: the rules do not allow it.
    """
    duty = _duty(event, holder, plan)
    report = find(reports, event.due)
    event = event.model_copy(update={"member": duty.holder.member})
    if isinstance(event, ByClock):
        return _by_clock(event, duty, reports, now)
    if report is None:
        _may_be_new(event, duty, reports)
        report = Report(due=event.due, state="upcoming", deadline=event.due)
    match event:
        case ReportExtensionRequested():
            not_in_the_future(event.requested, now)
            return [] if event.until == report.requested_until else _more_time(event, report)
        case ReportExtended():
            return [] if event.until == report.deadline else _more_time(event, report)
        case ReportSubmitted():
            not_in_the_future(event.submitted, now)
            return _submit(event, report, reports)
        case ReportReviewed():
            not_in_the_future(event.reviewed, now)
            return _review(event, report)
        case ReportAccepted():
            not_in_the_future(event.accepted, now)
            return _accept(event, report)
        case _:
            raise Refused("plans has no rule for this event")


def _duty(event: ReportEvent, holder: MemberCommitments | None, plan: Plan | None) -> Duty:
    if holder is None:
        raise Refused(f"{event.subject!r} holds no commitments, so it owes no reports")
    if holder.into:
        raise Refused(f"{event.subject!r} was merged into {holder.into!r}: say it of that member")
    if holder.coalition != event.coalition:
        raise Refused(f"{event.subject!r} belongs to the coalition {holder.coalition!r}")
    return Duty(holder, plan.reporting if plan else None)


def _by_clock(
    event: ReportEvent, duty: Duty, reports: MemberReports | None, now: datetime
) -> Sequence[Event]:
    """Whoever says what the clock says, the clock must say it, too."""
    for said in by_clock(duty, reports, now.date()):
        if isinstance(said, type(event)) and said.due == event.due:
            return [said]
    if find(reports, event.due):
        return []
    raise Refused(f"by the rule of {event.coalition!r}, this is not so of a report on {event.due}")


def _may_be_new(event: ReportEvent, duty: Duty, reports: MemberReports | None) -> None:
    if not duty.allows(event.due):
        raise Refused(f"by the rule of {event.coalition!r}, no report is due on {event.due}")
    if reports and len(reports.reports) >= MAX_REPORTS:
        raise Refused(f"a member has at most {MAX_REPORTS} reports")


def _more_time(event: ReportExtensionRequested | ReportExtended, report: Report) -> Sequence[Event]:
    if report.state in DONE:
        raise Refused(f"the report is {report.state} already")
    if event.until <= (report.deadline or report.due):
        raise Refused(f"the report has time until {report.deadline or report.due} already")
    return [event]


def _submit(
    event: ReportSubmitted, report: Report, reports: MemberReports | None
) -> Sequence[Event]:
    said = (event.submitted, event.title, event.document, event.note)
    if said == (report.submitted, report.title, report.document, report.note):
        return []
    if report.state == "accepted":
        raise Refused("the report is accepted already")
    if is_older(event.submitted, report.submitted):
        raise Refused(f"a report submitted {report.submitted} is held already; this one is older")
    others = reports.reports if reports else ()
    overdue = tuple(r.due for r in others if r.state == "overdue" and r.due != event.due)
    return [event.model_copy(update={"still_overdue": overdue})]


def _review(event: ReportReviewed, report: Report) -> Sequence[Event]:
    said = (event.reviewed, event.reviewer, event.verdict, event.feedback)
    if said == (report.reviewed, report.reviewer, report.verdict, report.feedback):
        return []
    _is_submitted(report, event.reviewed)
    if event.verdict == "revise":
        return [event]
    return [event, _accepted(event)]


def _accepted(event: ReportReviewed) -> ReportAccepted:
    return ReportAccepted(
        coalition=event.coalition, member=event.member, due=event.due, accepted=event.reviewed
    )


def _accept(event: ReportAccepted, report: Report) -> Sequence[Event]:
    if report.state == "accepted":
        return []
    _is_submitted(report, event.accepted)
    return [event]


def _is_submitted(report: Report, on: str) -> None:
    if report.state != "submitted":
        raise Refused(f"the report due on {report.due} is not submitted: it is {report.state}")
    if is_older(on, report.submitted):
        raise Refused(f"{on} lies before the report was submitted, {report.submitted}")
