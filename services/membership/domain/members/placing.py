"""Where a step stands among the others, and why it does not fit there.

Where dates leave it open, a step happened after those that came before it, if that makes sense,
else earlier. Nothing is refused here: what was published has its place, whether it fits or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from services.membership.domain.members.way import (
    ENDS,
    JOINING,
    RESTING,
    Moment,
    Rules,
    Steps,
    walk,
)
from shared.contracts.base import earliest, latest
from shared.contracts.membership import Step
from shared.domain.dates import agree

if TYPE_CHECKING:
    from collections.abc import Iterator


DETAILS: Final = tuple(name for name in Step.model_fields if name not in {"step", "date"})
"""What is said of a step besides its date."""


class Placed(NamedTuple):
    """Steps after a change.

    Attributes:
        problem: why they do not make a way; None where they do.
    """

    steps: Steps
    problem: str | None = None


def with_step(steps: Steps, new: Step, rules: Rules) -> Placed:
    """The steps with one more, or with what is known better of one; the same if it is not new.

    A step again with a finer date, or with another document, is the same step.
    """
    same = [s for s in reversed(steps) if s.step == new.step and agree(s.date, new.date)]
    finer: Placed | None = None
    for current in sorted(same, key=lambda s: s.date != new.date):
        better = completed(current, new)
        if better.date == current.date:
            return Placed(tuple(better if s is current else s for s in steps))
        others = tuple(s for s in steps if s is not current)
        placed = place(others, better, steps, rules)
        if placed.problem is None:
            return placed
        finer = finer or placed
    another = place(steps, new, steps, rules)
    # What was published is still the same step, should no rule of today find a place for it.
    return finer._replace(problem=another.problem) if finer and another.problem else another


def place(others: Steps, new: Step, before: Steps, rules: Rules) -> Placed:
    """The others with a step at the latest place that its date allows and that fits, else there.

    What did not fit among the steps as they were `before` need not fit now.
    """
    first: Placed | None = None
    for steps in _places(others, new):
        placed = Placed(steps, _problem(steps, new, before, rules))
        if placed.problem is None:
            return placed
        first = first or placed
    return first or Placed((*others, new))


def without(steps: Steps, wrong: Step, rules: Rules) -> Placed:
    """The steps without one that never happened; a problem where another rests on it."""
    rest = tuple(s for s in steps if s != wrong)
    return Placed(rest, _problem(rest, wrong, steps, rules))


def taken_over(steps: Steps, duplicates: Steps, rules: Rules) -> Steps:
    """Which steps of a duplicate add to the steps of the one that stays, in the order to add them.

    Where the two contradict, the own ones stand. Again until nothing more fits, since one step
    may rest on another.
    """
    taken: list[Step] = []
    count = -1
    while len(taken) > count:
        count = len(taken)
        for step in duplicates:
            added = _yielding(step, steps)
            placed = with_step(steps, added, rules)
            if placed.problem is None and placed.steps != steps:
                steps = placed.steps
                taken.append(added)
    return tuple(taken)


def completed(current: Step, new: Step) -> Step:
    """A step with the finer date; of what else is said of it the last word stands."""
    details = {name: value for name in DETAILS if (value := getattr(new, name)) is not None}
    date = max(current.date, new.date, key=len)
    return current.model_copy(update={**details, "date": date})


def _yielding(step: Step, steps: Steps) -> Step:
    """A step of a duplicate, with no more than what the same step here lacks."""
    same = next((s for s in steps if s.step == step.step and agree(s.date, step.date)), None)
    there = {name: None for name in DETAILS if getattr(same, name, None) is not None}
    return step.model_copy(update=there)


def _places(steps: Steps, new: Step) -> Iterator[Steps]:
    """Where a step may stand by its date, the latest place first."""
    first, last = 0, len(steps)
    for index, step in enumerate(steps):
        if latest(step.date) < earliest(new.date):
            first = index + 1
        if earliest(step.date) > latest(new.date):
            last = min(last, index)
    for index in range(max(first, last), first - 1, -1):
        yield (*steps[:index], new, *steps[index:])


def _problem(steps: Steps, new: Step, before: Steps, rules: Rules) -> str | None:
    """Why steps do not make a way; what did not fit `before` is no problem now."""
    if contradicted := _contradicted(steps, new):
        return (
            f"that it {_dated(new)} is dated {contradicted.date} already, which contradicts it:"
            " StepCorrected mends a wrong date"
        )
    idle = [m for m in walk(steps, rules) if m.is_idle and not _waits(m, new)]
    unfit = [m.step for m in walk(before, rules) if m.is_idle] if idle else []
    return next((_explained(m, new) for m in idle if m.step not in unfit), None)


def _waits(moment: Moment, new: Step) -> bool:
    """Whether it is a later suspension, or time on hold, that waits for the end of the new one."""
    return moment.step != new and moment.step.step == moment.before in RESTING


def _contradicted(steps: Steps, new: Step) -> Step | None:
    """The same joining step at another date in the same period."""
    at = next((i for i, s in enumerate(steps) if s is new), None)
    if at is None or new.step not in JOINING:
        return None
    ends = [i for i, s in enumerate(steps) if s.step in ENDS]
    start = max((i for i in ends if i < at), default=0)
    end = min((i for i in ends if i > at), default=len(steps))
    return next((s for s in steps[start:end] if s.step == new.step and s is not new), None)


def _explained(moment: Moment, new: Step) -> str:
    if moment.step != new:
        return f"then it could not have been {_dated(moment.step)}"
    if moment.before == "none":
        return f"{new.date} lies before it joined"
    return f"it cannot be {_dated(new)}: its state is {moment.before!r}"


def _dated(step: Step) -> str:
    return f"{step.step} {step.date}"
