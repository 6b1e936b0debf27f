"""The municipal actions under a commitment, and what their indicators read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.plans.domain.commitments import derive
from services.plans.domain.dates import is_older, not_in_the_future
from services.plans.domain.holders import (
    Action,
    Held,
    MemberCommitments,
    Reading,
    find_action,
    open_for,
    with_held,
)
from shared.contracts.plans import ActionRecorded, IndicatorRead
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from shared.contracts.base import Event

MAX_ACTIONS: Final = 100
"""Actions of one member at most, so that its commitments always fit into one document."""
MAX_READINGS: Final = 60
"""Readings of one indicator at most."""


def record(
    event: ActionRecorded, holder: MemberCommitments | None, now: datetime
) -> Sequence[Event]:
    """A city says what it does for a commitment.

    Raises:
        Refused: the commitment is not open, a later word on the action is held, or there are
            too many.
    """
    not_in_the_future(event.as_of, now)
    holder = open_for(holder, event.subject, event.as_of)
    held, action = find_action(holder, event.action)
    if held and action:
        if (event.point, _action(event, action.readings)) == (held.point, action):
            return []
        if is_older(event.as_of, action.as_of):
            raise Refused(f"the action is known as of {action.as_of} already; this is older")
    elif room(holder) <= 0:
        raise Refused(f"a member has at most {MAX_ACTIONS} actions")
    told = event.model_copy(update={"member": holder.member, "coalition": holder.coalition})
    touched = [event.point, held.point] if held else [event.point]
    return [told, *derive(evolve(holder, told), touched)]


def room(holder: MemberCommitments) -> int:
    """How many more actions a member may have."""
    return MAX_ACTIONS - sum(len(held.actions) for held in holder.commitments)


def read(event: IndicatorRead, holder: MemberCommitments | None, now: datetime) -> Sequence[Event]:
    """A city reads the indicator of an action; a second word on the same date corrects it.

    Raises:
        Refused: there is no such action or it has no indicator, or there are too many readings.
    """
    not_in_the_future(event.as_of, now)
    holder = open_for(holder, event.subject, event.as_of)
    _, action = find_action(holder, event.action)
    if action is None:
        raise Refused(f"{event.subject!r} has no action {event.action!r}")
    if action.indicator is None:
        raise Refused(f"the action {event.action!r} has no indicator to read")
    others = [r for r in action.readings if r.as_of != event.as_of]
    if _reading(event) in action.readings:
        return []
    if len(others) >= MAX_READINGS:
        raise Refused(f"an indicator has at most {MAX_READINGS} readings")
    told = {
        "member": holder.member,
        "coalition": holder.coalition,
        "indicator": action.indicator,
    }
    return [event.model_copy(update=told)]


def evolve(holder: MemberCommitments, event: ActionRecorded | IndicatorRead) -> MemberCommitments:
    """Fold one published event about an action."""
    held, action = find_action(holder, event.action)
    if isinstance(event, IndicatorRead):
        if held is None or action is None:
            return holder
        return with_held(holder, [_with(held, action, _with_reading(action, event))])
    new = _action(event, action.readings if action else ())
    target = holder.commitments[event.point - 1]
    if held and action and held.point != event.point:
        holder = with_held(holder, [_with(held, action, None)])
        action = None
    return with_held(holder, [_with(target, action, new)])


def _with(held: Held, old: Action | None, new: Action | None) -> Held:
    others = [a for a in held.actions if old is None or a.action != old.action]
    actions = sorted([*others, *([new] if new else [])], key=lambda a: a.action)
    return held.model_copy(update={"actions": tuple(actions)})


def _with_reading(action: Action, event: IndicatorRead) -> Action:
    others = [r for r in action.readings if r.as_of != event.as_of]
    readings = sorted([*others, _reading(event)], key=lambda r: r.as_of)
    return action.model_copy(update={"readings": tuple(readings)})


def _reading(event: IndicatorRead) -> Reading:
    return Reading(value=event.value, as_of=event.as_of, evidence=event.evidence)


def _action(event: ActionRecorded, readings: tuple[Reading, ...]) -> Action:
    said = {name: getattr(event, name) for name in Action.model_fields if name != "readings"}
    return Action(**said, readings=readings)
