"""In-memory journal and snapshots; `tests/integration/test_fakes.py` shows that they do as ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.pipeline.bounds import measured

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from services.plans.domain import State
    from shared.journal.entry import Entry, Key
    from tests.fakes.gate import Gate


class JournalPart(Protocol):
    """What an engine asks of its journal."""

    async def append(self, entries: Sequence[Entry]) -> int:
        """See `Journal.append`."""

    async def find(self, keys: Iterable[Key]) -> dict[Key, Entry]:
        """See `Journal.find`."""

    def newer(self, versions: Mapping[Stream, int]) -> AsyncIterator[Entry]:
        """See `Journal.newer`."""


class SnapshotsPart(Protocol):
    """What an engine of plans asks of its snapshots."""

    async def load(self, streams: Iterable[Stream]) -> dict[Stream, Versioned[State]]:
        """See `Snapshots.load`."""

    async def project(self, states: Mapping[Stream, Versioned[State]]) -> dict[Stream, int]:
        """See `Snapshots.project`."""


@dataclass(slots=True)
class FakeJournal:
    """The journal's rules over a dictionary that engines share.

    Attributes:
        rollbacks: how many entries of each of the next appends survive a store that steps down
            before it has said for certain; then they are appended again.
    """

    entries: dict[Key, Entry]
    gate: Gate
    rollbacks: list[int] = field(default_factory=list)

    async def append(self, entries: Sequence[Entry]) -> int:
        """See `Journal.append`."""
        await self.gate()
        if self.rollbacks:
            self._insert(entries[: self.rollbacks.pop()])
            await self.gate()
        count = self._insert(entries)
        await self.gate()
        return count

    def _insert(self, entries: Sequence[Entry]) -> int:
        versions = {(entry.stream, entry.version) for entry in self.entries.values()}
        count = 0
        for entry in entries:
            if entry.key in self.entries or (entry.stream, entry.version) in versions:
                break
            self.entries[entry.key] = entry
            versions.add((entry.stream, entry.version))
            count += 1
        return count

    async def find(self, keys: Iterable[Key]) -> dict[Key, Entry]:
        """See `Journal.find`."""
        await self.gate()
        return {key: self.entries[key] for key in keys if key in self.entries}

    async def newer(self, versions: Mapping[Stream, int]) -> AsyncIterator[Entry]:
        """See `Journal.newer`."""
        await self.gate()
        for entry in sorted(self.entries.values(), key=lambda e: (e.stream, e.version)):
            if entry.version > versions.get(entry.stream, entry.version):
                yield entry


@dataclass(slots=True)
class FakeSnapshots:
    """Snapshots over a dictionary that engines share."""

    documents: dict[Stream, Versioned[State]]
    gate: Gate

    async def load(self, streams: Iterable[Stream]) -> dict[Stream, Versioned[State]]:
        """See `Snapshots.load`."""
        await self.gate()
        return {s: self.documents[s] for s in streams if s in self.documents}

    async def project(self, states: Mapping[Stream, Versioned[State]]) -> dict[Stream, int]:
        """See `Snapshots.project`."""
        await self.gate()
        sizes = {stream: measured(held.state) for stream, held in states.items()}
        for stream, held in states.items():
            if stream not in self.documents or self.documents[stream].version < held.version:
                self.documents[stream] = held._replace(size=sizes[stream], written=sizes[stream])
        await self.gate()
        return sizes
