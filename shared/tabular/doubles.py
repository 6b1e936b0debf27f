"""Names so like each other that two may be one: exonyms, and typing errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler
from slugify import slugify

if TYPE_CHECKING:
    from collections.abc import Iterable

_ALIKE: Final = 0.86
_MOST: Final = 3
MAX_COMPARED: Final = 10_000
"""Names to which one is compared at most: a thousand times as many take about a second."""


class Names:
    """Names in any script, each of somebody with an id; asked for those that are like another."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, None]] = {}

    def add(self, id_: str, names: Iterable[str | None]) -> None:
        """Add somebody's names; those beyond `MAX_COMPARED` are left out."""
        for name in names:
            if name and len(self._of) < MAX_COMPARED:
                self._of.setdefault(slugify(name), {})[id_] = None

    def like(self, id_: str, names: Iterable[str | None]) -> tuple[str, ...]:
        """The ids of others whose name is like one of some names, three at most."""
        found: dict[str, None] = {}
        for name in filter(None, names):
            alike = process.extract(
                slugify(name),
                self._of.keys(),
                scorer=JaroWinkler.similarity,
                score_cutoff=_ALIKE,
                limit=_MOST,
            )
            for near, _, _ in alike:
                found |= self._of[near]
        found.pop(id_, None)
        return tuple(found)[:_MOST]
