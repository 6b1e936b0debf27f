"""What may be corrected of a member's commitments."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from services.plans.domain.commitments.corrections import evolve, facts
from services.plans.domain.commitments.corrections.restoring import homeless
from services.plans.domain.commitments.course import find
from services.plans.domain.commitments.decide.guards import refuse_unmeant
from services.plans.domain.commitments.decide.progress import derive, refuse_odd_percent
from services.plans.domain.commitments.state import find_action
from services.plans.domain.plans.state import Plan, find_version, plan_stream
from shared.contracts.plans import CarriedCommitment, HolderCorrection
from shared.domain.corrections.guards import checked
from shared.domain.dates import is_older, refuse_future
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.plans.domain.commitments.state import CommitmentState, MemberCommitments
    from shared.contracts.base import Event
    from shared.contracts.plans import (
        ActionCorrected,
        ChoiceCorrected,
        CommitmentCorrected,
        CommitmentsMoveCorrected,
        ReadingCorrected,
    )
    from shared.domain.decider import Context

H = TypeVar("H", bound=HolderCorrection)


def _existing(
    holder: MemberCommitments | None, event: HolderCorrection, context: Context
) -> MemberCommitments:
    """The holder, also of a member that has left: what it did is corrected nevertheless."""
    refuse_future(event.correct, context.now)
    refuse_unmeant(holder, event.member)
    if holder is None or holder.state != "open":
        raise Refused(f"no commitments are open for {event.subject!r}")
    return holder


def _completed(event: H, holder: MemberCommitments, **more: object) -> H:
    whose = {"member": holder.member, "coalition": holder.coalition}
    return event.model_copy(update={**whose, **more})


# --- progress ------------------------------


def progress(
    holder: MemberCommitments | None, event: CommitmentCorrected, context: Context
) -> Sequence[Event]:
    """Correct a report of a commitment's progress.

    Raises:
        Refused: nothing was reported as of that date, or it follows from the actions.
    """
    holder = _existing(holder, event, context)
    commitment = holder.commitments[event.point - 1]
    refuse_odd_percent(event.status, event.percent)
    reported = find(commitment.course, event.recorded)
    if reported and reported.basis == "derived":
        raise Refused(
            f"the progress of commitment {event.point} as of {event.recorded} follows from its"
            " actions: correct those"
        )
    if not _changes_status(commitment, event):
        fact, dates = facts.progress(holder, event.point), facts.progress_dates(holder, event.point)
        if checked(holder.corrections, fact, event, dates) is None:
            return []
    after = evolve.progress_corrected(holder, event)
    now = after.commitments[event.point - 1]
    ends = {"status_now": now.status, "as_of_now": now.as_of}
    completed = _completed(event, holder, title=commitment.title, **ends)
    return [completed, *derive(after, [event.point])]


def _changes_status(commitment: CommitmentState, event: CommitmentCorrected) -> bool:
    """Whether a report has its right date, and another status than the right one."""
    reported = find(commitment.course, event.recorded)
    if event.status is None or event.correct != event.recorded or reported is None:
        return False
    return (reported.status, reported.percent) != (event.status, event.percent)


def choice(
    holder: MemberCommitments | None, event: ChoiceCorrected, context: Context
) -> Sequence[Event]:
    """Correct when a member chose with which commitments it starts.

    Raises:
        Refused: it did not choose on that date.
    """
    holder = _existing(holder, event, context)
    dates = facts.choice_dates(holder)
    if checked(holder.corrections, facts.CHOICE, event, dates) is None:
        return []
    return [_completed(event, holder)]


# --- actions ------------------------------


def action(
    holder: MemberCommitments | None, event: ActionCorrected, context: Context
) -> Sequence[Event]:
    """Correct as of when an action stands as it is recorded, or that there never was one.

    Raises:
        Refused: it is not recorded as of that date.
    """
    holder = _existing(holder, event, context)
    dates = facts.action_dates(holder, event.action)
    fact = facts.action(event.action)
    if checked(holder.corrections, fact, event, dates) is None:
        return []
    commitment, found = find_action(holder, event.action)
    completed = _completed(event, holder, title=found.title if found else None)
    touched = [commitment.point] if commitment else []
    return [completed, *derive(evolve.action_corrected(holder, completed), touched)]


def reading(
    holder: MemberCommitments | None, event: ReadingCorrected, context: Context
) -> Sequence[Event]:
    """Correct when the indicator of an action was read.

    Raises:
        Refused: it was not read on that date.
    """
    holder = _existing(holder, event, context)
    dates = facts.reading_dates(holder, event.action)
    fact = facts.reading(event.action)
    if checked(holder.corrections, fact, event, dates) is None:
        return []
    _, found = find_action(holder, event.action)
    return [_completed(event, holder, title=found.title if found else None)]


# --- versions of the plan ------------------------------


def move(
    holder: MemberCommitments | None, event: CommitmentsMoveCorrected, context: Context
) -> Sequence[Event]:
    """Correct when a member moved to a version of its plan, or that it never did.

    Raises:
        Refused: it did not move on that date, has moved on since, did so before another move or
            the version itself, or something was reported that the version before has no place for.
    """
    holder = _existing(holder, event, context)
    moves = facts.moves(holder)
    date = moves.get(event.plan_version)
    dates = {date} if date else frozenset[str]()
    change = checked(holder.corrections, facts.version(event.plan_version), event, dates)
    if change is None:
        return []
    if change.now and change.correct is None:
        _refuse_to_restore(holder, event)
    elif change.now and change.correct:
        _refuse_disorder(
            {**moves, event.plan_version: change.correct}, event.plan_version, context, event
        )
    after = evolve.move_corrected(holder, event)
    completed = _completed(event, holder, commitments=tuple(map(as_carried, after.commitments)))
    return [completed, *derive(after, range(1, 11))]


def _refuse_to_restore(holder: MemberCommitments, event: CommitmentsMoveCorrected) -> None:
    if event.plan_version != holder.plan_version:
        raise Refused(
            f"{event.subject!r} has moved on to version {holder.plan_version}: correct that first"
        )
    for commitment in homeless(holder):
        raise Refused(
            f"commitment {commitment.point}, {commitment.title!r}, has progress or actions, and no"
            " commitment of the version before lives on in it: correct those first"
        )


def _refuse_disorder(
    moves: dict[int, str], version: int, context: Context, event: CommitmentsMoveCorrected
) -> None:
    plan = find_version(context.find(plan_stream(event.coalition), Plan), version)
    if plan and is_older(moves[version], plan.adopted):
        raise Refused(f"version {version} of the plan is of {plan.adopted}, after {moves[version]}")
    dates = [moves[one] for one in sorted(moves)]
    for before, after in pairwise(dates):
        if is_older(after, before):
            raise Refused(f"a member moves to one version after the other: {after}, {before}")


def as_carried(commitment: CommitmentState) -> CarriedCommitment:
    """A commitment as an event names it, with its progress."""
    fields = CarriedCommitment.model_fields
    return CarriedCommitment(**{name: getattr(commitment, name) for name in fields})
