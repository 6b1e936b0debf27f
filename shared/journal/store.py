"""The journal: one append-only entry for each incoming event, the truth of a service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pymongo import ASCENDING
from pymongo.errors import BulkWriteError

from shared.journal.entry import Document, Entry, Key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from pymongo.asynchronous.collection import AsyncCollection


_DUPLICATE_KEY: Final = 11000


class Journal:
    """The journal of one service in its MongoDB database."""

    def __init__(self, collection: AsyncCollection[Document]) -> None:
        self._entries = collection

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        await self._entries.create_index(
            [("stream", ASCENDING), ("version", ASCENDING)], unique=True, name="stream_version"
        )
        await self._entries.create_index("about", sparse=True, name="about")

    async def append(self, entries: Sequence[Entry]) -> int:
        """Append in order up to the first entry that is there already, by id or by version.

        Returns:
            how many were appended: all of them, or the index of the one that stood in the way.
        """
        try:
            await self._entries.insert_many([entry.document() for entry in entries], ordered=True)
        except BulkWriteError as error:
            first = error.details["writeErrors"][0]
            if first["code"] != _DUPLICATE_KEY:
                raise
            return int(first["index"])
        return len(entries)

    async def find(self, keys: Iterable[Key]) -> dict[Key, Entry]:
        """The entries of those incoming events that the journal has."""
        wanted = [key.stored() for key in keys]
        found = self._entries.find({"_id": {"$in": wanted}})
        entries = [Entry.of(document) async for document in found]
        return {entry.key: entry for entry in entries}

    async def get(self, source: str, id_: str) -> list[Entry]:
        """What became of an event: all that was said under its source and id, oldest first."""
        key = Key(source, id_).stored()
        cursor = self._entries.find({"$or": [{"_id": key}, {"about": key}]})
        entries = [Entry.of(document) async for document in cursor]
        return sorted(entries, key=lambda entry: entry.recorded)

    async def all_of(self, kind: str) -> AsyncIterator[Entry]:
        """Every entry of the streams of a kind, stream after stream, each in order."""
        after_the_slash = chr(ord("/") + 1)
        where = {"stream": {"$gte": f"{kind}/", "$lt": f"{kind}{after_the_slash}"}}
        async for document in self._entries.find(where).sort(
            [("stream", ASCENDING), ("version", ASCENDING)]
        ):
            yield Entry.of(document)

    async def newer(self, versions: Mapping[str, int]) -> AsyncIterator[Entry]:
        """Per stream the entries after a version, in order within each stream."""
        clauses = [{"stream": s, "version": {"$gt": v}} for s, v in versions.items()]
        if not clauses:
            return
        async for document in self._entries.find({"$or": clauses}).sort(
            [("stream", ASCENDING), ("version", ASCENDING)]
        ):
            yield Entry.of(document)

    async def history(self, stream: str, *, skip: int = 0, limit: int = 100) -> list[Entry]:
        """What was decided for an aggregate, oldest first."""
        cursor = self._entries.find({"stream": stream}).sort("version", ASCENDING)
        return [Entry.of(document) async for document in cursor.skip(skip).limit(limit)]
