"""A member that never moved to a version of its plan is back at the version before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.commitments.course import with_progress
from services.plans.domain.commitments.evolve import with_choices
from services.plans.domain.commitments.state import CommitmentState, PastCommitment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from services.plans.domain.commitments.state import Action, MemberCommitments


def restored(holder: MemberCommitments) -> MemberCommitments:
    """Its commitments are those of the version before, with what was reported since then."""
    last = _last(holder)
    if not last:
        return holder
    earlier = tuple(old for old in holder.past if old.plan_version != last[0].plan_version)
    back = holder.model_copy(
        update={
            "plan_version": last[0].plan_version,
            "plan_version_since": earlier[-1].until if earlier else None,
            "commitments": tuple(_restored(holder, old, last) for old in last),
            "past": earlier,
        }
    )
    return with_choices(back, back.choices)


def homeless(holder: MemberCommitments) -> Iterator[CommitmentState]:
    """The commitments with something that no commitment of the version before can take."""
    earlier = {id_ for old in _last(holder) for id_ in old.actions}
    for commitment in holder.commitments:
        actions = any(action.action not in earlier for action in commitment.actions)
        if not commitment.points_before and (commitment.course or actions):
            yield commitment


def _last(holder: MemberCommitments) -> tuple[PastCommitment, ...]:
    version = holder.past[-1].plan_version if holder.past else None
    return tuple(old for old in holder.past if old.plan_version == version)


def _restored(
    holder: MemberCommitments, old: PastCommitment, last: Sequence[PastCommitment]
) -> CommitmentState:
    carried = {one.as_of for one in last}
    heirs = [c for c in holder.commitments if old.point in c.points_before]
    since = [(heir, one) for heir in heirs for one in heir.course if one.as_of not in carried]
    course = old.course
    for _, one in since:
        course = with_progress(course, one)
    current = course[-1] if course else None
    whose = next((heir for heir, one in since if one is current), old)
    fields = CommitmentState.model_fields.keys() & PastCommitment.model_fields.keys()
    fields -= {"actions", "course", "status", "as_of", "percent", "note", "evidence"}
    return CommitmentState(
        **{name: getattr(old, name) for name in fields},
        status=current.status if current else old.status,
        percent=current.percent if current else old.percent,
        as_of=current.as_of if current else old.as_of,
        note=whose.note,
        evidence=whose.evidence,
        actions=tuple(_actions(holder, old, last)),
        course=course,
    )


def _actions(
    holder: MemberCommitments, old: PastCommitment, last: Sequence[PastCommitment]
) -> Iterator[Action]:
    """Its own actions as they stand now, and those recorded since under its first heir."""
    earlier = {id_ for one in last for id_ in one.actions}
    for commitment in holder.commitments:
        for action in commitment.actions:
            is_new = action.action not in earlier and commitment.points_before[:1] == (old.point,)
            if action.action in old.actions or is_new:
                yield action
