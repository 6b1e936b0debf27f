"""How aggregates stand now, whatever their views have not caught up with included."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeAlias

from shared.domain.decider import Decider, S, fold

if TYPE_CHECKING:
    from shared.journal.store import Journal
    from shared.pipeline.snapshots import Views

Known: TypeAlias = Mapping[str, tuple[int, S | None]]
"""Version and state of each stream; 0 and None where nothing is known of it."""
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
        known: dict[str, tuple[int, S | None]] = dict.fromkeys(streams, (0, None))
        known.update(await self.views.load(streams))
        async for entry in self.journal.newer({s: known[s][0] for s in streams}):
            published = (one.event for one in entry.events)
            state = fold(self.decider, known[entry.stream][1], published)
            known[entry.stream] = (entry.version, state)
        return known
