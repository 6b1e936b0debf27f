"""The steps of a member's way: their order, what they make of a member, and when.

Steps are kept in the order in which they happened, as far as their dates tell; where dates leave
it open, what is told later happened later, if that makes sense, else earlier.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.membership.domain.dates import agree, certain_day, in_force
from shared.contracts.base import Model, earliest, latest
from shared.contracts.membership import JoiningRule, MemberState, Step, StepName
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.contracts.membership import MembershipBy

Steps = tuple[Step, ...]
Rules = tuple[JoiningRule, ...]

JOINING: Final[frozenset[StepName]] = frozenset(
    {"applied", "decided", "condition met", "signed", "acceded", "admitted"}
)
_REACHES: Final[dict[StepName, MemberState]] = {
    "applied": "applied",
    "decided": "decided",
    "condition met": "decided",
    "signed": "signed",
    "acceded": "acceded",
    "admitted": "member",
}
_WAY_IN: Final[tuple[MemberState, ...]] = (
    "none",
    "applied",
    "conditional",
    "decided",
    "signed",
    "acceded",
    "member",
)
_ENOUGH: Final[dict[MembershipBy, MemberState]] = {
    "decision": "decided",
    "signature": "signed",
    "admission": "member",
}


class Standing(Model):
    """What a member is from a day on, and until another (not included) or until now."""

    state: MemberState
    since: str
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A step, the day on which it has happened for certain, and what it made of the member."""

    step: Step
    day: str
    before: MemberState
    after: MemberState


def walk(steps: Steps, rules: Rules) -> list[Moment]:
    """Go the whole way, day by day."""
    moments: list[Moment] = []
    state: MemberState = "none"
    period: list[Step] = []
    for day, step in sorted(zip(_days(steps), steps, strict=True), key=lambda pair: pair[0]):
        period.append(step)
        after = _after(state, step, period, rules)
        if after == "withdrawn":
            period.clear()
        moments.append(Moment(step, day, state, after))
        state = after
    return moments


def standings(steps: Steps, rules: Rules) -> tuple[Standing, ...]:
    """What a member was, from which day until which; only the last has no end."""
    changes: list[tuple[str, MemberState]] = []
    last_of_day = {moment.day: moment.after for moment in walk(steps, rules)}
    for day, state in last_of_day.items():
        if state != (changes[-1][1] if changes else "none"):
            changes.append((day, state))
    ends = [*(day for day, _ in changes[1:]), None]
    return tuple(
        Standing(state=state, since=day, until=end)
        for (day, state), end in zip(changes, ends, strict=False)
    )


def known_by(steps: Steps, day: str) -> Steps:
    """The steps that had happened for certain on a day."""
    return tuple(s for d, s in zip(_days(steps), steps, strict=True) if d <= day)


def told(steps: Steps, new: Step, rules: Rules) -> Steps:
    """The steps with one more that was said; the same ones where it says nothing new.

    A step said again with a finer date, or with a document that was missing, is the same step.

    Raises:
        Refused: it contradicts what is known, or does not fit its place.
    """
    same = [s for s in reversed(steps) if s.step == new.step and agree(s.date, new.date)]
    for held in sorted(same, key=lambda s: s.date != new.date):
        more = _completed(held, new)
        if more.date == held.date:
            return tuple(more if s is held else s for s in steps)
        others = tuple(s for s in steps if s is not held)
        if fitting := _fitting(others, more, steps, rules):
            return fitting
    return placed(steps, new, steps, rules)


def placed(others: Steps, new: Step, before: Steps, rules: Rules) -> Steps:
    """The other steps with a new one at the latest place that its date allows and that fits.

    What did not fit among the steps as they were `before` need not fit now.

    Raises:
        Refused: it fits nowhere.
    """
    if fitting := _fitting(others, new, before, rules):
        return fitting
    latest_place = next(_places(others, new))
    raise Refused(_problem(latest_place, new, before, rules) or "it does not fit")


def taken_over(steps: Steps, duplicates: Steps, rules: Rules) -> Steps:
    """The steps with what those of a duplicate add; where they contradict, the own ones stand.

    Again until nothing more fits, since one step may rest on another.
    """
    standing = steps
    for step in duplicates:
        with suppress(Refused):
            standing = told(standing, step, rules)
    return steps if standing == steps else taken_over(standing, duplicates, rules)


