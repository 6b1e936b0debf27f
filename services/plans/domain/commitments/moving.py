"""When a commitment has moved last, and of which it was said that they have not for a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.contracts.base import latest

if TYPE_CHECKING:
    from services.plans.domain.commitments.state import CommitmentState, MemberCommitments
    from shared.contracts.plans import CommitmentsFellIdle


def fell_idle(holder: MemberCommitments, event: CommitmentsFellIdle) -> MemberCommitments:
    """It was said of some commitments; total, and without a rule."""
    commitments = (
        one.model_copy(update={"idle": last_moved(holder, one)})
        if one.point in event.points
        else one
        for one in holder.commitments
    )
    return holder.model_copy(update={"commitments": tuple(commitments)})


def last_moved(holder: MemberCommitments, commitment: CommitmentState) -> str | None:
    """The day, at the latest, on which a commitment, or an action for it, has moved last."""
    dates = [holder.joined, holder.moved, holder.plan_version_since, commitment.as_of]
    dates += (action.as_of for action in commitment.actions)
    dates += (reading.as_of for action in commitment.actions for reading in action.readings)
    moved = max((latest(one) for one in dates if one), default=None)
    return moved.isoformat() if moved else None
