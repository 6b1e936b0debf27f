"""Local time: when an hour comes, in whatever zone and however clocks are changed there."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_SECOND: Final = timedelta(seconds=1)

zone_of: Final = lru_cache(1_000)(ZoneInfo)
"""The rules of a zone, by its name."""


def local_date(now: datetime, zone: str) -> date:
    """The day that it is there."""
    return now.astimezone(zone_of(zone)).date()


def instant(day: date, at: time, zone: str) -> datetime:
    """When a clock there shows a time, in UTC.

    Of an hour that comes twice it is the first; where it is skipped, it is the next that exists.
    """
    there = zone_of(zone)
    wanted = datetime.combine(day, at)
    before, after = (wanted.replace(tzinfo=there, fold=fold).astimezone(UTC) for fold in (0, 1))
    if before.astimezone(there).replace(tzinfo=None) == wanted:
        return before
    # Skipped: read by the offset from before the change it lies after it, and the other way round.
    early, late = after, before
    while late - early > _SECOND:
        middle = early + (late - early) // 2
        if middle.astimezone(there).replace(tzinfo=None) < wanted:
            early = middle
        else:
            late = middle
    return late.replace(microsecond=0)