def without(steps: Steps, wrong: Step, rules: Rules) -> Steps:
    """The steps without one that never happened.

    Raises:
        Refused: another step rests on it.
    """
    rest = tuple(s for s in steps if s != wrong)
    if problem := _problem(rest, wrong, steps, rules):
        raise Refused(problem)
    return rest


def _days(steps: Steps) -> list[str]:
    """The day on which each has happened for certain: at the latest when what came after had.

    The order of the joining steps of one period tells nothing.
    """
    days: list[str] = []
    before_any = before_change = "9999-12-31"
    for step in reversed(steps):
        joins = step.step in JOINING
        day = min(certain_day(step.date), before_change if joins else before_any)
        before_any = min(before_any, day)
        before_change = before_change if joins else day
        days.append(day)
    return days[::-1]


def _after(state: MemberState, step: Step, period: Sequence[Step], rules: Rules) -> MemberState:
    match step.step, state:
        case "suspended", "member":
            return "suspended"
        case "reinstated", "suspended":
            return "member"
        case "withdrawn", was if was != "none":
            return "withdrawn"
        case (("suspended" | "reinstated" | "withdrawn"), _):
            return state
        case _, "suspended":
            return state
        case _:
            reached = _reached(period, rules)
            return state if reached == "none" else reached


def _reached(period: Sequence[Step], rules: Rules) -> MemberState:
    """How far the joining steps of a period lead, by the statutes at the date of each."""
    states: list[MemberState] = ["none"]
    for step in period:
        if step.step in JOINING:
            reached = _reaches(step, period)
            enough = _WAY_IN.index(reached) >= _WAY_IN.index(_enough(rules, step.date))
            states.append("member" if enough else reached)
    return max(states, key=_WAY_IN.index)


def _reaches(step: Step, period: Sequence[Step]) -> MemberState:
    if step.step == "condition met" and not any(s.step == "decided" for s in period):
        return "none"
    if step.step == "decided" and step.condition:
        return "conditional"
    return _REACHES[step.step]


def _enough(rules: Rules, date: str) -> MemberState:
    rule = in_force(rules, lambda r: r.since, certain_day(date))
    return _ENOUGH[rule.by if rule else "signature"]


def _completed(held: Step, new: Step) -> Step:
    """A step with the finer date, and with what was missing."""
    details = {**new.model_dump(exclude_none=True), **held.model_dump(exclude_none=True)}
    return Step.model_validate({**details, "date": max(held.date, new.date, key=len)})


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


def _fitting(others: Steps, new: Step, before: Steps, rules: Rules) -> Steps | None:
    places = _places(others, new)
    return next((p for p in places if not _problem(p, new, before, rules)), None)


def _problem(steps: Steps, new: Step, before: Steps, rules: Rules) -> str | None:
    """Why steps do not make a way; what did not fit before is no problem now."""
    if contradicted := _contradicted(steps, new):
        return f"that it {_said(new)} is dated {contradicted.date} already, which contradicts it"
    unfit = [m.step for m in walk(before, rules) if _is_idle(m)]
    for moment in walk(steps, rules):
        if _is_idle(moment) and moment.step not in unfit and not _waits(moment, new):
            return _explained(moment, new)
    return None


def _waits(moment: Moment, new: Step) -> bool:
    """Whether it is a later suspension, which waits for the end of the one that is told now."""
    return moment.step != new and moment.step.step == moment.before == "suspended"


def _contradicted(steps: Steps, new: Step) -> Step | None:
    """The same joining step at another date in the same period."""
    at = next((i for i, s in enumerate(steps) if s is new), None)
    if at is None or new.step not in JOINING:
        return None
    left = [i for i, s in enumerate(steps) if s.step == "withdrawn"]
    start = max((i for i in left if i < at), default=0)
    end = min((i for i in left if i > at), default=len(steps))
    return next((s for s in steps[start:end] if s.step == new.step and s is not new), None)


def _is_idle(moment: Moment) -> bool:
    """Whether a suspension, reinstatement or withdrawal had nothing to change."""
    return moment.step.step not in JOINING and moment.before == moment.after


def _explained(moment: Moment, new: Step) -> str:
    if moment.step != new:
        return f"then it could not have been {_said(moment.step)}"
    if moment.before == "none":
        return f"{new.date} lies before it joined"
    return f"it cannot be {_said(new)}: its state is {moment.before!r}"


def _said(step: Step) -> str:
    return f"{step.step} {step.date}"
