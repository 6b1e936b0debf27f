"""A member in another coalition than before: what it reached is kept where it reached it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.commitments.state import Elsewhere, MemberCommitments, find_elsewhere
from shared.domain.dates import certain_day

if TYPE_CHECKING:
    from shared.contracts.plans import MemberNoted


def followed(holder: MemberCommitments, event: MemberNoted) -> MemberCommitments:
    """A member in the coalition that membership says it is in, with what it reached there."""
    if event.coalition == holder.coalition:
        return _dated(holder, event.moved)
    back = find_elsewhere(holder, event.coalition) or Elsewhere(coalition=event.coalition)
    others = (one for one in holder.elsewhere if one.coalition != event.coalition)
    has_moved = event.moved not in {holder.moved, back.moved}
    left = _left(holder, event.moved if has_moved else None)
    return holder.model_copy(update={**back.there, "elsewhere": (*others, left)})


def _left(holder: MemberCommitments, until: str | None) -> Elsewhere:
    there = Elsewhere.model_fields.keys() - {"until"}
    return Elsewhere(until=until, **{name: getattr(holder, name) for name in there})


def _dated(holder: MemberCommitments, moved: str | None) -> MemberCommitments:
    """It moved on another date than was recorded."""
    if moved == holder.moved:
        return holder
    ends = {"until": moved}
    elsewhere = (
        one.model_copy(update=ends) if one.until == holder.moved else one
        for one in holder.elsewhere
    )
    return holder.model_copy(update={"elsewhere": tuple(elsewhere)})


def as_of(holder: MemberCommitments, day: str) -> MemberCommitments:
    """A member in the coalition in which it was on a day."""
    left = [one for one in holder.elsewhere if one.until and certain_day(one.until) > day]
    first = min(left, key=lambda one: certain_day(one.until or ""), default=None)
    return holder.model_copy(update=first.there) if first else holder
