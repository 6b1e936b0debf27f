"""Dates as precise as their source, and what can be said for certain of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from shared.contracts.base import covers, earliest, latest
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

T = TypeVar("T")


def certain_day(date: str) -> str:
    """The first day on which something so dated has happened for certain, as `YYYY-MM-DD`.

    A date known only to the month counts from the month's last day.
    """
    return latest(date).isoformat()


def not_in_the_future(date: str | None, now: datetime) -> None:
    """Refuse a date of which no day has come yet.

    Raises:
        Refused: it lies in the future.
    """
    if date and earliest(date) > now.date():
        raise Refused(f"{date} lies in the future")


def agree(one: str, other: str) -> bool:
    """Whether two dates can mean the same, one being as precise as the other or finer."""
    return covers(one, other) or covers(other, one)


def finer(new: str | None, old: str | None, what: str) -> str | None:
    """The more precise of two dates of the same fact.

    Raises:
        Refused: they contradict each other.
    """
    if new is None or old is None:
        return new or old
    if not agree(new, old):
        raise Refused(f"{what} is dated {old} already, which {new} contradicts")
    return max(old, new, key=len)


def in_force(dated: Iterable[T], date_of: Callable[[T], str | None], day: str) -> T | None:
    """The last of what holds from a date on, as of a day; what has no date always held."""
    held = None
    for one in dated:
        date = date_of(one)
        if date is None or certain_day(date) <= day:
            held = one
    return held


def replaced(held: tuple[T, ...], old: T | None, new: T) -> tuple[T, ...]:
    """With a new one in the place of an old one, or behind them all where there is none."""
    if old is None:
        return (*held, new)
    return tuple(new if one is old else one for one in held)


def by_date(dated: Iterable[T], date_of: Callable[[T], str | None]) -> tuple[T, ...]:
    """In the order of their dates, what has none first; else as they were told."""
    return tuple(sorted(dated, key=lambda one: certain_day(date_of(one) or "0001")))
