"""Suspension by rule: a member whose report is missing is suspended until it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.contracts.membership import MemberReinstated, MemberSuspended
from shared.contracts.plans import ReportFellOverdue, ReportSubmitted

if TYPE_CHECKING:
    from services.membership.domain.coalitions import Coalition
    from services.membership.domain.members import Member
    from shared.contracts.membership import MemberStep


def consequence(
    event: ReportFellOverdue | ReportSubmitted, member: Member, coalition: Coalition, today: str
) -> MemberStep | None:
    """What a missing report, or one that came, means for a membership; mostly nothing.

    The acceptance of a report changes nothing: it follows a submission, which did. Who was
    suspended for another reason is not reinstated by a report.
    """
    match event, member.state:
        case ReportFellOverdue(), "member" if coalition.statutes_on(today).suspend_when_overdue:
            return MemberSuspended(
                coalition=coalition.id,
                member=member.ref,
                suspended=today,
                reason=f"the report that was due on {event.due} is overdue",
                overdue=event.due,
            )
        case ReportSubmitted(), "suspended" if _waits(member) and not event.still_overdue:
            return MemberReinstated(
                coalition=coalition.id,
                member=member.ref,
                reinstated=today,
                reason=f"the report that was due on {event.due} is there",
            )
        case _:
            return None


def _waits(member: Member) -> bool:
    """Whether the suspension that lasts is one for a missing report."""
    suspensions = [s for s in member.steps if s.step == "suspended"]
    return bool(suspensions and suspensions[-1].overdue)
