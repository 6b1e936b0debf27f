"""Members by size: classes of how many people live there, so that like is compared with like."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final, Literal

Size = Literal[
    "under-20000",
    "under-100000",
    "under-500000",
    "under-1000000",
    "from-1000000",
    "unknown",
]
"""A class of size, by the last count of a member's people; each begins where the one before ends.
"""
_ENDS: Final[dict[Size, int]] = {
    "under-20000": 20_000,
    "under-100000": 100_000,
    "under-500000": 500_000,
    "under-1000000": 1_000_000,
}
SIZES: Final[tuple[Size, ...]] = (*_ENDS, "from-1000000", "unknown")
"""The smallest first. The bounds are round numbers, taken from no official classification."""


def size_of(population: int | None) -> Size:
    """The class of a member of so many people."""
    if population is None:
        return "unknown"
    return SIZES[bisect_right([*_ENDS.values()], population)]


def having(size: Size) -> dict[str, int] | None:
    """What a population of a class is, as a query says it."""
    if size == "unknown":
        return None
    place = SIZES.index(size)
    begins = _ENDS.get(SIZES[place - 1]) if place else 1
    found = {"$gte": begins, "$lt": _ENDS.get(size)}
    return {name: value for name, value in found.items() if value is not None}
