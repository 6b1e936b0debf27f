"""The journal: one append-only entry for each incoming event, the truth of a service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pymongo import ASCENDING, DESCENDING

from shared import mongo
from shared.domain.stream import Stream
from shared.journal.entry import Document, Entry, Key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from pymongo.asynchronous.collection import AsyncCollection


_MAX_STREAMS: Final = 50
"""Streams in one query; one store takes ever longer over each of them the more they are."""
_BATCH_SIZE: Final = 500
"""Entries in one answer of the store, so that no answer fills the memory."""
_MAX_ABOUT: Final = 100


class Journal:
    """The journal of one service in its MongoDB database."""

    def __init__(self, collection: AsyncCollection[Document]) -> None:
        self._entries = collection

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        await mongo.index(
            self._entries,
            [("stream", ASCENDING), ("version", ASCENDING)],
            unique=True,
            name="stream_version",
        )
        await mongo.index(self._entries, "about", sparse=True, name="about")
        await mongo.index(self._entries, "rejected", sparse=True, name="rejected")

    async def append(self, entries: Sequence[Entry]) -> int:
        """Append in order up to the first entry that is there already, by id or by version.

        A store that fails in the middle is asked again, and then the first of these entries may be
        the one that is there: whoever finds its own origin in an entry appended it.

        Returns:
            how many were appended for certain: all of them, or the index of the one that stood in
            the way.

        Raises:
            WriteFailed: the store refused, or did not say for certain for too long.
        """
        return await mongo.insert(self._entries, [entry.document() for entry in entries])

    async def find(self, keys: Iterable[Key]) -> dict[Key, Entry]:
        """The entries of those incoming events that the journal has."""
        wanted = [key.stored() for key in keys]
        found = self._entries.find({"_id": {"$in": wanted}})
        entries = [Entry.of(document) async for document in found]
        return {entry.key: entry for entry in entries}

    async def get(self, source: str, id_: str) -> list[Entry]:
        """What became of an event and of its latest replays, oldest first."""
        key = Key(source, id_).stored()
        # Not one question with `$or`: a store may answer that by reading all that it has.
        own = await self._entries.find_one({"_id": key})
        others = self._entries.find({"about": key}).sort("recorded", DESCENDING).limit(_MAX_ABOUT)
        entries = [
            Entry.of(document) for document in [*([own] if own else []), *await others.to_list()]
        ]
        return sorted(entries, key=lambda entry: entry.recorded)

    async def outcomes(self, wanted: Mapping[Key, Iterable[str | None]]) -> list[Entry]:
        """What became of events: of each that is there, the entries with one of its digests.

        A digest None stands for any.
        """
        keys = [key.stored() for key in wanted]
        digests = {digest for several in wanted.values() for digest in several}
        of_it = {} if None in digests else {"digest": {"$in": sorted(filter(None, digests))}}
        found: list[Document] = []
        for field in ("_id", "about"):
            where = {field: {"$in": keys}, **of_it}
            found += await self._entries.find(where).limit(_MAX_ABOUT * len(keys)).to_list()
        return [Entry.of(document) for document in found]

    async def rejected(
        self, wanted: Sequence[Mapping[str, Any]], *, since: str = "", before: str = "", limit: int
    ) -> list[Entry]:
        """What was rejected, the newest first.

        Args:
            wanted: what must hold of the stored entry besides.
            since: a time in RFC 3339, UTC, or its beginning.
            before: the `place` of an entry; only what is older.
            limit: how many at most.
        """
        place: dict[str, str] = {"$gte": since} | ({"$lt": before} if before else {})
        found = self._entries.find({"$and": [{"rejected": place}, *wanted]})
        return [Entry.of(d) async for d in found.sort("rejected", DESCENDING).limit(limit)]

    async def newest(self, streams: Sequence[str], type_: str) -> list[Entry]:
        """The newest entries of a type in some streams, whatever their outcome."""
        where = {"stream": {"$in": list(streams)}, "type": type_}
        found = self._entries.find(where).sort("recorded", DESCENDING).limit(_MAX_ABOUT)
        return [Entry.of(document) async for document in found]

    async def streams(self, kind: str, after: str, limit: int) -> list[Stream]:
        """Some of the streams of a kind in their order, from behind an id on."""
        where = {"stream": {"$gt": Stream(kind, after), "$lt": _behind(kind)}, "version": 1}
        found = self._entries.find(where, {"stream": 1}).sort("stream", ASCENDING).limit(limit)
        return [Stream.of(document["stream"]) async for document in found]

    async def all_of(self, kind: str = "") -> AsyncIterator[Entry]:
        """Every entry of the streams of a kind, or of all, stream after stream, each in order."""
        where = {"stream": {"$gte": f"{kind}/", "$lt": _behind(kind)}} if kind else {}
        async for entry in _in_order(self._entries, where):
            yield entry

    async def newer(self, versions: Mapping[Stream, int]) -> AsyncIterator[Entry]:
        """Per stream the entries after a version, in order within each stream."""
        # Not `$or`, which a store may answer by reading all that it has, once for each clause.
        alike: dict[int, list[Stream]] = {}
        for stream, version in versions.items():
            alike.setdefault(version, []).append(stream)
        for version, streams in alike.items():
            for start in range(0, len(streams), _MAX_STREAMS):
                part = streams[start : start + _MAX_STREAMS]
                where = {"stream": {"$in": part}, "version": {"$gt": version}}
                async for entry in _in_order(self._entries, where):
                    yield entry

    async def history(self, stream: Stream, *, after: int = 0, limit: int = 100) -> list[Entry]:
        """What was decided for an aggregate behind a version, oldest first."""
        where = {"stream": stream} | ({"version": {"$gt": after}} if after else {})
        cursor = self._entries.find(where).sort("version", ASCENDING)
        return [Entry.of(document) async for document in cursor.limit(limit)]


def _behind(kind: str) -> str:
    """What stands behind all streams of a kind, and before any other."""
    return f"{kind}{chr(ord('/') + 1)}"


async def _in_order(entries: AsyncCollection[Document], where: Document) -> AsyncIterator[Entry]:
    cursor = entries.find(where, batch_size=_BATCH_SIZE)
    async for document in cursor.sort([("stream", ASCENDING), ("version", ASCENDING)]):
        yield Entry.of(document)
