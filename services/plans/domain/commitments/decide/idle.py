"""The clock says that commitments have not moved for a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.commitments.idle import by_clock
from services.plans.domain.plans.state import Plan, plan_stream
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.plans.domain.commitments.state import MemberCommitments
    from shared.contracts.base import Event
    from shared.contracts.plans import CommitmentsFellIdle
    from shared.domain.decider import Context


def fall_idle(
    holder: MemberCommitments | None, event: CommitmentsFellIdle, context: Context
) -> Sequence[Event]:
    """Say of which commitments it is so: whoever sends it, the clock must say so, too.

    Raises:
        Refused: the member holds no commitments.
    """
    if holder is None:
        raise Refused(f"{event.subject!r} holds no commitments, so none has stood still")
    plan = context.find(plan_stream(holder.coalition), Plan)
    found = by_clock(holder, plan.reporting if plan else None, context.now.date())
    return [found] if found else []
