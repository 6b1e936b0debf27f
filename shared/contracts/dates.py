"""Dates as precise as their source: EDTF level 0, in the digits 0 to 9."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, StringConstraints

from shared.contracts.lenient import only_refuses

# Not \d, which takes the digits of every script; and so do int() and isdigit().
_EDTF: Final = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
PATTERN: Final = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"
"""Of a date in a JSON Schema."""
_DAY_PATTERN: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
PATTERNS: Final = frozenset({PATTERN, _DAY_PATTERN})
"""By which a field of a JSON Schema is known to be a date."""
_RULE: Final = "a date is YYYY, YYYY-MM or YYYY-MM-DD (EDTF level 0), as precise as its source"
_PRECISION: Final = {4: "year", 7: "month", 10: "day"}


@lru_cache(10_000)
def earliest(value: str) -> date:
    """The first day that an EDTF level 0 date may mean (`2006-08` → 1 August 2006)."""
    year, month, day = (int(part) for part in f"{value}-01-01"[:10].split("-"))
    return date(year, month, day)


@lru_cache(10_000)
def latest(value: str) -> date:
    """The last day that an EDTF level 0 date may mean (`2006-08` → 31 August 2006)."""
    match _PRECISION[len(value)]:
        case "year":
            return date(int(value), 12, 31)
        case "month":
            year, month = int(value[:4]), int(value[5:])
            return date(year, month, monthrange(year, month)[1])
        case _:
            return date.fromisoformat(value)


def covers(wide: str, narrow: str) -> bool:
    """Whether two dates can mean the same day, `wide` being the less precise or equal one."""
    return narrow.startswith(wide)


@only_refuses
def _real_date(value: Any) -> Any:  # noqa: ANN401 - any JSON may stand where a date should
    if isinstance(value, str):
        _check(value)
    return value


@lru_cache(10_000)
def _check(value: str) -> None:
    if not _EDTF.fullmatch(value):
        msg = _RULE
        raise ValueError(msg)
    try:
        earliest(value)
    except ValueError:
        msg = f"there is no such {_PRECISION[len(value)]}: {_RULE}"
        raise ValueError(msg) from None


@only_refuses
def _to_the_day(value: Any) -> Any:  # noqa: ANN401 - likewise
    if isinstance(value, str) and len(value) != len("2006-08-04"):
        msg = "this date is needed to the day: YYYY-MM-DD"
        raise ValueError(msg)
    return value


EdtfDate = Annotated[
    str,
    StringConstraints(min_length=4, max_length=10),
    BeforeValidator(_real_date),
    Field(
        description="EDTF level 0: YYYY, YYYY-MM or YYYY-MM-DD.",
        examples=["2006-08"],
        json_schema_extra={"pattern": PATTERN},
    ),
]
"""A date as precise as its source; a day or month that no source gives is left out."""

# Of its own, not an `EdtfDate` with more to it: that one's pattern would be the published one.
Day = Annotated[
    str,
    StringConstraints(min_length=10, max_length=10),
    BeforeValidator(_real_date),
    BeforeValidator(_to_the_day),
    Field(
        description="A date to the day, YYYY-MM-DD.",
        examples=["2026-10-25"],
        json_schema_extra={"pattern": _DAY_PATTERN},
    ),
]
"""A date to the day."""
