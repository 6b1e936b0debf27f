"""Snapshots: the state of each aggregate as a document, never ahead of the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic
from zlib import crc32

import structlog
from bson.errors import BSONError
from pydantic_core import to_json
from pymongo import ASCENDING, InsertOne, ReplaceOne
from pymongo.errors import DocumentTooLarge

from shared import mongo
from shared.contracts.base import Model
from shared.domain.decider import S
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.fingerprint import digest
from shared.pipeline.bounds import measured
from shared.pipeline.tolerant import UnreadableDocument, reading
from shared.telemetry import described

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pymongo.asynchronous.database import AsyncDatabase

log = structlog.get_logger()

_AT_ONCE: Final = 500
_BYTES_AT_ONCE: Final = 1_000_000
"""Documents in one write, and bytes of them as JSON: more are no faster, and fill the memory."""

BUCKETS: Final = 1024
"""Into so many do aggregates fall, to be counted: see `tally.py`."""

_UNWRITABLE: Final = (
    *(BSONError, DocumentTooLarge, OverflowError, UnicodeError),  # before it is sent
    mongo.TooLarge,
)
"""What a document raises that no store takes."""

Document = dict[str, Any]
Indexes = Mapping[str, Sequence[tuple[str, ...]]]
_NONE: Final[Indexes] = MappingProxyType({})


class Snapshots(Generic[S]):
    """One collection for each kind of aggregate. The engine alone writes them; queries read them.

    Each document says the `version` of the journal that it reflects, the `shape` of the models
    that wrote it, and how many `bytes` the state takes as JSON. One of another shape, from
    before or after an upgrade, counts as not there: the journal is folded instead, and the next
    write replaces it. `bucket` says with which others it is counted.

    Args:
        database: the service's own.
        kinds: the state model of each kind of aggregate.
        indexes: the fields of each index that the queries of a kind need.
    """

    def __init__(
        self,
        database: AsyncDatabase[Document],
        kinds: Mapping[str, type[S]],
        indexes: Indexes = _NONE,
    ) -> None:
        self.database = database
        self.kinds = kinds
        self.shape = _shape(kinds)
        self._indexes = indexes

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        for kind, indexes in self._indexes.items():
            keys = [[(field, ASCENDING) for field in fields] for fields in indexes]
            await mongo.index(self.database[kind], *keys)

    async def load(self, streams: Iterable[Stream]) -> dict[Stream, Versioned[S]]:
        """Those aggregates that have a snapshot."""
        loaded: dict[Stream, Versioned[S]] = {}
        for kind, ids in _by_kind(streams).items():
            if kind not in self.kinds:
                continue
            where = {"_id": {"$in": ids}, "shape": self.shape}
            async for document in self.database[kind].find(where):
                # One that cannot be read counts as not there: the journal is folded instead.
                with suppress(UnreadableDocument), reading(kind, document["_id"]):
                    state = self.kinds[kind].model_validate(document)
                    size = document.get("bytes", 0)
                    stream = Stream(kind, document["_id"])
                    loaded[stream] = Versioned(document["version"], state, size, written=size)
        return loaded

    async def project(self, states: Mapping[Stream, Versioned[S]]) -> dict[Stream, int]:
        """Write snapshots forward; one that is ahead already stays as it is.

        Returns:
            how large each state is, as JSON.
        """
        return await self._write(states, over="$lt")

    async def rewrite(self, states: Mapping[Stream, Versioned[S]]) -> None:
        """Write snapshots anew, those of the same version too."""
        await self._write(states, over="$lte")

    async def _write(self, states: Mapping[Stream, Versioned[S]], over: str) -> dict[Stream, int]:
        sizes: dict[Stream, int] = {}
        for kind, ids in _by_kind(states).items():
            ids.sort()  # the store writes them in a fifth less time
            writes, bytes_ = dict[str, ReplaceOne[Document]](), 0
            for id_ in ids:
                stream = Stream(kind, id_)
                # One that cannot be shown stays behind, and is read from the journal.
                with suppress(UnreadableDocument), reading(kind, id_):
                    size = measured(states[stream].state)
                    writes[id_] = self._replace(id_, states[stream]._replace(size=size), over)
                    sizes[stream] = size
                    bytes_ += size
                if len(writes) >= _AT_ONCE or bytes_ >= _BYTES_AT_ONCE:
                    await self._write_some(kind, writes)
                    writes, bytes_ = {}, 0
            await self._write_some(kind, writes)
        return sizes

    async def _write_some(self, kind: str, writes: Mapping[str, ReplaceOne[Document]]) -> None:
        try:
            if writes:
                await forward(self.database, kind, list(writes.values()))
        except _UNWRITABLE:
            await self._write_each(kind, writes)

    async def _write_each(self, kind: str, writes: Mapping[str, ReplaceOne[Document]]) -> None:
        """Write one after the other, where one of them is no document that the store takes."""
        for id_, write in writes.items():
            try:
                await forward(self.database, kind, [write])
            except _UNWRITABLE as error:
                log.error("unwritable", kind=kind, id=id_, error=described(error))  # noqa: TRY400 - its trace tells no more

    def _replace(self, id_: str, aggregate: Versioned[S], over: str) -> ReplaceOne[Document]:
        if aggregate.state is None:
            raise ValueError(f"{id_!r} has no state to keep")
        # A default costs memory and time in each document. What queries ask for has none; should
        # another be given, then it is another shape.
        document = aggregate.state.model_dump(mode="json", exclude_defaults=True) | {
            "version": aggregate.version,
            "shape": self.shape,
            "bucket": bucket_of(id_),
            "bytes": aggregate.size,
        }
        return ReplaceOne({"_id": id_, "version": {over: aggregate.version}}, document, upsert=True)


def bucket_of(id_: str) -> int:
    """The bucket into which the aggregates with an id fall, of whatever kind."""
    return crc32(id_.encode()) % BUCKETS


def _shape(kinds: Mapping[str, type[Model]]) -> str:
    schemas = {kind: _bare(model.model_json_schema()) for kind, model in sorted(kinds.items())}
    return digest(to_json({"bucket": BUCKETS, "states": schemas}))


def _bare(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """A schema without its words, which say nothing of the shape."""
    if isinstance(schema, dict):
        return {k: _bare(v) for k, v in schema.items() if k not in {"description", "examples"}}
    return [_bare(item) for item in schema] if isinstance(schema, list) else schema


def _by_kind(streams: Iterable[Stream]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for stream in streams:
        kinds.setdefault(stream.kind, []).append(stream.id)
    return kinds


async def forward(
    database: AsyncDatabase[Document],
    collection: str,
    writes: Sequence[ReplaceOne[Document] | InsertOne[Document]],
) -> None:
    """Write in bulk what is not there yet, or not as new."""
    await mongo.bulk_upsert(database[collection], writes)
