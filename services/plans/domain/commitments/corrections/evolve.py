"""What published corrections make of a member's commitments; total, and without a rule."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from services.plans.domain.commitments import course
from services.plans.domain.commitments.corrections import facts
from services.plans.domain.commitments.corrections.restoring import restored
from services.plans.domain.commitments.evolve import changed, with_action, with_choices
from services.plans.domain.commitments.state import find_action
from shared.domain.corrections.dated import Change, change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.plans.domain.commitments.course import Course, DatedProgress
    from services.plans.domain.commitments.state import CommitmentState, MemberCommitments
    from shared.contracts.plans import (
        ActionCorrected,
        ChoiceCorrected,
        CommitmentCorrected,
        CommitmentsGivenBack,
        CommitmentsMoveCorrected,
        Correction,
        ReadingCorrected,
    )


def _mended(
    holder: MemberCommitments, fact: str, event: Correction
) -> tuple[MemberCommitments, Change]:
    """The holder with the correction kept, and what it changes."""
    what = change(holder.corrections, fact, event)
    return holder.model_copy(update={"corrections": what.corrections}), what


# --- progress ------------------------------


def progress_corrected(holder: MemberCommitments, event: CommitmentCorrected) -> MemberCommitments:
    """A report of progress has another date or status, or is gone; the last that is left counts."""
    after, what = _mended(holder, facts.progress(holder, event.point), event)
    if event.status is not None and event.correct == event.recorded:
        after, what = holder, Change(event.recorded, event.correct, ())
    now, correct = what.now, what.correct

    def changes(commitment: CommitmentState) -> Mapping[str, object]:
        old = course.find(commitment.course, now)
        if old is None:
            return {}
        left = tuple(one for one in commitment.course if one is not old)
        if correct is None:
            return _as_it_stands(commitment, left, None)
        new = old.model_copy(update={"as_of": correct, **_status(event)})
        return _as_it_stands(commitment, course.with_progress(left, new), (now, new))

    return changed(after, event.point, changes)


def _status(event: CommitmentCorrected) -> dict[str, object]:
    return {"status": event.status, "percent": event.percent} if event.status else {}


def _as_it_stands(
    commitment: CommitmentState, left: Course, moved: tuple[str | None, DatedProgress] | None
) -> dict[str, object]:
    """How far a commitment has come by its course; note and evidence are those of its last report.

    Args:
        commitment: as it was.
        left: its course.
        moved: what was moved from a date, in the course.
    """
    last = left[-1] if left else None
    was = moved[0] if moved and moved[1] is last else last and last.as_of
    stays = last is not None and was == commitment.as_of
    return {
        "status": last.status if last else "not started",
        "percent": last.percent if last else None,
        "as_of": last.as_of if last else None,
        "note": commitment.note if stays else None,
        "evidence": commitment.evidence if stays else (),
        "course": left,
    }


def choice_corrected(holder: MemberCommitments, event: ChoiceCorrected) -> MemberCommitments:
    """A choice has another date, or is gone; the last that is left counts."""
    after, what = _mended(holder, facts.CHOICE, event)
    choices = [
        one.model_copy(update={"as_of": what.correct}) if one.as_of == what.now else one
        for one in holder.choices
        if one.as_of != what.now or what.correct is not None
    ]
    return with_choices(after, sorted(choices, key=facts.by_certain_day))


# --- actions ------------------------------


def action_corrected(holder: MemberCommitments, event: ActionCorrected) -> MemberCommitments:
    """An action stands as of another date, or is gone; what was derived as of that date goes."""
    after, what = _mended(holder, facts.action(event.action), event)
    commitment, action = find_action(holder, event.action)
    if commitment is None or action is None or what.now is None:
        return after
    now = what.now

    def changes(commitment: CommitmentState) -> Mapping[str, object]:
        actions = tuple(a for a in commitment.actions if a is not action)
        left = course.without(commitment.course, now, "derived")
        stands = _as_it_stands(commitment, left, None) if left != commitment.course else {}
        return {"actions": actions, **stands}

    after = changed(after, commitment.point, changes)
    if what.correct is None:
        return after
    return with_action(after, commitment.point, action.model_copy(update={"as_of": what.correct}))


def reading_corrected(holder: MemberCommitments, event: ReadingCorrected) -> MemberCommitments:
    """A reading has another date, or is gone."""
    after, what = _mended(holder, facts.reading(event.action), event)
    commitment, action = find_action(holder, event.action)
    if commitment is None or action is None:
        return after
    readings = [
        one.model_copy(update={"as_of": what.correct}) if one.as_of == what.now else one
        for one in action.readings
        if one.as_of != what.now or what.correct is not None
    ]
    readings.sort(key=lambda one: one.as_of)
    read = action.model_copy(update={"readings": tuple(readings)})
    return with_action(after, commitment.point, read)


# --- a merger that is undone ------------------------------


def given_back(holder: MemberCommitments, event: CommitmentsGivenBack) -> MemberCommitments:
    """What came from a duplicate is gone; what was reported since then stays."""
    taken = [one for one in holder.taken_over if one.merged == event.merged.key]
    rest = tuple(one for one in holder.taken_over if one not in taken)
    after = holder.model_copy(update={"taken_over": rest})
    for one in taken:
        for action in one.actions:
            after = _without_action(after, action)
        for dated in one.progress if one.plan_version == holder.plan_version else ():
            after = changed(after, dated.point, partial(_without_progress, as_of=dated.as_of))
    return after


def _left(commitment: CommitmentState, course: Course) -> Mapping[str, object]:
    return _as_it_stands(commitment, course, None) if course != commitment.course else {}


def _without_progress(commitment: CommitmentState, as_of: str) -> Mapping[str, object]:
    return _left(commitment, course.without(commitment.course, as_of, "reported"))


def _without_action(holder: MemberCommitments, id_: str) -> MemberCommitments:
    commitment, action = find_action(holder, id_)
    if commitment is None or action is None:
        return holder
    actions = tuple(one for one in commitment.actions if one is not action)
    left = course.without(commitment.course, action.as_of, "derived")
    changes = {"actions": actions, **_left(commitment, left)}
    return changed(holder, commitment.point, lambda _: changes)


# --- versions of the plan ------------------------------


def move_corrected(holder: MemberCommitments, event: CommitmentsMoveCorrected) -> MemberCommitments:
    """A member moved on another date; or never, and is back at the version before."""
    after, what = _mended(holder, facts.version(event.plan_version), event)
    if what.now is None:
        return after
    if what.correct is None:
        return restored(after) if event.plan_version == holder.plan_version else after
    dated = {"until": what.correct}
    before = facts.version_before(holder, event.plan_version)
    past = tuple(
        old.model_copy(update=dated) if old.plan_version == before else old for old in holder.past
    )
    is_last = event.plan_version == holder.plan_version
    since = {"plan_version_since": what.correct} if is_last else {}
    return after.model_copy(update={"past": past, **since})
