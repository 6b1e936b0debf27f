"""Dates as precise as their source (EDTF level 0), compared, and what is certain about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from dateutil.relativedelta import relativedelta

from shared.contracts.base import covers, earliest, latest
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime

T = TypeVar("T")


def certain_day(value: str) -> str:
    """The first day on which something so dated has happened for certain, as `YYYY-MM-DD`.

    A date known only to the month counts from the month's last day.
    """
    return latest(value).isoformat()


def has_happened(value: str | None, day: str, *, undated: bool = False) -> bool:
    """Whether something so dated has happened for certain by a day (`YYYY-MM-DD`).

    Args:
        value: its date.
        day: the day.
        undated: whether it has where it has no date.
    """
    return undated if value is None else certain_day(value) <= day


def possible_day(value: str) -> str:
    """The first day on which something so dated may have happened, as `YYYY-MM-DD`."""
    return earliest(value).isoformat()


def agree(one: str, other: str) -> bool:
    """Whether two dates can mean the same, one being as precise as the other or finer."""
    return covers(one, other) or covers(other, one)


def is_older(new: str, current: str | None) -> bool:
    """Whether a date lies before the current one, however both are read."""
    return current is not None and latest(new) < earliest(current)


def latest_of(dates: Iterable[str | None]) -> str | None:
    """The latest date, by its last possible day; the first of those that are equal."""
    return max((value for value in dates if value), key=latest, default=None)


def earlier_of(one: str | None, other: str | None) -> str | None:
    """The earlier of two dates; of two that can mean the same day, the more precise one."""
    if one is None or other is None:
        return other or one
    if agree(one, other):
        return max(other, one, key=len)
    return min(other, one, key=latest)


def finer_of(new: str | None, current: str | None) -> str | None:
    """The more precise of two dates of one fact; the current one where they contradict."""
    if new is None or current is None:
        return new or current
    return max(current, new, key=len) if agree(new, current) else current


def months_after(start: date, months: int) -> date:
    """The same day some months later, or the month's last day where it has no such day."""
    return start + relativedelta(months=months)


# --- lists of what is dated ------------------------------


def in_force(
    dated: Iterable[T],
    date_of: Callable[[T], str | None],
    day: str,
    from_: Callable[[str], str] = certain_day,
) -> T | None:
    """The last of what holds from a date on, as of a day; what has no date always held.

    Args:
        dated: in their order.
        date_of: the date of one.
        day: the day.
        from_: from which day on something so dated holds.
    """
    found = None
    for one in dated:
        value = date_of(one)
        if value is None or from_(value) <= day:
            found = one
    return found


def replaced(items: tuple[T, ...], current: T | None, new: T) -> tuple[T, ...]:
    """With a new one in the place of the current one, or behind them all where there is none."""
    if current is None:
        return (*items, new)
    return tuple(new if one is current else one for one in items)


def by_date(dated: Iterable[T], date_of: Callable[[T], str | None]) -> tuple[T, ...]:
    """In the order of their dates, what has none first; else in the order given."""

    def day(one: T) -> str:
        value = date_of(one)
        return certain_day(value) if value else ""

    return tuple(sorted(dated, key=day))


# --- what a rule refuses ------------------------------


def refuse_future(value: str | None, now: datetime) -> None:
    """Refuse a date of which no day has come yet (UTC).

    Raises:
        Refused: it lies in the future.
    """
    if value and earliest(value) > now.date():
        raise Refused(f"{value} lies in the future")


def refuse_contradiction(new: str | None, current: str | None, what: str) -> None:
    """Refuse a date that cannot mean the same as the one that is recorded of the same fact.

    Raises:
        Refused: they contradict each other.
    """
    if new and current and not agree(new, current):
        raise Refused(f"{what} is dated {current} already, which {new} contradicts")
