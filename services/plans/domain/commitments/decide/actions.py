"""What a member does for its commitments, and what the indicators of its actions read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.plans.domain.commitments import evolve
from services.plans.domain.commitments.corrections import facts
from services.plans.domain.commitments.decide.guards import require_open
from services.plans.domain.commitments.decide.progress import derive
from services.plans.domain.commitments.state import Action, Reading, find_action
from shared.domain.corrections.guards import refuse_corrected
from shared.domain.dates import is_older
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.plans.domain.commitments.state import MemberCommitments
    from shared.contracts.base import Event
    from shared.contracts.plans import ActionRecorded, IndicatorRead
    from shared.domain.decider import Context

MAX_ACTIONS: Final = 100
"""Actions of one member at most, so that its commitments always fit into one document."""
MAX_READINGS: Final = 60
"""Readings of one indicator at most."""


def record(
    holder: MemberCommitments | None, event: ActionRecorded, context: Context
) -> Sequence[Event]:
    """A city records what it does for a commitment.

    Raises:
        Refused: the commitment is not open, the action is recorded as of a later date, or there
            are too many.
    """
    holder = require_open(holder, event.member, event.as_of, context.now)
    commitment, action = find_action(holder, event.action)
    dates = facts.action_dates(holder, event.action)
    refuse_corrected(holder.corrections, facts.action(event.action), event.as_of, dates)
    if commitment and action:
        if (event.point, Action.of(event, action.readings)) == (commitment.point, action):
            return []
        if is_older(event.as_of, action.as_of):
            raise Refused(f"the action is recorded as of {action.as_of}; this is older")
    elif room(holder) <= 0:
        raise Refused(f"a member has at most {MAX_ACTIONS} actions")
    recorded = event.model_copy(update={"member": holder.member, "coalition": holder.coalition})
    touched = [event.point, commitment.point] if commitment else [event.point]
    return [recorded, *derive(evolve.action_recorded(holder, recorded), touched)]


def room(holder: MemberCommitments) -> int:
    """How many more actions a member may have."""
    return MAX_ACTIONS - sum(len(commitment.actions) for commitment in holder.commitments)


def read(
    holder: MemberCommitments | None, event: IndicatorRead, context: Context
) -> Sequence[Event]:
    """A city reads the indicator of an action; a second reading on the same date corrects it.

    Raises:
        Refused: there is no such action or it has no indicator, or there are too many readings.
    """
    holder = require_open(holder, event.member, event.as_of, context.now)
    _, action = find_action(holder, event.action)
    if action is None:
        raise Refused(f"{event.subject!r} has no action {event.action!r}")
    if action.indicator is None:
        raise Refused(f"the action {event.action!r} has no indicator to read")
    if Reading.of(event) in action.readings:
        return []
    dates = facts.reading_dates(holder, event.action)
    refuse_corrected(holder.corrections, facts.reading(event.action), event.as_of, dates)
    if sum(reading.as_of != event.as_of for reading in action.readings) >= MAX_READINGS:
        raise Refused(f"an indicator has at most {MAX_READINGS} readings")
    completed = {
        "member": holder.member,
        "coalition": holder.coalition,
        "title": action.title,
        "indicator": action.indicator,
    }
    return [event.model_copy(update=completed)]
