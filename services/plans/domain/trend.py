"""How commitments advance from month to month."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from services.plans.domain.as_of import percent_of
from services.plans.domain.commitments import elsewhere
from services.plans.domain.commitments.progress import ADVANCE
from services.plans.domain.comparing import chosen_on, is_taken_up
from shared.contracts.base import latest
from shared.contracts.plans import Day, Percent, Status
from shared.domain.dates import certain_day
from shared.domain.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from services.plans.domain.commitments.state import Elsewhere, MemberCommitments

_MEMBERS: Final = len(ADVANCE)
"""The place of how many members have commitments; before it stand the statuses."""
_KNOWN: Final = _MEMBERS + 1
_PERCENT: Final = _MEMBERS + 2
LENGTH: Final = _MEMBERS + 3
"""Places of numbers: of each status, members, known percentages, and the sum of these."""
Numbers = tuple[int, ...]
_NOTHING: Final = (0,) * LENGTH


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


class Change(NamedTuple):
    """By how much the numbers of a coalition are others, from the end of a month on.

    Attributes:
        month: empty where that was always so.
    """

    coalition: str
    month: str
    numbers: Numbers


class _Point(NamedTuple):
    status: Status
    percent: int | None


class _Line(NamedTuple):
    """A commitment, and from which day on it was how far."""

    point: int
    borne_by: str | None
    course: list[tuple[str, _Point]]


_NOT_BEGUN: Final = _Point("not started", percent_of("not started", None))


def month_of(day: str, numbers: Sequence[int]) -> Month:
    """What numbers say of the end of a month."""
    known = numbers[_KNOWN]
    return Month(
        day=day,
        members=numbers[_MEMBERS],
        by_status=dict(zip(ADVANCE, numbers, strict=False)),
        percent=numbers[_PERCENT] // known if known else None,
        counted=known,
    )


def changes(holder: MemberCommitments, today: str) -> Iterator[Change]:
    """What a member adds to the numbers, month by month, and takes from them; up to today."""
    by_day, before, here = ByDay(holder), _NOTHING, holder.coalition
    for month in ("", *_months(holder, today)):
        day = min(latest(month).isoformat(), today) if month else ""
        coalition, now = by_day.on(day)
        if coalition != here and before != _NOTHING:
            yield Change(here, month, _less(_NOTHING, before))
            before = _NOTHING
        if now != before:
            yield Change(coalition, month, _less(now, before))
        here, before = coalition, now


def _less(numbers: Numbers, others: Numbers) -> Numbers:
    return tuple(one - other for one, other in zip(numbers, others, strict=True))


def _months(holder: MemberCommitments, today: str) -> list[str]:
    """The months, up to this one, in which something of a member may have become another."""
    days = {certain_day(date_) for date_ in _dates(holder) if date_}
    ends = {c.until for one in _everywhere(holder) for c in one.choices if c.until}
    days |= {(date.fromisoformat(day) + timedelta(days=1)).isoformat() for day in ends}
    return sorted({day[:7] for day in days if day[:7] <= today[:7]})


def _everywhere(holder: MemberCommitments) -> tuple[MemberCommitments | Elsewhere, ...]:
    return (holder, *holder.elsewhere)


def _dates(holder: MemberCommitments) -> Iterator[str | None]:
    for one in _everywhere(holder):
        yield one.joined
        yield from (choice.as_of for choice in one.choices)
        yield from (old.until for old in one.past)
        yield from (p.as_of for current in one.commitments for p in current.course)
        yield from (p.as_of for old in one.past for p in old.course)
    yield from (one.until for one in holder.elsewhere)


class ByDay:
    """How all commitments of a member stood, by day."""

    def __init__(self, holder: MemberCommitments) -> None:
        self._holder = holder
        self._lines: dict[tuple[str, int | None], list[_Line]] = {}

    def on(self, day: str) -> tuple[str, Numbers]:
        """In which coalition the member was on a day, and how its commitments stood."""
        then = elsewhere.as_of(self._holder, day)
        if not _had_joined(then, day):
            return then.coalition, _NOTHING
        version = _version(then, day)
        here = (then.coalition, version)
        if here not in self._lines:
            self._lines[here] = _lines(then, version)
        return then.coalition, _count(self._lines[here], chosen_on(then.choices, version, day), day)


def _count(lines: Sequence[_Line], chosen: Sequence[int], day: str) -> Numbers:
    numbers = [*_NOTHING]
    numbers[_MEMBERS] = 1
    for line in lines:
        if is_taken_up(line.point, chosen, line.borne_by):
            status, percent = _on(line, day)
            numbers[ADVANCE.index(status)] += 1
            if percent is not None:
                numbers[_KNOWN] += 1
                numbers[_PERCENT] += percent
    return tuple(numbers)


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


def months(days: Sequence[str], by_month: Mapping[str, Sequence[int]]) -> list[Month]:
    """The ends of some months, in order, by how the numbers changed in each and before."""
    numbers, ahead = [*_NOTHING], sorted(by_month, reverse=True)
    found = list[Month]()
    for day in days:
        while ahead and ahead[-1] <= day[:7]:
            for place, number in enumerate(by_month[ahead.pop()]):
                numbers[place] += number
        found.append(month_of(day, numbers))
    return found
