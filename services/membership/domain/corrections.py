"""Corrections: what was said and does not stand; it is kept beside what does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.membership.domain.steps import placed, without
from shared.contracts.base import EdtfDate, Model, Text, covers
from shared.contracts.membership import Step
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from services.membership.domain.steps import Rules, Steps
    from shared.contracts.membership import StepCorrected


class Correction(Model):
    """A step as it was said, and its right date; without one it never happened."""

    was: Step
    right: EdtfDate | None = None
    reason: Text


Corrections = tuple[Correction, ...]


def corrected(
    steps: Steps, earlier: Corrections, event: StepCorrected, rules: Rules
) -> tuple[Steps, Corrections]:
    """The steps that stand after a correction, and all corrections; the same if it is not new.

    Raises:
        Refused: nothing of the kind was said, or what is left makes no sense.
    """
    held = next((s for s in steps if s.step == event.step and s.date == event.said), None)
    before = [c for c in earlier if c.was.step == event.step and c.was.date == event.said]
    if held:
        if event.right == event.said:
            return steps, earlier
        new = Correction(was=held, right=event.right, reason=event.reason)
        return _moved(steps, held, event.right, rules), (*earlier, new)
    if not before:
        raise Refused(f"nobody said {event.step} {event.said}")
    last = before[-1]
    if event.right == last.right:
        return steps, earlier
    if event.right != event.said:
        raise Refused(f"{event.step} {event.said} was corrected already: {last.reason}")
    kept = tuple(c for c in earlier if c is not last)
    return _restored(steps, last, rules), kept


def refuse_corrected(steps: Steps, corrections: Corrections, step: Step) -> None:
    """Refuse what was said once, and was found to be wrong.

    Raises:
        Refused: it was corrected.
    """
    if any(s.step == step.step and covers(step.date, s.date) for s in steps):
        return
    for one in corrections:
        if (one.was.step, one.was.date) == (step.step, step.date):
            raise Refused(f"{step.step} {step.date} was corrected: {one.reason}")


def _moved(steps: Steps, held: Step, right: str | None, rules: Rules) -> Steps:
    if right is None:
        return without(steps, held, rules)
    others = tuple(s for s in steps if s is not held)
    return placed(others, held.model_copy(update={"date": right}), steps, rules)


def _restored(steps: Steps, correction: Correction, rules: Rules) -> Steps:
    """The step as it was said, in the place of what it was corrected to."""
    was = correction.was
    wrong = (was.step, correction.right)
    others = tuple(s for s in steps if (s.step, s.date) != wrong)
    return placed(others, was, steps, rules)
