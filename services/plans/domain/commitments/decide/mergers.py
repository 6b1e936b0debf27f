"""A member takes over what a duplicate, merged into it, had reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from services.plans.domain.commitments import evolve
from services.plans.domain.commitments.corrections.decide import as_carried
from services.plans.domain.commitments.corrections.evolve import given_back
from services.plans.domain.commitments.decide.actions import room
from services.plans.domain.commitments.decide.progress import derive
from services.plans.domain.commitments.state import (
    Action,
    CommitmentState,
    MemberCommitments,
    find_action,
    member_stream,
)
from shared.contracts.base import MemberRef, latest
from shared.contracts.plans import (
    ActionRecorded,
    CommitmentsGivenBack,
    CommitmentUpdated,
    DatedPoint,
    IndicatorRead,
)
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shared.contracts.base import Event
    from shared.contracts.plans import CommitmentsTakenOver
    from shared.domain.decider import Context

MAX_AT_ONCE: Final = 256 * 1024
"""Characters of JSON of the actions that are taken over at once."""
AboutAction: TypeAlias = ActionRecorded | IndicatorRead


def take_over(
    holder: MemberCommitments | None, event: CommitmentsTakenOver, context: Context
) -> Sequence[Event]:
    """Take over progress that is newer, and actions that it has not; by title of commitment.

    It takes as much at once as one journal entry holds well. What is published because of it has
    plans ask again, until nothing is left. A member that was merged itself meanwhile takes it over
    nevertheless: the one that it was merged into has it from there.

    Raises:
        Refused: the one was not merged into the other.
    """
    duplicate = context.find(member_stream(event.merged.key), MemberCommitments)
    if duplicate is None or duplicate.into != event.subject:
        raise Refused(f"{event.merged.key!r} was not merged into {event.subject!r}")
    if holder is None or holder.state != "open":
        return []
    places = {commitment.title: commitment for commitment in holder.commitments}
    pairs = [(old, places[old.title]) for old in duplicate.commitments if old.title in places]
    updates, actions = [*_newer(holder, pairs)], _first(_missing(holder, pairs))
    if not updates and not actions:
        return []
    after = holder
    for update in updates:
        after = evolve.updated(after, update)
    for action in actions:
        after = _with(after, action)
    derived = derive(after, [new.point for _, new in pairs])
    taken = {
        "member": holder.member,
        "plan_version": holder.plan_version,
        "progress": tuple(DatedPoint(point=one.point, as_of=one.as_of) for one in updates),
        "actions": tuple(one.action for one in actions if isinstance(one, ActionRecorded)),
    }
    return [event.model_copy(update=taken), *updates, *actions, *derived]


def give_back(holder: MemberCommitments, duplicate: str) -> Sequence[Event]:
    """What was taken over from a duplicate is gone, since the two are two after all."""
    taken = [one for one in holder.taken_over if one.merged == duplicate]
    if not taken:
        return []
    event = CommitmentsGivenBack(
        coalition=holder.coalition, member=holder.member, merged=MemberRef(id=duplicate)
    )
    after = given_back(holder, event)
    carried = tuple(map(as_carried, after.commitments))
    derived = derive(after, range(1, len(carried) + 1))
    return [event.model_copy(update={"commitments": carried}), *derived]


def _with(holder: MemberCommitments, event: AboutAction) -> MemberCommitments:
    if isinstance(event, ActionRecorded):
        return evolve.action_recorded(holder, event)
    return evolve.indicator_read(holder, event)


def _newer(
    holder: MemberCommitments, pairs: Sequence[tuple[CommitmentState, CommitmentState]]
) -> Iterator[CommitmentUpdated]:
    for old, new in pairs:
        newer = old.as_of and (new.as_of is None or latest(old.as_of) > latest(new.as_of))
        if old.as_of and newer and new.basis == "reported":
            yield CommitmentUpdated(
                member=holder.member,
                coalition=holder.coalition,
                point=new.point,
                title=new.title,
                status=old.status,
                status_before=new.status,
                as_of=old.as_of,
                note=old.note,
                evidence=old.evidence,
                basis="reported",
            )


def _first(actions: Iterable[Sequence[AboutAction]]) -> list[AboutAction]:
    """The first actions with their readings, as many as may be taken over at once."""
    taken: list[AboutAction] = []
    size = 0
    for events in actions:
        size += sum(len(event.model_dump_json()) for event in events)
        if taken and size > MAX_AT_ONCE:
            break
        taken += events
    return taken


def _missing(
    holder: MemberCommitments, pairs: Sequence[tuple[CommitmentState, CommitmentState]]
) -> Iterator[Sequence[AboutAction]]:
    missing = [
        (new.point, action)
        for old, new in pairs
        for action in old.actions
        if find_action(holder, action.action) == (None, None)
    ]
    for point, action in missing[: room(holder)]:
        yield [*_recorded(holder, point, action)]


def _recorded(holder: MemberCommitments, point: int, action: Action) -> Iterator[AboutAction]:
    whose = {"member": holder.member, "coalition": holder.coalition}
    fields = Action.model_fields.keys() - {"readings"}
    yield ActionRecorded(point=point, **{n: getattr(action, n) for n in fields}, **whose)
    for reading in action.readings:
        yield IndicatorRead(
            action=action.action,
            title=action.title,
            indicator=action.indicator,
            value=reading.value,
            as_of=reading.as_of,
            evidence=reading.evidence,
            **whose,
        )
