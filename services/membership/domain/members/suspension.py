"""Suspension by rule: a member whose report is missing is suspended until it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.membership.domain.coalitions.state import Coalition, stream
from services.membership.domain.members.decide import take_step
from shared.contracts.membership import MemberReinstated, MemberSuspended

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.membership.domain.members.state import Member
    from shared.contracts.base import Event
    from shared.contracts.plans import ReportAnswered, ReportFellOverdue
    from shared.domain.decider import Context


def suspend_when_report_overdue(
    member: Member | None, event: ReportFellOverdue, context: Context
) -> Sequence[Event]:
    """Suspend a member whose report is missing, where the statutes in force say so."""
    coalition = context.find(stream(event.coalition), Coalition)
    today = context.now.date().isoformat()
    if member is None or coalition is None or member.coalition != coalition.id:
        return []
    if member.state != "member" or not coalition.statutes_on(today).suspend_when_report_overdue:
        return []
    suspended = MemberSuspended(
        coalition=coalition.id,
        member=member.ref,
        suspended=today,
        reason=f"the report that was due on {event.due} is overdue",
        overdue_report=event.due,
    )
    return take_step(member, suspended, context)


def reinstate_when_answered(
    member: Member | None, event: ReportAnswered, context: Context
) -> Sequence[Event]:
    """Reinstate a member that was suspended by this rule, and has no overdue report any more.

    It may have been submitted, accepted late, or given more time. Who was suspended for another
    reason is not reinstated by a report.
    """
    if member is None or member.coalition != event.coalition or event.still_overdue:
        return []
    suspensions = [step for step in member.steps if step.step == "suspended"]
    if member.state != "suspended" or not suspensions[-1].overdue_report:
        return []
    reinstated = MemberReinstated(
        coalition=member.coalition,
        member=member.ref,
        reinstated=context.now.date().isoformat(),
        reason=f"the report that was due on {event.due} is not overdue any more",
    )
    return take_step(member, reinstated, context)
