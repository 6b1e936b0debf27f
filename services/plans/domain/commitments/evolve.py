"""What published events make of a member's commitments; total, and without a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.plans.domain.commitments import elsewhere
from services.plans.domain.commitments.course import Course, DatedProgress, with_progress
from services.plans.domain.commitments.state import (
    MAX_CHOICES,
    MAX_EVIDENCE,
    MAX_FORMERLY,
    MAX_NOTE,
    MAX_PAST,
    Action,
    Choice,
    CommitmentState,
    MemberCommitments,
    PastCommitment,
    Reading,
    TakenOverCommitments,
    find_action,
    moved_actions,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shared.contracts.base import MemberRef
    from shared.contracts.plans import (
        ActionRecorded,
        CarriedCommitment,
        CommitmentRetitled,
        CommitmentsAwaited,
        CommitmentsChosen,
        CommitmentsMoved,
        CommitmentsOpened,
        CommitmentsTakenOver,
        CommitmentUpdated,
        IndicatorRead,
        MemberNoted,
        ProgressBasisChosen,
    )

_ONLY_OF_THE_LAST: Final = {"note": None, "evidence": (), "actions": ()}


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
        population=event.population,
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
        moved=holder.moved if holder else None,
        population=event.population,
        into=holder.into if holder else None,
        elsewhere=holder.elsewhere if holder else (),
        plan_version=event.plan_version,
        commitments=tuple(
            CommitmentState(point=c.point, title=c.title, borne_by=c.borne_by, status="not started")
            for c in event.commitments
        ),
    )


def noted(holder: MemberCommitments, event: MemberNoted) -> MemberCommitments:
    """Its name, standing, coalition, joining and size are as membership says."""
    after = elsewhere.followed(holder, event)
    return after.model_copy(
        update={
            "member": event.member,
            "formerly": _formerly(holder, event.member),
            "standing": event.state,
            "since": event.since,
            "joined": event.joined,
            "moved": event.moved,
            "population": event.population,
            "into": event.into.key if event.into else None,
        }
    )


def _formerly(holder: MemberCommitments, now: MemberRef) -> tuple[str, ...]:
    had = (holder.member.name, holder.member.local_name)
    left = (name for name in had if name and name not in {now.name, now.local_name})
    return tuple(dict.fromkeys((*holder.formerly, *left)))[-MAX_FORMERLY:]


def taken_over(holder: MemberCommitments, event: CommitmentsTakenOver) -> MemberCommitments:
    """It is remembered what a member has from a duplicate."""
    new = TakenOverCommitments(
        merged=event.merged.key,
        plan_version=event.plan_version,
        progress=event.progress,
        actions=event.actions,
    )
    return holder.model_copy(update={"taken_over": (*holder.taken_over, new)[-MAX_PAST:]})


# --- progress --------------------------------------------------------------------------------


def updated(holder: MemberCommitments, event: CommitmentUpdated) -> MemberCommitments:
    """A commitment has come so far."""

    def changes(commitment: CommitmentState) -> Mapping[str, object]:
        new = DatedProgress.of(event)
        return {
            "status": event.status,
            "percent": event.percent,
            "as_of": event.as_of,
            "note": event.note,
            "evidence": event.evidence,
            "course": with_progress(commitment.course, new),
        }

    return changed(holder, event.point, changes)


def basis_chosen(holder: MemberCommitments, event: ProgressBasisChosen) -> MemberCommitments:
    """The progress of a commitment is reported, or follows from its actions."""
    return changed(holder, event.point, lambda _: {"basis": event.basis})


def chosen(holder: MemberCommitments, event: CommitmentsChosen) -> MemberCommitments:
    """It starts with some of its commitments."""
    new = Choice(
        points=event.points,
        as_of=event.as_of,
        until=event.until,
        plan_version=holder.plan_version,
    )
    return with_choices(holder, [*(c for c in holder.choices if c.as_of != new.as_of), new])


def with_choices(holder: MemberCommitments, choices: Sequence[Choice]) -> MemberCommitments:
    """With these choices, of which the last one under its version of the plan is in force."""
    under = [c for c in choices if c.plan_version == holder.plan_version]
    return holder.model_copy(
        update={
            "choices": tuple(choices[-MAX_CHOICES:]),
            "chosen": under[-1].points if under else (),
            "chosen_as_of": under[-1].as_of if under else None,
        }
    )


def retitled(holder: MemberCommitments, event: CommitmentRetitled) -> MemberCommitments:
    """The text of a point was corrected, of the member's version of the plan or of one before."""
    title = {"title": event.title}
    if holder.plan_version == event.plan_version:
        return changed(holder, event.point, lambda _: title)
    where = (event.plan_version, event.point)
    past = (
        old.model_copy(update=title) if (old.plan_version, old.point) == where else old
        for old in holder.past
    )
    return holder.model_copy(update={"past": tuple(past)})


