"""The facts of a member's commitments that can be corrected: their names, and their dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.plans.domain.commitments.state import find_action
from shared.domain.dates import certain_day

if TYPE_CHECKING:
    from services.plans.domain.commitments.state import Choice, MemberCommitments

CHOICE: Final = "the choice of commitments"


def progress(holder: MemberCommitments, point: int) -> str:
    """The progress of a commitment, under the member's version of the plan."""
    return f"the progress of commitment {point}, version {holder.plan_version}"


def action(id_: str) -> str:
    """An action."""
    return f"the action {id_!r}"


def reading(id_: str) -> str:
    """A reading of the indicator of an action."""
    return f"the indicator of {id_!r}"


def version(number: int) -> str:
    """The move to a version of the plan."""
    return f"the move to version {number}"


# --- their dates ------------------------------


def progress_dates(holder: MemberCommitments, point: int) -> frozenset[str]:
    """The dates of a commitment's progress."""
    return frozenset(one.as_of for one in holder.commitments[point - 1].course)


def choice_dates(holder: MemberCommitments) -> frozenset[str]:
    """The dates of a member's choices."""
    return frozenset(one.as_of for one in holder.choices)


def action_dates(holder: MemberCommitments, id_: str) -> frozenset[str]:
    """The date of an action as it stands, if there is such an action."""
    _, found = find_action(holder, id_)
    return frozenset({found.as_of} if found else ())


def reading_dates(holder: MemberCommitments, id_: str) -> frozenset[str]:
    """The dates of the readings of an action's indicator."""
    _, found = find_action(holder, id_)
    return frozenset(one.as_of for one in found.readings) if found else frozenset()


def moves(holder: MemberCommitments) -> dict[int, str]:
    """When the member moved to each version of its plan, the oldest first; as far as it is kept."""
    ends = {old.plan_version: old.until for old in holder.past}
    versions = [*ends, holder.plan_version or 0]
    return dict(zip(versions[1:], ends.values(), strict=True))


def version_before(holder: MemberCommitments, number: int) -> int | None:
    """The version from which the member moved to another."""
    versions = [*dict.fromkeys(old.plan_version for old in holder.past)]
    earlier = [one for one in versions if one < number]
    return earlier[-1] if earlier else None


def by_certain_day(choice: Choice) -> str:
    """The order of choices."""
    return certain_day(choice.as_of)
