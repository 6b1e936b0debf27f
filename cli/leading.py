"""Who leads a coalition now: terms that are over, or lie ahead, are no news of today."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from shared.contracts.base import earliest, latest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def today() -> date:
    """The day, in UTC as everywhere."""
    return datetime.now(UTC).date()


def leading(terms: Iterable[Mapping[str, Any]], day: date) -> list[str]:
    """The names of the cities whose term may last on a day, each with its area if it has one.

    A term that ends in a month lasts to the month's end.
    """
    return [
        f"{term['city']['name']} ({term['area']})" if term.get("area") else term["city"]["name"]
        for term in terms
        if term["since"]
        and earliest(term["since"]) <= day
        and (not term["until"] or day <= latest(term["until"]))
    ]