def changed(
    holder: MemberCommitments,
    point: int,
    changes: Callable[[CommitmentState], Mapping[str, object]],
) -> MemberCommitments:
    """With one commitment changed."""
    commitments = list(holder.commitments)
    for place, commitment in enumerate(commitments):
        if commitment.point == point:
            commitments[place] = commitment.model_copy(update=changes(commitment))
            break
    return holder.model_copy(update={"commitments": tuple(commitments)})


# --- actions ---------------------------------------------------------------------------------


def action_recorded(holder: MemberCommitments, event: ActionRecorded) -> MemberCommitments:
    """An action is for a commitment, perhaps for another one than before; its readings stay."""
    _, before = find_action(holder, event.action)
    return with_action(holder, event.point, Action.of(event, before.readings if before else ()))


def indicator_read(holder: MemberCommitments, event: IndicatorRead) -> MemberCommitments:
    """An indicator reads a value on a date, in the place of what it read on that date before."""
    commitment, action = find_action(holder, event.action)
    if commitment is None or action is None:
        return holder
    others = (reading for reading in action.readings if reading.as_of != event.as_of)
    readings = sorted([*others, Reading.of(event)], key=lambda reading: reading.as_of)
    read = action.model_copy(update={"readings": tuple(readings)})
    return with_action(holder, commitment.point, read)


def with_action(holder: MemberCommitments, point: int, action: Action) -> MemberCommitments:
    """With an action for a commitment, in its own place and in no other."""
    commitments = []
    for commitment in holder.commitments:
        actions = [a for a in commitment.actions if a.action != action.action]
        if commitment.point == point:
            actions = sorted([*actions, action], key=lambda a: a.action)
        commitments.append(commitment.model_copy(update={"actions": tuple(actions)}))
    return holder.model_copy(update={"commitments": tuple(commitments)})


# --- a newer version of the plan -------------------------------------------------------------


def commitments_moved(holder: MemberCommitments, event: CommitmentsMoved) -> MemberCommitments:
    """Its commitments are those of a newer version; how they stood before is kept as the past."""
    carried = event.commitments or ()
    actions = moved_actions(holder, {c.point: c.points_before for c in carried})
    return holder.model_copy(
        update={
            "plan_version": event.plan_version,
            "plan_version_since": event.moved,
            "chosen": (),
            "chosen_as_of": None,
            "commitments": tuple(_carried(holder, c, actions[c.point]) for c in carried),
            "past": (
                *(old.model_copy(update=_ONLY_OF_THE_LAST) for old in holder.past),
                *(_past(holder, c, event) for c in holder.commitments),
            )[-MAX_PAST:],
        }
    )


def _carried(
    holder: MemberCommitments, new: CarriedCommitment, actions: tuple[Action, ...]
) -> CommitmentState:
    sources = [c for c in holder.commitments if c.point in new.points_before]
    evidence = dict.fromkeys(link for source in sources for link in source.evidence)
    return CommitmentState(
        point=new.point,
        title=new.title,
        borne_by=new.borne_by,
        status=new.status,
        percent=new.percent,
        as_of=new.as_of,
        basis=new.basis,
        note=_notes(sources),
        evidence=tuple(evidence)[:MAX_EVIDENCE],
        actions=actions,
        points_before=new.points_before,
        course=_carried_course(new),
    )


def _carried_course(new: CarriedCommitment) -> Course:
    if new.as_of is None:
        return ()
    fields = DatedProgress.model_fields
    return (DatedProgress(**{name: getattr(new, name) for name in fields}),)


def _notes(sources: Sequence[CommitmentState]) -> str | None:
    """Of several commitments that become one, the notes that fit; all of them are in the past."""
    noted = [source for source in sources if source.note]
    if len(noted) <= 1:
        return noted[0].note if noted else None
    notes = ""
    for source in noted:
        longer = f"{notes}\n\n{source.title}: {source.note}".strip()
        notes = longer if len(longer) <= MAX_NOTE else notes
    return notes or None


def _past(
    holder: MemberCommitments, commitment: CommitmentState, event: CommitmentsMoved
) -> PastCommitment:
    fields = PastCommitment.model_fields.keys() & CommitmentState.model_fields.keys() - {"actions"}
    return PastCommitment(
        plan_version=holder.plan_version or 1,
        until=event.moved,
        actions=tuple(action.action for action in commitment.actions),
        **{name: getattr(commitment, name) for name in fields},
    )
