"""Step 5: what was decided goes into the journal, which may know the message already."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from shared.journal.entry import Entry
from shared.pipeline.inbound import reused
from shared.pipeline.traces import UNTIMED, Steps

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from shared.domain.decider import S
    from shared.journal.store import Journal
    from shared.pipeline.batch import Batch
    from shared.pipeline.inbound import InboundMessage
    from shared.pipeline.installation import Offsets
    from shared.pipeline.progress import Progress


class Watcher(Protocol):
    """Waits for what becomes of events."""

    @property
    def is_eager(self) -> bool:
        """Whether somebody waits for a write of what is in the journal already."""

    def notify(self, entries: Sequence[Entry]) -> None:
        """Entries are in the journal."""

    def written(self, offsets: Offsets) -> None:
        """What was read before these offsets can be read in snapshots and projections."""


class Appending:
    """Appends part after part; while the journal takes one, the next is decided.

    Attributes:
        entries: what was appended, up to the first that something stood in the way of.
    """

    def __init__(self, journal: Journal, step: Steps) -> None:
        self.entries: list[Entry] = []
        self._step = step
        self._journal = journal
        self._wanted = 0
        self._writing: asyncio.Task[list[Entry]] | None = None

    async def add(self, entries: list[Entry]) -> bool:
        """Begin to append a part when the one before is in; no, where that was stopped."""
        if not await self.end():
            return False
        self._wanted += len(entries)
        self._writing = asyncio.create_task(self._append(entries))
        await asyncio.sleep(0)  # it is under way before the next part is decided
        return True

    async def end(self) -> bool:
        """Wait for the part under way; whether all is in."""
        writing, self._writing = self._writing, None
        if writing:
            self.entries += await writing
        return len(self.entries) == self._wanted

    async def _append(self, entries: list[Entry]) -> list[Entry]:
        with self._step("append"):
            return entries[: await self._journal.append(entries)]


class JournalWriter:
    """Appends, and tells apart what stands in the way.

    Args:
        watcher: hears of what was appended, if there is one.
    """

    def __init__(self, journal: Journal, progress: Progress, watcher: Watcher | None) -> None:
        self._journal = journal
        self._progress = progress
        self._watcher = watcher

    @asynccontextmanager
    async def in_parts(self, step: Steps = UNTIMED) -> AsyncIterator[Appending]:
        """Append what is added in the block; all that could be is in when it ends."""
        appending = Appending(self._journal, step)
        try:
            yield appending
        finally:
            await appending.end()
        if self._watcher and appending.entries:
            self._watcher.notify(appending.entries)

    async def sort_out(
        self, batch: Batch[S], rest: Sequence[InboundMessage]
    ) -> list[InboundMessage]:
        """Tell apart why an append stopped, and say what is to be decided again.

        An entry of the same origin and content is ours, from before a crash. One from elsewhere is
        the publisher's repetition, or another event under an id that is taken. What has no identity
        but its origin is known by that alone, so it cannot be reused once more. What was adopted of
        what was published is ours, too, whatever is in the message. If none of the rest is in the
        journal, then another consumer took a version that we had counted on.
        """
        if not rest:
            return []
        seen = await self._journal.find(message.key for message in rest)
        if self._watcher:
            self._watcher.notify(list(seen.values()))
        left = []
        for message in rest:
            entry = seen.get(message.key)
            if entry is None:
                left.append(message)
            elif entry.is_adopted or (entry.origin == message.origin and message.is_as(entry)):
                batch.decided.append((message, entry))
                batch.states[entry.stream] = None
                self._progress.redelivered += 1
            elif message.is_as(entry):
                self._progress.duplicates += 1
            else:
                left.append(reused(message, entry))
        return left
