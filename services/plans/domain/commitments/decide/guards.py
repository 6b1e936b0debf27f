"""What must be so before anything may be recorded of a member's commitments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.commitments.state import BOUND, MemberCommitments, member_stream
from services.plans.domain.plans.state import Plan, plan_stream
from shared.contracts.base import earliest, latest
from shared.domain.dates import refuse_future
from shared.domain.decider import Refused
from shared.domain.identity import refuse_another

if TYPE_CHECKING:
    from datetime import datetime

    from shared.contracts.base import MemberRef
    from shared.domain.decider import Context


def require_open(
    holder: MemberCommitments | None, member: MemberRef, as_of: str, now: datetime
) -> MemberCommitments:
    """The holder, if something as of a date may be recorded of its commitments.

    Raises:
        Refused: the date lies in the future, another member is meant, or they are not open, or
            were not on that date.
    """
    refuse_future(as_of, now)
    refuse_unmeant(holder, member)
    subject = member.key
    if holder is None or holder.state != "open":
        raise Refused(f"no commitments are open for {subject!r}")
    gone = holder.standing not in BOUND and holder.since
    if gone and earliest(as_of) > latest(gone):
        raise Refused(f"{subject!r} is {holder.standing} since {holder.since}")
    return holder


def holder_and_plan(
    member: MemberRef, coalition: str, owed: str, context: Context
) -> tuple[MemberCommitments, Plan | None]:
    """Who is to give its coalition something, and the coalition's plan, which has the rule of it.

    Args:
        member: who is meant.
        coalition: to which it would give it.
        owed: what it is, for the reason of a refusal.
        context: where both are found.

    Raises:
        Refused: the member holds no commitments, or is of another coalition.
    """
    holder = context.find(member_stream(member.key), MemberCommitments)
    if holder is None:
        raise Refused(f"{member.key!r} holds no commitments, so it owes no {owed}")
    refuse_unmeant(holder, member)
    if holder.coalition != coalition:
        raise Refused(f"{member.key!r} belongs to the coalition {holder.coalition!r}")
    return holder, context.find(plan_stream(coalition), Plan)


def refuse_unmeant(holder: MemberCommitments | None, member: MemberRef) -> None:
    """Refuse what names a duplicate, or means another member than the one of its id.

    Raises:
        Refused: the member was merged into another, or has another name.
    """
    if holder:
        refuse_another(member, holder.member, holder.formerly)
    if holder and holder.into:
        raise Refused(f"{holder.id!r} was merged into {holder.into!r}: send it for that member")
