"""A member's way: what its steps make of it, and from which day on.

Steps stand in the order in which they happened, as far as their dates tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared.contracts.membership import JoiningRule, MemberState, Step, StepName
from shared.domain.dates import certain_day, in_force
from shared.domain.state import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.membership import MembershipBy

Steps = tuple[Step, ...]
Rules = tuple[JoiningRule, ...]

JOINING: Final[frozenset[StepName]] = frozenset(
    {"applied", "decided", "condition met", "signed", "acceded", "admitted"}
)
ENDS: Final[frozenset[StepName]] = frozenset({"withdrawn", "declined", "dropped"})
"""With which a time of joining, or of being a member, is over: what comes later begins anew."""
_ENDED: Final[frozenset[MemberState]] = frozenset({"withdrawn", "declined", "dropped"})
_EXAMINED: Final[frozenset[MemberState]] = frozenset({"under examination", "deferred"})
"""What an application stays until the coalition says otherwise, or a step makes a member."""
RESTING: Final[frozenset[MemberState]] = frozenset({"on hold", "suspended"})
"""In which a member's rights rest, by its own wish or not; it is a member all the same."""
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
    "decided": "decided",
    "signed": "signed",
    "admitted": "member",
}
_APPLYING: Final[tuple[MemberState, ...]] = (*_WAY_IN[1:-1], *_EXAMINED)
_TURNS: Final[dict[StepName, dict[MemberState, MemberState]]] = {
    "under examination": dict.fromkeys(("none", *_APPLYING, *_ENDED), "under examination"),
    "deferred": dict.fromkeys(("none", *_APPLYING, *_ENDED), "deferred"),
    "declined": dict.fromkeys(("none", *_APPLYING), "declined"),
    "dropped": dict.fromkeys(("none", *_APPLYING), "dropped"),
    "on hold": {"member": "on hold"},
    "suspended": dict.fromkeys(("member", "on hold"), "suspended"),
    "reinstated": dict.fromkeys(RESTING, "member"),
    # Whoever was no member has not left.
    "withdrawn": {
        **dict.fromkeys(_APPLYING, "dropped"),
        **dict.fromkeys(("member", *RESTING), "withdrawn"),
    },
}
"""What the steps that are none of joining make of which state; elsewhere such a step is idle."""


class Standing(State):
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

    @property
    def is_idle(self) -> bool:
        """Whether a step that is none of joining had nothing to change.

        An application may be examined, or deferred, again and again.
        """
        is_again = self.step.step == self.before and self.before in _EXAMINED
        return self.step.step not in JOINING and self.before == self.after and not is_again


def walk(steps: Steps, rules: Rules) -> list[Moment]:
    """Go the whole way, day by day."""
    moments: list[Moment] = []
    state: MemberState = "none"
    period: list[Step] = []
    for day, step in sorted(zip(_days(steps), steps, strict=True), key=lambda pair: pair[0]):
        period.append(step)
        after = _after(state, step, period, rules)
        if after in _ENDED:
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


def certain_by(steps: Steps, day: str) -> Steps:
    """The steps that had happened for certain on a day."""
    return tuple(s for d, s in zip(_days(steps), steps, strict=True) if d <= day)


def _days(steps: Steps) -> list[str]:
    """The day on which each has happened for certain: at the latest when what came after had.

    The order of the joining steps of one period tells nothing, nor does that of the examination
    among them.
    """
    before_examined = before_joining = before_other = "9999-12-31"
    days: list[str] = []
    for step in reversed(steps):
        day = certain_day(step.date)
        if step.step in JOINING:
            day = min(day, before_joining)
        elif step.step in _EXAMINED:
            day = before_examined = min(day, before_examined)
        else:
            day = before_joining = before_examined = min(day, before_other)
        before_other = min(day, before_other)
        days.append(day)
    return days[::-1]


def _after(state: MemberState, step: Step, period: Sequence[Step], rules: Rules) -> MemberState:
    if step.step in JOINING:
        return _joined(state, _reached(period, rules))
    return _TURNS[step.step].get(state, state)


def _joined(state: MemberState, reached: MemberState) -> MemberState:
    """No joining step makes rights rest no more; an examination it ends where it makes a member."""
    if state in RESTING or reached == "none":
        return state
    return state if state in _EXAMINED and reached != "member" else reached


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
    rule = in_force(rules, lambda r: r.since, certain_day(date)) if rules else None
    return _ENOUGH[rule.by if rule else "signed"]
