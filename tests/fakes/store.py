"""In-memory journal and snapshots; `tests/integration/test_fakes.py` shows that they do as ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

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

    def newer(self, versions: Mapping[str, int]) -> AsyncIterator[Entry]:
        """See `Journal.newer`."""


class ViewsPart(Protocol):
    """What an engine of plans asks of its snapshots."""

    async def load(self, streams: Iterable[str]) -> dict[str, tuple[int, State]]:
        """See `Views.load`."""

    async def project(self, states: Mapping[str, tuple[int, State]]) -> None:
        """See `Views.project`."""


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

    async def newer(self, versions: Mapping[str, int]) -> AsyncIterator[Entry]:
        """See `Journal.newer`."""
        await self.gate()
        for entry in sorted(self.entries.values(), key=lambda e: (e.stream, e.version)):
            if entry.version > versions.get(entry.stream, entry.version):
                yield entry


@dataclass(slots=True)
class FakeViews:
    """Views over a dictionary that engines share."""

    documents: dict[str, tuple[int, State]]
    gate: Gate

    async def load(self, streams: Iterable[str]) -> dict[str, tuple[int, State]]:
        """See `Views.load`."""
        await self.gate()
        return {s: self.documents[s] for s in streams if s in self.documents}

    async def project(self, states: Mapping[str, tuple[int, State]]) -> None:
        """See `Views.project`."""
        await self.gate()
        for stream, (version, state) in states.items():
            if stream not in self.documents or self.documents[stream][0] < version:
                self.documents[stream] = (version, state)
        await self.gate()


class NoNotes:
    """No halt was ever noted."""

    async def find_one(self, _: object) -> None:
        """Find nothing."""
