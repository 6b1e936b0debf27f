"""Timestamps as RFC 3339 has them: neither Python nor a pattern alone knows which there are."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_HOUR_AND_MINUTE: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]"
# `fromisoformat` alone takes far more: weeks, any separator, 24 o'clock, offsets with seconds.
_TIMESTAMP: Final = re.compile(
    rf"(?P<minute>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[Tt ]{_HOUR_AND_MINUTE})"
    rf":(?P<second>[0-5][0-9]|60)(\.[0-9]+)?(?P<offset>[Zz]|[+-]{_HOUR_AND_MINUTE})?"
)
_SECOND: Final = timedelta(seconds=1)


def check(text: str) -> None:
    """See that a text is a timestamp, with its offset from UTC.

    Raises:
        ValueError: it is none; the message says why.
    """
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise ValueError("is not an RFC 3339 timestamp")
    if match["offset"] is None:
        raise ValueError("lacks its offset from UTC")
    try:
        _check_moment(match["minute"], match["second"], match["offset"].upper())
    except (ValueError, OverflowError):
        raise ValueError("names no moment that there is") from None


def _check_moment(minute: str, second: str, offset: str) -> None:
    # A leap second is a time, though not to Python; it ends a month in UTC.
    is_leap = second == "60"
    moment = datetime.fromisoformat(f"{minute}:{'59' if is_leap else second}{offset}")
    if is_leap and (after := moment.astimezone(UTC) + _SECOND) != after.replace(
        day=1, hour=0, minute=0, second=0
    ):
        raise ValueError("no month ends there")
