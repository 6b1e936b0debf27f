"""Corrections of steps: what was recorded and does not stand; it is kept beside what does."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic_core import to_json

from services.membership.domain.members.placing import Placed, place, without
from shared.contracts import lenient
from shared.contracts.base import covers
from shared.contracts.membership import Step
from shared.domain.corrections.kept import Correction, Corrections, of_fact

if TYPE_CHECKING:
    from services.membership.domain.members.way import Rules, Steps
    from shared.contracts.membership import StepCorrected, StepName


class Corrected(NamedTuple):
    """Steps and corrections after one more.

    Attributes:
        problem: why it cannot be made; None where it can.
    """

    steps: Steps
    corrections: Corrections
    problem: str | None = None


def corrected(
    steps: Steps, corrections: Corrections, event: StepCorrected, rules: Rules
) -> Corrected:
    """The steps that stand after a correction, and all corrections; the same if it is not new."""
    current = next((s for s in steps if s.step == event.step and s.date == event.recorded), None)
    if current is None:
        return _corrected_again(steps, corrections, event, rules)
    if event.correct == event.recorded:
        return Corrected(steps, corrections)
    new = Correction(
        fact=event.step,
        recorded=event.recorded,
        correct=event.correct,
        reason=event.reason,
        was=current.model_dump(mode="json", exclude_none=True),
    )
    placed = _moved(steps, current, event.correct, rules)
    return Corrected(placed.steps, (*corrections, new), placed.problem)


def find_corrected(
    steps: Steps, corrections: Corrections, step: StepName, date: str
) -> Correction | None:
    """The correction of what is recorded once more, and was found to be wrong."""
    if not corrections or any(s.step == step and covers(date, s.date) for s in steps):
        return None
    return next(iter(of_fact(corrections, step, date)), None)


def _corrected_again(
    steps: Steps, corrections: Corrections, event: StepCorrected, rules: Rules
) -> Corrected:
    before = of_fact(corrections, event.step, event.recorded)
    if not before:
        return Corrected(steps, corrections, f"no step {event.step} {event.recorded} is recorded")
    last = before[-1]
    if event.correct == last.correct:
        return Corrected(steps, corrections)
    if event.correct != event.recorded:
        problem = f"{event.step} {event.recorded} was corrected already: {last.reason}"
        return Corrected(steps, corrections, problem)
    placed = _restored(steps, last, rules)
    return Corrected(placed.steps, tuple(c for c in corrections if c is not last), placed.problem)


def _moved(steps: Steps, current: Step, correct: str | None, rules: Rules) -> Placed:
    if correct is None:
        return without(steps, current, rules)
    others = tuple(s for s in steps if s is not current)
    return place(others, current.model_copy(update={"date": correct}), steps, rules)


def _restored(steps: Steps, correction: Correction, rules: Rules) -> Placed:
    """The step as it was recorded, in the place of what it was corrected to."""
    wrong = (correction.fact, correction.correct)
    others = tuple(s for s in steps if (s.step, s.date) != wrong)
    return place(others, lenient.read_json(Step, to_json(correction.was)), steps, rules)
