"""How far a commitment has come: what a city says, or what follows from its actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.contracts.plans import ActionStatus, Status

ADVANCE: Final[tuple[Status, ...]] = (
    "not started",
    "stalled",
    "planned",
    "in progress",
    "substantially done",
    "completed",
)
"""The statuses, the least advanced first."""
_HALF: Final = 0.5


def derived(actions: Iterable[ActionStatus]) -> Status:
    """The status that follows from actions; abandoned ones do not count.

    All completed: completed. If all that is left is stalled: stalled. At least half completed:
    substantially done. Anything begun or completed: in progress. Otherwise: planned.
    """
    counted = [status for status in actions if status != "abandoned"]
    if not counted:
        return "not started"
    left = [status for status in counted if status != "completed"]
    if not left:
        return "completed"
    if set(left) == {"stalled"}:
        return "stalled"
    if len(counted) - len(left) >= len(counted) * _HALF:
        return "substantially done"
    return "planned" if set(counted) <= {"planned", "stalled"} else "in progress"


def derived_percent(actions: Iterable[ActionStatus]) -> int:
    """The share of actions that are completed, in percent, cut; abandoned ones do not count."""
    counted = [status for status in actions if status != "abandoned"]
    return 100 * counted.count("completed") // len(counted) if counted else 0


def least_advanced(statuses: Iterable[Status]) -> Status:
    """The status of a commitment that several became: that of the least advanced one."""
    return min(statuses, key=ADVANCE.index, default="not started")
