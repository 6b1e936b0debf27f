"""Dates as precise as their source, compared; and days counted by months."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING

from shared.contracts.base import covers, earliest, latest
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


def not_in_the_future(said: str, now: datetime) -> None:
    """Refuse a date that has not come yet.

    Raises:
        Refused: its first possible day lies after today (UTC).
    """
    if earliest(said) > now.date():
        raise Refused(f"{said} lies in the future")


def is_older(new: str, held: str | None) -> bool:
    """Whether a date lies before the one that is held, however both are read."""
    return held is not None and latest(new) < earliest(held)


def latest_of(dates: Iterable[str | None]) -> str | None:
    """The latest date, by its last possible day; the first of those that are equal."""
    return max((said for said in dates if said), key=latest, default=None)


def sooner(new: str | None, held: str | None) -> str | None:
    """The earlier of two dates; of two that can mean the same day, the more precise one."""
    if new is None or held is None:
        return held or new
    if covers(held, new) or covers(new, held):
        return max(held, new, key=len)
    return min(held, new, key=latest)


def finer(new: str | None, held: str | None, what: str) -> bool:
    """Whether a date tells more than the one that is held.

    Raises:
        Refused: both cannot be true.
    """
    if new is None or new == held or (held and covers(new, held)):
        return False
    if held is None or covers(held, new):
        return True
    raise Refused(f"{what} is dated {held} already, which {new} contradicts")


def months_after(start: date, months: int) -> date:
    """The same day some months later, or the month's last day where it has no such day."""
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))
