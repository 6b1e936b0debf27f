"""When a commitment has not moved for a year, which is said of it once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from services.plans.domain.commitments.moving import last_moved
from services.plans.domain.commitments.state import is_asked
from services.plans.domain.comparing import is_taken_up
from shared.contracts.plans import CommitmentsFellIdle
from shared.domain.dates import months_after

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.plans.domain.commitments.state import CommitmentState, MemberCommitments
    from services.plans.domain.plans.state import ReportingRule

_MONTHS: Final = 12
_AGAIN: Final = timedelta(days=31)
"""How soon the clock looks again at what may move any day, and be dated back."""


def by_clock(
    holder: MemberCommitments, rule: ReportingRule | None, today: date
) -> CommitmentsFellIdle | None:
    """What is to be said of a member's commitments today, and was not said yet.

    Where its coalition asks for reports, and of no time before it began to.
    """
    idle = {one.point: since for one, since in _still(holder, rule) if _year_after(since) <= today}
    if not idle:
        return None
    return CommitmentsFellIdle(
        coalition=holder.coalition,
        member=holder.member,
        points=tuple(idle),
        noted=today.isoformat(),
        since=max(idle.values()).isoformat(),
    )


def next_day(holder: MemberCommitments, rule: ReportingRule | None, today: date) -> date | None:
    """The next day on which the clock may have something to say of them; None for never.

    It is asked when there is nothing to say today. Of what moves nobody has the clock look at the
    member: so one with commitments of which nothing is to come is looked at again now and then.
    """
    if rule is None or not is_asked(holder):
        return None
    days = [_year_after(since) for _, since in _still(holder, rule)]
    if len(days) < len(holder.commitments):
        days.append(today + _AGAIN)
    return min((day for day in days if day > today), default=None)


def _still(
    holder: MemberCommitments, rule: ReportingRule | None
) -> Iterator[tuple[CommitmentState, date]]:
    """The commitments on which there is work left, and the day since which each stands still.

    Without those of which it was said, and which have not moved since.
    """
    if rule is None or not is_asked(holder):
        return
    for one in holder.commitments:
        is_open = one.status != "completed" and is_taken_up(one.point, holder.chosen, one.borne_by)
        moved = last_moved(holder, one) if is_open else None
        if moved and one.idle != moved:
            yield one, date.fromisoformat(max(moved, rule.since))


def _year_after(day: date) -> date:
    return months_after(day, _MONTHS) if day.year < date.max.year else date.max
