"""What published events make of a member's commitments; total, and without a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.commitments.state import (
    MAX_FORMERLY,
    MAX_PAST,
    Action,
    CommitmentState,
    MemberCommitments,
    PastCommitment,
    Reading,
    find_action,
    moved_actions,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.contracts.base import MemberRef
    from shared.contracts.plans import (
        ActionRecorded,
        CarriedCommitment,
        CommitmentsAwaited,
        CommitmentsChosen,
        CommitmentsOpened,
        CommitmentUpdated,
        IndicatorRead,
        MemberNoted,
        PlanVersionAdopted,
        ProgressBasisChosen,
    )


# --- the member ------------------------------------------------------------------------------


def awaited(holder: MemberCommitments | None, event: CommitmentsAwaited) -> MemberCommitments:
    """A member waits for its plan."""
    del holder
    return MemberCommitments(
        id=event.subject,
        coalition=event.coalition,
        member=event.member,
        state="awaiting",
        standing="member",
        joined=event.joined,
    )


def opened(holder: MemberCommitments | None, event: CommitmentsOpened) -> MemberCommitments:
    """Its ten commitments are open; what was noted of the member while it waited stays."""
    return MemberCommitments(
        id=event.subject,
        coalition=event.coalition,
        member=event.member,
        state="open",
        standing=holder.standing if holder else "member",
        since=holder.since if holder else None,
        formerly=holder.formerly if holder else (),
        joined=event.joined,
        into=holder.into if holder else None,
        plan_version=event.plan_version,
        commitments=tuple(
            CommitmentState(point=c.point, title=c.title, status="not started")
            for c in event.commitments
        ),
    )


def noted(holder: MemberCommitments, event: MemberNoted) -> MemberCommitments:
    """Its name, standing and joining are as membership says."""
    return holder.model_copy(
        update={
            "member": event.member,
            "formerly": _formerly(holder, event.member),
            "standing": event.standing,
            "since": event.since,
            "joined": event.joined,
            "into": event.into.key if event.into else None,
        }
    )


def _formerly(holder: MemberCommitments, now: MemberRef) -> tuple[str, ...]:
    had = (holder.member.name, holder.member.local_name)
    left = (name for name in had if name and name not in {now.name, now.local_name})
    return tuple(dict.fromkeys((*holder.formerly, *left)))[-MAX_FORMERLY:]


# --- progress --------------------------------------------------------------------------------


def updated(holder: MemberCommitments, event: CommitmentUpdated) -> MemberCommitments:
    """A commitment has come so far."""
    progress = {
        "status": event.status,
        "as_of": event.as_of,
        "note": event.note,
        "evidence": event.evidence,
    }
    return _changed(holder, event.point, progress)


def basis_chosen(holder: MemberCommitments, event: ProgressBasisChosen) -> MemberCommitments:
    """The progress of a commitment is reported, or follows from its actions."""
    return _changed(holder, event.point, {"basis": event.basis})


def chosen(holder: MemberCommitments, event: CommitmentsChosen) -> MemberCommitments:
    """It starts with some of its commitments."""
    return holder.model_copy(update={"chosen": event.points, "chosen_as_of": event.as_of})


def _changed(
    holder: MemberCommitments, point: int, changes: Mapping[str, object]
) -> MemberCommitments:
    commitments = list(holder.commitments)
    for place, commitment in enumerate(commitments):
        if commitment.point == point:
            commitments[place] = commitment.model_copy(update=changes)
            break
    return holder.model_copy(update={"commitments": tuple(commitments)})


# --- actions ---------------------------------------------------------------------------------


def action_recorded(holder: MemberCommitments, event: ActionRecorded) -> MemberCommitments:
    """An action is for a commitment, perhaps for another one than before; its readings stay."""
    _, before = find_action(holder, event.action)
    return _with_action(holder, event.point, Action.of(event, before.readings if before else ()))


def indicator_read(holder: MemberCommitments, event: IndicatorRead) -> MemberCommitments:
    """An indicator reads a value on a date, in the place of what it read on that date before."""
    commitment, action = find_action(holder, event.action)
    if commitment is None or action is None:
        return holder
    others = (reading for reading in action.readings if reading.as_of != event.as_of)
    readings = sorted([*others, Reading.of(event)], key=lambda reading: reading.as_of)
    changed = action.model_copy(update={"readings": tuple(readings)})
    return _with_action(holder, commitment.point, changed)


def _with_action(holder: MemberCommitments, point: int, action: Action) -> MemberCommitments:
    commitments = []
    for commitment in holder.commitments:
        actions = [a for a in commitment.actions if a.action != action.action]
        if commitment.point == point:
            actions = sorted([*actions, action], key=lambda a: a.action)
        commitments.append(commitment.model_copy(update={"actions": tuple(actions)}))
    return holder.model_copy(update={"commitments": tuple(commitments)})


# --- a newer version of the plan -------------------------------------------------------------


def version_adopted(holder: MemberCommitments, event: PlanVersionAdopted) -> MemberCommitments:
    """Its commitments are those of a newer version; how they stood before is kept as the past."""
    carried = event.commitments or ()
    actions = moved_actions(holder, {c.point: c.before for c in carried})
    return holder.model_copy(
        update={
            "plan_version": event.version,
            "chosen": (),
            "chosen_as_of": None,
            "commitments": tuple(_carried(holder, c, actions[c.point]) for c in carried),
            "past": (*holder.past, *(_past(holder, c, event) for c in holder.commitments))[
                -MAX_PAST:
            ],
        }
    )


def _carried(
    holder: MemberCommitments, new: CarriedCommitment, actions: tuple[Action, ...]
) -> CommitmentState:
    sources = [c for c in holder.commitments if c.point in new.before]
    only = sources[0] if len(sources) == 1 else None
    return CommitmentState(
        point=new.point,
        title=new.title,
        status=new.status,
        as_of=new.as_of,
        basis=new.basis,
        note=only.note if only else None,
        evidence=only.evidence if only else (),
        actions=actions,
    )


def _past(
    holder: MemberCommitments, commitment: CommitmentState, event: PlanVersionAdopted
) -> PastCommitment:
    return PastCommitment(
        plan_version=holder.plan_version or 1,
        until=event.adopted,
        point=commitment.point,
        title=commitment.title,
        status=commitment.status,
        as_of=commitment.as_of,
    )
