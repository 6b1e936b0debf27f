"""How far a member's ten commitments have come, and with which it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.commitments import evolve
from services.plans.domain.commitments.decide.guards import require_open
from services.plans.domain.commitments.progress import derived
from shared.contracts.plans import CommitmentUpdated
from shared.domain.dates import is_older, latest_of
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from services.plans.domain.commitments.state import CommitmentState, MemberCommitments
    from shared.contracts.base import Event
    from shared.contracts.plans import CommitmentsChosen, ProgressBasisChosen
    from shared.domain.decider import Context


def update(
    holder: MemberCommitments | None, event: CommitmentUpdated, context: Context
) -> Sequence[Event]:
    """A city reports on a commitment.

    Raises:
        Refused: it is not open, the report is older than the last one, or the progress follows
            from the actions.
    """
    holder = require_open(holder, event.member, event.as_of, context.now)
    current = holder.commitments[event.point - 1]
    new = (event.status, event.as_of, event.note, event.evidence, event.basis or "said")
    if new == (current.status, current.as_of, current.note, current.evidence, current.basis):
        return []
    _refuse_derived(current, event)
    if is_older(event.as_of, current.as_of):
        raise Refused(f"the last report is as of {current.as_of}; this one is older")
    completed = {
        "member": holder.member,
        "coalition": holder.coalition,
        "title": current.title,
        "previous": current.status,
        "basis": "said",
    }
    return [event.model_copy(update=completed)]


def _refuse_derived(current: CommitmentState, event: CommitmentUpdated) -> None:
    if event.basis == "derived":
        raise Refused("only plans itself derives progress; record the actions")
    if current.basis == "derived":
        raise Refused(
            f"the progress of commitment {event.point} follows from its actions;"
            " choose the basis 'said' to report it"
        )


def choose_basis(
    holder: MemberCommitments | None, event: ProgressBasisChosen, context: Context
) -> Sequence[Event]:
    """A city chooses whether it reports the progress of a commitment, or its actions show it.

    Raises:
        Refused: its commitments are not open.
    """
    holder = require_open(holder, event.member, context.now.date().isoformat(), context.now)
    current = holder.commitments[event.point - 1]
    if current.basis == event.basis:
        return []
    completed = {"member": holder.member, "coalition": holder.coalition, "title": current.title}
    chosen = event.model_copy(update=completed)
    return [chosen, *derive(evolve.basis_chosen(holder, chosen), [event.point])]


def choose(
    holder: MemberCommitments | None, event: CommitmentsChosen, context: Context
) -> Sequence[Event]:
    """A city starts with some of its commitments; the ten stay open.

    Raises:
        Refused: its commitments are not open, or it has chosen later.
    """
    holder = require_open(holder, event.member, event.as_of, context.now)
    points = tuple(sorted(set(event.points)))
    if (points, event.as_of) == (holder.chosen, holder.chosen_as_of):
        return []
    if is_older(event.as_of, holder.chosen_as_of):
        raise Refused(f"the last choice is as of {holder.chosen_as_of}; this one is older")
    completed = {"member": holder.member, "coalition": holder.coalition, "points": points}
    return [event.model_copy(update=completed)]


def derive(holder: MemberCommitments, points: Iterable[int]) -> list[CommitmentUpdated]:
    """The updates that follow from the actions, of the commitments whose basis is that.

    Where there is no action yet, the last report stays.
    """
    commitments = (holder.commitments[point - 1] for point in sorted(set(points)))
    return [
        update
        for commitment in commitments
        if commitment.basis == "derived" and commitment.actions
        for update in _derived(holder, commitment)
    ]


def _derived(holder: MemberCommitments, current: CommitmentState) -> Iterable[CommitmentUpdated]:
    status = derived(action.status for action in current.actions)
    as_of = latest_of([current.as_of, *(action.as_of for action in current.actions)])
    if as_of and (status, as_of) != (current.status, current.as_of):
        yield CommitmentUpdated(
            member=holder.member,
            coalition=holder.coalition,
            point=current.point,
            title=current.title,
            status=status,
            previous=current.status,
            as_of=as_of,
            basis="derived",
        )
