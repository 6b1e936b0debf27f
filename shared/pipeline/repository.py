"""Step 3: how aggregates stand. It hides where their states are kept and how they are read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Generic

from cachetools import LRUCache

from shared.domain.decider import Decider, S
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.pipeline.tolerant import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shared.journal.store import Journal
    from shared.pipeline.inbound import InboundMessage
    from shared.pipeline.snapshots import Snapshots

Lookup = Callable[[Collection[str]], Awaitable[Mapping[str, S]]]
"""Reads those of some ids that there are."""
CACHED: Final = 24_000_000
_ALSO: Final = 200
"""What an aggregate takes besides its state, as bytes of JSON."""


class Repository(Generic[S]):
    """Loads aggregates from memory, their snapshots and the journal.

    Args:
        cache_bytes: how large what is kept in memory may be, as JSON, besides what is behind: by
            number alone, aggregates that have grown for years would fill any memory.
        lookups: reads what rules look at and no journal has, by the kind of its stream.
    """

    def __init__(
        self,
        decider: Decider[S],
        journal: Journal,
        snapshots: Snapshots[S],
        cache_bytes: int = CACHED,
        lookups: Mapping[str, Lookup[S]] = MappingProxyType({}),
    ) -> None:
        self._decider = decider
        self._journal = journal
        self._snapshots = snapshots
        self._lookups = lookups
        self._cache: LRUCache[Stream, Versioned[S]] = LRUCache(
            cache_bytes, getsizeof=lambda one: min(cache_bytes, one.weight + _ALSO)
        )
        self._unwritten: dict[Stream, Versioned[S]] = {}

    async def current(self, streams: set[Stream]) -> dict[Stream, Versioned[S]]:
        """How aggregates stand now: their snapshots, and whatever the journal has that is newer."""
        loaded = await self._as_written(streams)
        async for entry in self._journal.newer({s: loaded[s].version for s in streams}):
            loaded[entry.stream] = folded(self._decider, loaded[entry.stream], entry)
        return loaded

    async def load(
        self, messages: Sequence[InboundMessage], *, afresh: bool
    ) -> dict[Stream, Versioned[S]]:
        """Bring to mind what messages touch.

        At first the snapshot is enough for an aggregate that decides: should it be behind, then
        the append says so, and it is read `afresh`. What is only looked at is always read afresh.
        """
        decided = {message.route.stream for message in messages if message.event}
        looked_at = {s for message in messages if message.event for s in message.route.looks_at}
        loaded = {s: one for s in decided - looked_at if (one := self._in_memory(s))}
        if not afresh and (rest := decided - looked_at - loaded.keys()):
            loaded.update(await self._as_written(rest))
        if missing := (decided | looked_at) - loaded.keys():
            loaded.update(await self.current(missing))
        return loaded

    def remember(self, states: Mapping[Stream, Versioned[S]]) -> None:
        """Keep states that the journal now holds; their snapshots are behind until `written`."""
        self._unwritten.update(states)
        self._cache.update(states)

    def forget(self, streams: Iterable[Stream]) -> None:
        """Give up states of which nobody is sure."""
        for stream in streams:
            self._cache.pop(stream, None)
            self._unwritten.pop(stream, None)

    def written(
        self, states: Mapping[Stream, Versioned[S] | None], sizes: Mapping[Stream, int]
    ) -> None:
        """Note that snapshots were brought forward to these states, and how large they are."""
        for stream, aggregate in states.items():
            if aggregate is self._unwritten.get(stream):
                self._unwritten.pop(stream, None)
            held = self._cache.get(stream)
            if held and stream in sizes:
                self._cache[stream] = held._replace(written=sizes[stream])

    def clear(self) -> None:
        """Forget everything: another process may decide from now on."""
        self._cache.clear()
        self._unwritten.clear()

    def _in_memory(self, stream: Stream) -> Versioned[S] | None:
        """An aggregate from memory; its snapshot, if not written yet, would be stale.

        One that could not be read is tried again, in case that it has been mended.
        """
        found = self._cache.get(stream) or self._unwritten.get(stream)
        return None if found and found.unreadable else found

    async def _as_written(self, streams: set[Stream]) -> dict[Stream, Versioned[S]]:
        """The snapshots; version 0 and no state where there is none."""
        looked_up: dict[str, list[str]] = {}
        for stream in streams:
            if stream.kind in self._lookups:
                looked_up.setdefault(stream.kind, []).append(stream.id)
        found = await self._snapshots.load(s for s in streams if s.kind not in looked_up)
        for kind, ids in looked_up.items():
            states = await self._lookups[kind](ids)
            found |= {Stream(kind, id_): Versioned(state=one) for id_, one in states.items()}
        return {stream: found.get(stream, Versioned()) for stream in streams}
