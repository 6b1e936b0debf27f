"""How commitments advance from month to month."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from services.plans.domain.as_of import percent_of
from services.plans.domain.commitments import elsewhere
from services.plans.domain.commitments.progress import ADVANCE
from services.plans.domain.comparing import chosen_on, is_taken_up
from shared.contracts.plans import Day, Percent, Status
from shared.domain.dates import certain_day
from shared.domain.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from services.plans.domain.commitments.state import MemberCommitments


class Month(State):
    """How commitments stood at the end of a month.

    Attributes:
        day: its last day, or today.
        members: how many members had commitments.
        by_status: of the commitments that they had taken up, how many had each status.
        percent: the mean of those whose percentage is known, cut; None where none is.
        counted: of how many it is the mean.
    """

    day: Day
    members: int
    by_status: dict[Status, int]
    percent: Percent | None
    counted: int


class _Point(NamedTuple):
    status: Status
    percent: int | None


class _Line(NamedTuple):
    """A commitment, and from which day on it was how far."""

    point: int
    borne_by: str | None
    course: list[tuple[str, _Point]]


_NOT_BEGUN: Final = _Point("not started", percent_of("not started", None))


class Trend:
    """Counts members, one after another.

    Args:
        days: the last days of the months, in order.
    """

    def __init__(self, days: Sequence[str]) -> None:
        self._days = days
        self._statuses = {day: Counter[Status]() for day in days}
        self._members, self._sums, self._known = Counter[str](), Counter[str](), Counter[str]()

    def add(self, holder: MemberCommitments, coalition: str | None) -> None:
        """Count a member on each day on which it was in a coalition, or in any."""
        lines: dict[tuple[str, int | None], list[_Line]] = {}
        for day in self._days:
            then = elsewhere.as_of(holder, day)
            if coalition not in {None, then.coalition} or not _had_joined(then, day):
                continue
            version = _version(then, day)
            here = (then.coalition, version)
            if here not in lines:
                lines[here] = _lines(then, version)
            self._count(day, lines[here], chosen_on(then.choices, version, day))

    def _count(self, day: str, lines: Sequence[_Line], chosen: Sequence[int]) -> None:
        self._members[day] += 1
        points = [_on(one, day) for one in lines if is_taken_up(one.point, chosen, one.borne_by)]
        known = [point.percent for point in points if point.percent is not None]
        self._statuses[day].update(point.status for point in points)
        self._sums[day] += sum(known)
        self._known[day] += len(known)

    def months(self) -> Iterator[Month]:
        """What was counted, month by month."""
        for day in self._days:
            known = self._known[day]
            yield Month(
                day=day,
                members=self._members[day],
                by_status={status: self._statuses[day][status] for status in ADVANCE},
                percent=self._sums[day] // known if known else None,
                counted=known,
            )


def _had_joined(holder: MemberCommitments, day: str) -> bool:
    is_later = holder.joined is not None and certain_day(holder.joined) > day
    return holder.plan_version is not None and not is_later


def _version(holder: MemberCommitments, day: str) -> int | None:
    left_later = (old.plan_version for old in holder.past if certain_day(old.until) > day)
    return next(left_later, holder.plan_version)


def _lines(holder: MemberCommitments, version: int | None) -> list[_Line]:
    past = [old for old in holder.past if old.plan_version == version]
    return [
        _Line(
            one.point,
            one.borne_by,
            [
                (certain_day(p.as_of), _Point(p.status, percent_of(p.status, p.percent)))
                for p in one.course
            ],
        )
        for one in past or holder.commitments
    ]


def _on(line: _Line, day: str) -> _Point:
    """How far a commitment was on a day: the last of what holds from then on."""
    found = _NOT_BEGUN
    for since, point in line.course:
        if since <= day:
            found = point
    return found
