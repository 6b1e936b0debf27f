"""What a local plan is from which day until which; its periods end as time passes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from shared.contracts.base import EdtfDate, Link, LongText, latest
from shared.contracts.membership import DecidingBody, Vote
from shared.contracts.plans import Verdict
from shared.domain.dates import certain_day
from shared.domain.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator

LocalPlanState = Literal["adopted", "submitted", "to revise", "accepted", "expired", "ended"]
"""What a local plan is; `expired` is one whose period is over and that was not renewed."""


class Renewal(State):
    """Another period of a local plan."""

    renewed: EdtfDate
    body: DecidingBody | None = None
    vote: Vote | None = None
    ends: EdtfDate | None = None
    document: Link | None = None
    note: LongText | None = None


class Steps(State):
    """The steps of a local plan, of which its standings are made.

    Attributes:
        renewals: by date; each begins another period.
        awaits_review: whether it was submitted, and not reviewed since then.
    """

    adopted: EdtfDate
    ends: EdtfDate | None = None
    renewals: tuple[Renewal, ...] = ()
    submitted: EdtfDate | None = None
    reviewed: EdtfDate | None = None
    verdict: Verdict | None = None
    awaits_review: bool = False
    accepted: EdtfDate | None = None
    ended: EdtfDate | None = None


class Standing(State):
    """What a local plan is from a day on, and until another (not included) or for good."""

    state: LocalPlanState
    since: str
    until: str | None = None


def standings(plan: Steps) -> tuple[Standing, ...]:
    """What a local plan was, is, and will be if nothing more happens."""
    marks = sorted(_marks(plan), key=lambda mark: mark[0])
    days = {day for day, _ in marks} | {day for day in map(_day_after, _ends(plan)) if day}
    if plan.ended:
        days.add(certain_day(plan.ended))
    changes: list[tuple[str, LocalPlanState]] = []
    for day in sorted(day for day in days if day >= certain_day(plan.adopted)):
        state = _state_on(plan, marks, day)
        if state != (changes[-1][1] if changes else None):
            changes.append((day, state))
    ends = [*(day for day, _ in changes[1:]), None]
    return tuple(
        Standing(state=state, since=day, until=end)
        for (day, state), end in zip(changes, ends, strict=True)
    )


def _marks(plan: Steps) -> Iterator[tuple[str, LocalPlanState]]:
    """When it came to be reviewed anew, and how far the last review has come."""
    yield certain_day(plan.adopted), "adopted"
    for renewal in plan.renewals:
        yield certain_day(renewal.renewed), "adopted"
    before, reviewed = "9999-12-31", list[tuple[str, LocalPlanState]]()
    for date_, state in reversed(_review(plan)):
        if date_:
            # What came before has happened at the latest when what came after had.
            before = min(before, certain_day(date_))
            reviewed.append((before, state))
    yield from reversed(reviewed)


def _review(plan: Steps) -> list[tuple[str | None, LocalPlanState]]:
    """The steps of the last review, in their order."""
    submitted: tuple[str | None, LocalPlanState] = (plan.submitted, "submitted")
    returned = plan.reviewed if plan.verdict == "revise" else None
    revise: tuple[str | None, LocalPlanState] = (returned, "to revise")
    both = [revise, submitted] if plan.awaits_review else [submitted, revise]
    return [*both, (plan.accepted, "accepted")]


def _state_on(plan: Steps, marks: list[tuple[str, LocalPlanState]], day: str) -> LocalPlanState:
    if plan.ended and certain_day(plan.ended) <= day:
        return "ended"
    if (over := _day_after(_end_on(plan, day))) and over <= day:
        return "expired"
    return [state for since, state in marks if since <= day][-1]


def _end_on(plan: Steps, day: str) -> str | None:
    """The end of the period that had last begun by a day."""
    begun = [r.ends for r in plan.renewals if certain_day(r.renewed) <= day]
    return begun[-1] if begun else plan.ends


def _ends(plan: Steps) -> Iterator[str | None]:
    yield plan.ends
    for renewal in plan.renewals:
        yield renewal.ends


def _day_after(end: str | None) -> str | None:
    """The first day on which a period is over; None where it has no end, or none of this world."""
    if end is None or latest(end) == date.max:
        return None
    return (latest(end) + timedelta(days=1)).isoformat()
