"""The rules of a member's ten commitments: how far each has come, and with which it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.dates import is_older, latest_of, not_in_the_future
from services.plans.domain.holders import MemberCommitments, open_for, with_held
from services.plans.domain.progress import derived
from shared.contracts.plans import CommitmentsChosen, CommitmentUpdated, ProgressBasisChosen
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from shared.contracts.base import Event


def update(
    event: CommitmentUpdated, holder: MemberCommitments | None, now: datetime
) -> Sequence[Event]:
    """A city reports on a commitment.

    Raises:
        Refused: it is not open, the report is older than the one held, or the progress follows
            from the actions.
    """
    not_in_the_future(event.as_of, now)
    holder = open_for(holder, event.subject, event.as_of)
    current = holder.commitments[event.point - 1]
    said = (event.status, event.as_of, event.note, event.evidence, event.basis or "said")
    if said == (current.status, current.as_of, current.note, current.evidence, current.basis):
        return []
    if event.basis == "derived":
        raise Refused("only plans itself derives progress; record the actions")
    if current.basis == "derived":
        raise Refused(
            f"the progress of commitment {event.point} follows from its actions;"
            " choose the basis 'said' to report it"
        )
    if is_older(event.as_of, current.as_of):
        raise Refused(f"a report as of {current.as_of} is held already; this one is older")
    return [
        event.model_copy(
            update={
                "member": holder.member,
                "coalition": holder.coalition,
                "title": current.title,
                "previous": current.status,
                "basis": "said",
            }
        )
    ]


def derive(holder: MemberCommitments, points: Sequence[int]) -> list[CommitmentUpdated]:
    """The updates that follow from the actions, of the commitments whose basis is that.

    Where there is no action yet, what was last known stays.
    """
    updates = []
    for held in (holder.commitments[point - 1] for point in sorted(set(points))):
        if held.basis != "derived" or not held.actions:
            continue
        status = derived(action.status for action in held.actions)
        as_of = latest_of([held.as_of, *(action.as_of for action in held.actions)])
        if as_of and (status, as_of) != (held.status, held.as_of):
            updates.append(
                CommitmentUpdated(
                    member=holder.member,
                    coalition=holder.coalition,
                    point=held.point,
                    title=held.title,
                    status=status,
                    previous=held.status,
                    as_of=as_of,
                    basis="derived",
                )
            )
    return updates


def choose_basis(
    event: ProgressBasisChosen, holder: MemberCommitments | None, now: datetime
) -> Sequence[Event]:
    """A city chooses whether it says the progress of a commitment, or its actions do.

    Raises:
        Refused: its commitments are not open.
    """
    holder = open_for(holder, event.subject, now.date().isoformat())
    current = holder.commitments[event.point - 1]
    if current.basis == event.basis:
        return []
    chosen = event.model_copy(
        update={
            "member": holder.member,
            "coalition": holder.coalition,
            "title": current.title,
        }
    )
    return [chosen, *derive(_with_basis(holder, chosen), [event.point])]


def choose(
    event: CommitmentsChosen, holder: MemberCommitments | None, now: datetime
) -> Sequence[Event]:
    """A city starts with some of its commitments; the ten stay open.

    Raises:
        Refused: its commitments are not open, or a later choice is held.
    """
    not_in_the_future(event.as_of, now)
    holder = open_for(holder, event.subject, event.as_of)
    points = tuple(sorted(set(event.points)))
    if (points, event.as_of) == (holder.chosen, holder.chosen_as_of):
        return []
    if is_older(event.as_of, holder.chosen_as_of):
        raise Refused(f"a choice as of {holder.chosen_as_of} is held already; this one is older")
    told = {"member": holder.member, "coalition": holder.coalition, "points": points}
    return [event.model_copy(update=told)]


def evolve(holder: MemberCommitments, event: Event) -> MemberCommitments:
    """Fold one published event that is about progress."""
    match event:
        case CommitmentUpdated():
            return _updated(holder, event)
        case ProgressBasisChosen():
            return _with_basis(holder, event)
        case CommitmentsChosen():
            chosen = {"chosen": event.points, "chosen_as_of": event.as_of}
            return holder.model_copy(update=chosen)
        case _:
            return holder


def _updated(holder: MemberCommitments, event: CommitmentUpdated) -> MemberCommitments:
    changed = holder.commitments[event.point - 1].model_copy(
        update={
            "status": event.status,
            "as_of": event.as_of,
            "note": event.note,
            "evidence": event.evidence,
        }
    )
    return with_held(holder, [changed])


def _with_basis(holder: MemberCommitments, event: ProgressBasisChosen) -> MemberCommitments:
    held = holder.commitments[event.point - 1]
    return with_held(holder, [held.model_copy(update={"basis": event.basis})])
