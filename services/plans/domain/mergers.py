"""A member takes over what a duplicate, merged into it, had reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain import actions, commitments
from services.plans.domain.holders import Action, Held, MemberCommitments, find_action
from shared.contracts.base import latest
from shared.contracts.plans import (
    ActionRecorded,
    CommitmentsTakenOver,
    CommitmentUpdated,
    IndicatorRead,
)
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.contracts.base import Event


def take_over(
    event: CommitmentsTakenOver,
    holder: MemberCommitments | None,
    duplicate: MemberCommitments | None,
) -> Sequence[Event]:
    """Take over progress that is newer, and actions that are not known; by title of commitment.

    Raises:
        Refused: the one was not merged into the other.
    """
    if duplicate is None or duplicate.into != event.subject:
        raise Refused(f"{event.merged.key!r} was not merged into {event.subject!r}")
    if holder is None or holder.state != "open" or holder.into:
        return []
    places = {held.title: held for held in holder.commitments}
    pairs = [(old, places[old.title]) for old in duplicate.commitments if old.title in places]
    taken = [*_newer(holder, pairs), *_unknown(holder, pairs)]
    if not taken:
        return []
    after = holder
    for one in taken:
        after = _folded(after, one)
    derived = commitments.derive(after, [new.point for _, new in pairs])
    return [event.model_copy(update={"member": holder.member}), *taken, *derived]


def _folded(holder: MemberCommitments, event: Event) -> MemberCommitments:
    if isinstance(event, ActionRecorded | IndicatorRead):
        return actions.evolve(holder, event)
    return commitments.evolve(holder, event)


def _newer(
    holder: MemberCommitments, pairs: Sequence[tuple[Held, Held]]
) -> Iterator[CommitmentUpdated]:
    for old, new in pairs:
        newer = old.as_of and (new.as_of is None or latest(old.as_of) > latest(new.as_of))
        if old.as_of and newer and new.basis == "said":
            yield CommitmentUpdated(
                member=holder.member,
                coalition=holder.coalition,
                point=new.point,
                title=new.title,
                status=old.status,
                previous=new.status,
                as_of=old.as_of,
                note=old.note,
                evidence=old.evidence,
                basis="said",
            )


def _unknown(
    holder: MemberCommitments, pairs: Sequence[tuple[Held, Held]]
) -> Iterator[ActionRecorded | IndicatorRead]:
    unknown = [
        (new.point, action)
        for old, new in pairs
        for action in old.actions
        if find_action(holder, action.action) == (None, None)
    ]
    for point, action in unknown[: actions.room(holder)]:
        yield from _again(holder, point, action)


def _again(
    holder: MemberCommitments, point: int, action: Action
) -> Iterator[ActionRecorded | IndicatorRead]:
    said = {name: getattr(action, name) for name in Action.model_fields if name != "readings"}
    whose = {"member": holder.member, "coalition": holder.coalition}
    yield ActionRecorded(point=point, **said, **whose)
    for reading in action.readings:
        yield IndicatorRead(
            action=action.action,
            indicator=action.indicator,
            value=reading.value,
            as_of=reading.as_of,
            evidence=reading.evidence,
            **whose,
        )
