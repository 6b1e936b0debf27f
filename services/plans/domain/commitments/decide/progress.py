"""How far a member's ten commitments have come, and with which it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.plans.domain.commitments import evolve
from services.plans.domain.commitments.corrections import facts
from services.plans.domain.commitments.decide.guards import require_open
from services.plans.domain.commitments.progress import derived, derived_percent
from shared.contracts.plans import CommitmentUpdated
from shared.domain.corrections.guards import refuse_corrected
from shared.domain.dates import is_older, latest_of
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from services.plans.domain.commitments.state import CommitmentState, MemberCommitments
    from shared.contracts.base import Event
    from shared.contracts.plans import CommitmentsChosen, ProgressBasisChosen, Status
    from shared.domain.decider import Context

_ALL: Final = 100
"""Percent."""


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
    event = _with_percent(current, event)
    basis = event.basis or "reported"
    if basis == current.basis and _is_as_recorded(current, event):
        return []
    _refuse_derived(current, event)
    refuse_odd_percent(event.status, event.percent)
    if holder.corrections:
        dates = facts.progress_dates(holder, event.point)
        fact = facts.progress(holder, event.point)
        refuse_corrected(holder.corrections, fact, event.as_of, dates)
    if is_older(event.as_of, current.as_of):
        raise Refused(f"the last report is as of {current.as_of}; this one is older")
    completed = {
        "member": holder.member,
        "coalition": holder.coalition,
        "title": current.title,
        "status_before": current.status,
        "basis": "reported",
    }
    return [event.model_copy(update=completed)]


def _with_percent(current: CommitmentState, event: CommitmentUpdated) -> CommitmentUpdated:
    """A percentage that is not given again for the same status and date stays."""
    if event.percent is not None or current.percent is None:
        return event
    if (event.status, event.as_of) != (current.status, current.as_of):
        return event
    return event.model_copy(update={"percent": current.percent})


def _is_as_recorded(current: CommitmentState, event: CommitmentUpdated) -> bool:
    fields = ("status", "percent", "as_of", "note", "evidence")
    return all(getattr(event, name) == getattr(current, name) for name in fields)


def refuse_odd_percent(status: Status | None, percent: int | None) -> None:
    """Refuse a percentage that says otherwise than the status.

    Raises:
        Refused: it does.
    """
    if percent is None:
        return
    if status == "not started" and percent > 0:
        raise Refused(f"what is not started has not come {percent} %")
    if status == "completed" and percent < _ALL:
        raise Refused(f"what is completed has come 100 %, not {percent} %")
    if status is None:
        raise Refused(f"{percent} % of which status? Give the status, too")


def _refuse_derived(current: CommitmentState, event: CommitmentUpdated) -> None:
    if event.basis == "derived":
        raise Refused("only plans itself derives progress; record the actions")
    if current.basis == "derived":
        raise Refused(
            f"the progress of commitment {event.point} follows from its actions;"
            " choose the basis 'reported' to report it"
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
    last = holder.choices[-1] if holder.chosen else None
    if last and (points, event.as_of, event.until) == (last.points, last.as_of, last.until):
        return []
    if event.until and is_older(event.until, event.as_of):
        raise Refused(f"the term ends on {event.until}, before the choice of {event.as_of}")
    dates = facts.choice_dates(holder)
    refuse_corrected(holder.corrections, facts.CHOICE, event.as_of, dates)
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
    statuses = [action.status for action in current.actions]
    status, percent = derived(statuses), derived_percent(statuses)
    as_of = latest_of([current.as_of, *(action.as_of for action in current.actions)])
    if as_of and (status, percent, as_of) != (
        current.status,
        current.percent,
        current.as_of,
    ):
        yield CommitmentUpdated(
            member=holder.member,
            coalition=holder.coalition,
            point=current.point,
            title=current.title,
            status=status,
            percent=percent,
            status_before=current.status,
            as_of=as_of,
            basis="derived",
        )
