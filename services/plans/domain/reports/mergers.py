"""A member takes over the reports that a duplicate, merged into it, had handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.commitments.state import MemberCommitments, member_stream
from services.plans.domain.plans.state import Plan, plan_stream
from services.plans.domain.reports import evolve
from services.plans.domain.reports.decide import answered
from services.plans.domain.reports.schedule import Duty
from services.plans.domain.reports.state import (
    DONE,
    MemberReports,
    Report,
    begins,
    find_report,
    report_stream,
    room,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shared.contracts.base import Event
    from shared.contracts.plans import ReportGivenBack, ReportTakenOver
    from shared.domain.decider import Context
    from shared.domain.stream import Stream


def both(event: ReportTakenOver) -> Iterable[Stream]:
    """The commitments of both, the rule, and the reports of the duplicate."""
    yield from duplicate(event)
    yield member_stream(event.subject)
    yield plan_stream(event.coalition)
    yield report_stream(event.merged.key)


def duplicate(event: ReportTakenOver | ReportGivenBack) -> Iterable[Stream]:
    """The commitments of the duplicate, which say whether it is one."""
    yield member_stream(event.merged.key)


def take_over(
    reports: MemberReports | None, event: ReportTakenOver, context: Context
) -> Sequence[Event]:
    """Take over a report that the duplicate handed in, where the member has not done with its own.

    A member that was merged itself meanwhile takes it over nevertheless, and hands it on.
    A report that was waived stays with the duplicate: perhaps it was just because it is one.
    """
    holder = context.find(member_stream(event.subject), MemberCommitments)
    if holder is None or not _is_merged(event, context):
        return []
    theirs = context.find(report_stream(event.merged.key), MemberReports)
    report, own = find_report(theirs, event.due), find_report(reports, event.due)
    if theirs is None or theirs.coalition != holder.coalition or not _is_handed_in(report):
        return []
    if _has_its_own(own) or (own is None and not _has_room(reports, event.due)):
        return []
    taken = {name: getattr(report, name) for name in evolve.TAKEN_ALONG}
    whose = {"member": holder.member, "coalition": holder.coalition, "merged": theirs.member}
    full = event.model_copy(update={**whose, **taken, "awaited": own is not None})
    plan = context.find(plan_stream(holder.coalition), Plan)
    duty = Duty(holder, plan.reporting if plan else None)
    return [answered(full, evolve.taken_over(reports, full), duty, context)]


def give_back(
    reports: MemberReports | None, event: ReportGivenBack, context: Context
) -> Sequence[Event]:
    """What was taken over is gone, since the two are two; what it handed in itself stays."""
    report = find_report(reports, event.due)
    taken = report.taken_over if report else None
    if reports is None or taken is None or taken.merged != event.merged.key:
        return []
    if _is_merged(event, context):
        return []
    return [event.model_copy(update={"member": reports.member, "coalition": reports.coalition})]


def _is_merged(event: ReportTakenOver | ReportGivenBack, context: Context) -> bool:
    merged = context.find(member_stream(event.merged.key), MemberCommitments)
    return merged is not None and merged.into == event.subject


def _is_handed_in(report: Report | None) -> bool:
    return report is not None and report.state in {"submitted", "accepted"}


def _has_its_own(report: Report | None) -> bool:
    """Whether the member has handed in, or is not asked; also where a revision is awaited of it."""
    return report is not None and (report.submitted is not None or report.state in DONE)


def _has_room(reports: MemberReports | None, due: str) -> bool:
    return room(reports) > 0 and due > (begins(reports) or "")
