"""How aggregates stand now, whatever their views have not caught up with included."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeAlias

from shared.domain.decider import Decider, S
from shared.domain.versioned import Versioned
from shared.pipeline.tolerant import folded

if TYPE_CHECKING:
    from shared.journal.store import Journal
    from shared.pipeline.snapshots import Views

Known: TypeAlias = Mapping[str, Versioned[S]]
"""How each of some streams stands."""
Present: TypeAlias = Callable[[set[str]], Awaitable[Known[S]]]
"""Reads how streams stand now."""


@dataclass(frozen=True, slots=True)
class FromJournal(Generic[S]):
    """Reads the views, and what the journal has that is newer."""

    decider: Decider[S]
    views: Views[S]
    journal: Journal

    async def __call__(self, streams: set[str]) -> Known[S]:
        """See `Present`."""
        known: dict[str, Versioned[S]] = dict.fromkeys(streams, Versioned())
        views = await self.views.load(streams)
        known.update({stream: Versioned(*view) for stream, view in views.items()})
        async for entry in self.journal.newer({s: known[s].version for s in streams}):
            known[entry.stream] = folded(self.decider, known[entry.stream], entry)
        return known
