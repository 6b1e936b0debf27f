"""Parameters of queries, each as strict in OpenAPI as it is here."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Path, Query
from pydantic import BeforeValidator

from shared.contracts.base import Country, EdtfDate, latest
from shared.contracts.codes import COUNTRIES
from shared.contracts.numbers import WHOLE

if TYPE_CHECKING:
    from collections.abc import Mapping

_YEAR: Final = "([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
_LEAP: Final = (
    "([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)"  # and 29 February
)
_DAY: Final = (
    "(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    "|02-(0[1-9]|1[0-9]|2[0-8])"
)
DATE: Final = f"^({_YEAR}(-(0[1-9]|1[0-2]))?|{_YEAR}-({_DAY})|{_LEAP}-02-29)$"
"""The dates of EDTF level 0 that there are, as a pattern."""
DAY: Final = f"^({_YEAR}-({_DAY})|{_LEAP}-02-29)$"
"""Those to the day."""


def _flag(value: object) -> object:
    """Only what JSON has; pydantic also takes `yes`, `on`, `1` and so on."""
    if isinstance(value, str) and value not in {"true", "false"}:
        raise ValueError("true or false")
    return value


Flag = Annotated[bool, BeforeValidator(_flag)]
"""True or false, and nothing else."""
After = Annotated[str, Query(max_length=300, description="`next` of the page before.")]
Id = Annotated[str, Query(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=200)]
"""The id of a coalition or of a member, to filter by."""
Its = Annotated[str, Path(max_length=300)]
"""What a path is about, by the name that the path has for it."""
ItsId = Annotated[str, Path(alias="id", max_length=300)]
"""The id of what a path is about."""
CountryCode = Annotated[
    Country, Query(json_schema_extra={"enum": sorted(COUNTRIES)}, description="ISO 3166-1 alpha-2.")
]
"""A country to filter by."""
AsOf = Annotated[
    EdtfDate | None,
    Query(
        description="As things certainly were at the end of this day, month or year. What is "
        "dated to a month only counts from the month's last day, likewise a year.",
        examples=["2010-01-18"],
        json_schema_extra={"pattern": DATE},
    ),
]
"""The time that a query asks about, today where it does not say."""

People = Annotated[
    int | None,
    Query(ge=1, le=100_000_000, description="Inhabitants by the last count."),
    WHOLE,
]
"""How many people live in a member, to find those of like size."""


def of_size(least: int | None, most: int | None) -> dict[str, int] | None:
    """How many people live there, as a query says it; None where nobody asks."""
    bounds = {"$gte": least, "$lte": most}
    return {name: value for name, value in bounds.items() if value is not None} or None


def day_of(as_of: str | None) -> date | None:
    """The last day that a query means."""
    return latest(as_of) if as_of else None


def given(where: Mapping[str, Any]) -> dict[str, Any]:
    """The filters that were asked for."""
    return {name: value for name, value in where.items() if value is not None}
