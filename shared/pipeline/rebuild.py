"""Snapshots made anew from the journal: after an upgrade that changed them, or when asked to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Generic

import structlog

from shared import mongo
from shared.domain.decider import Decider, S
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.pipeline.bounds import measured
from shared.pipeline.tolerant import folded
from shared.waits import first

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from pymongo.asynchronous.collection import AsyncCollection

    from shared.journal.store import Journal
    from shared.pipeline.projections import Projection
    from shared.pipeline.snapshots import Snapshots

log = structlog.get_logger()

_AT_ONCE: Final = 500
_BYTES_AT_ONCE: Final = 1_000_000
_NAMED: Final = 100
_SHAPE: Final = "snapshots"


class Rebuild(Generic[S]):
    """Folds the whole journal, writes every snapshot and has the projections follow.

    It is safe while events arrive.

    Args:
        notes: where the shape of the snapshots that are there is noted.

    Attributes:
        written: how many snapshots this run, or the last one, has written.
        unreadable: the first hundred aggregates whose journal cannot be folded; their snapshots
            stay as they are.
    """

    def __init__(
        self,
        decider: Decider[S],
        journal: Journal,
        snapshots: Snapshots[S],
        notes: AsyncCollection[dict[str, Any]],
        projections: Sequence[Projection[S]] = (),
    ) -> None:
        self._decider = decider
        self._journal = journal
        self._snapshots = snapshots
        self._projections = projections
        self._notes = notes
        self._asked = asyncio.Event()
        self._busy = False
        self.written = 0
        self.unreadable: list[str] = []

    @property
    def running(self) -> bool:
        """Whether one is under way, or asked for."""
        return self._busy or self._asked.is_set()

    def ask(self) -> None:
        """Have the snapshots rebuilt soon."""
        self._asked.set()

    async def work(self, stopping: asyncio.Event) -> None:
        """Rebuild when it is asked for, and at once where the models have changed."""
        if await self._is_outdated():
            self.ask()
        while await first(self._asked, stopping) is self._asked:
            self._busy = True
            self._asked.clear()  # before it begins: asked for in the meantime, it is done again
            await self._run(stopping)
            self._busy = False

    async def _run(self, stopping: asyncio.Event) -> None:
        """Rewrite all snapshots, and note that they have the shape of today."""
        self.written, self.unreadable, states = 0, [], dict[Stream, Versioned[S]]()
        size = 0
        for kind in self._snapshots.kinds:
            async for stream, found in self._streams(kind):
                if found.unreadable:
                    self.unreadable = [*self.unreadable, stream][:_NAMED]
                elif found.state is not None:
                    states[stream] = found
                    size += measured(found.state)
                if len(states) >= _AT_ONCE or size >= _BYTES_AT_ONCE:
                    await self._write(states)
                    states, size = {}, 0
                if stopping.is_set():
                    return
        await self._write(states)
        await mongo.upsert(self._notes, _SHAPE, {"shape": self._snapshots.shape})
        log.info("snapshots_rebuilt", count=self.written, unreadable=self.unreadable)

    async def _write(self, states: Mapping[Stream, Versioned[S]]) -> None:
        if not states:
            return
        await self._snapshots.rewrite(states)
        there = {s: one.state for s, one in states.items() if one.state is not None}
        for projection in self._projections:
            await projection.rebuild(there)
        self.written += len(states)

    async def _is_outdated(self) -> bool:
        note = await self._notes.find_one({"_id": _SHAPE})
        return note is None or note["shape"] != self._snapshots.shape

    async def _streams(self, kind: str) -> AsyncIterator[tuple[Stream, Versioned[S]]]:
        """Each aggregate of a kind, folded; one that cannot be read says so."""
        stream: Stream | None = None
        aggregate = Versioned[S]()
        async for entry in self._journal.all_of(kind):
            if entry.stream != stream:
                if stream:
                    yield stream, aggregate
                stream, aggregate = entry.stream, Versioned[S]()
            aggregate = folded(self._decider, aggregate, entry)
        if stream:
            yield stream, aggregate
