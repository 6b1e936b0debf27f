"""What must be so before anything may be recorded of a member's commitments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.commitments.state import BOUND, MemberCommitments
from shared.contracts.base import earliest, latest
from shared.domain.dates import refuse_future
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from datetime import datetime


def require_open(
    holder: MemberCommitments | None, subject: str, as_of: str, now: datetime
) -> MemberCommitments:
    """The holder, if something as of a date may be recorded of its commitments.

    Raises:
        Refused: the date lies in the future, or they are not open, or were not on that date.
    """
    refuse_future(as_of, now)
    refuse_merged(holder)
    if holder is None or holder.state != "open":
        raise Refused(f"no commitments are open for {subject!r}")
    gone = holder.standing not in BOUND and holder.since
    if gone and earliest(as_of) > latest(gone):
        raise Refused(f"{subject!r} is {holder.standing} since {holder.since}")
    return holder


def refuse_merged(holder: MemberCommitments | None) -> None:
    """Refuse what names a duplicate.

    Raises:
        Refused: the member was merged into another.
    """
    if holder and holder.into:
        raise Refused(f"{holder.id!r} was merged into {holder.into!r}: send it for that member")
