"""Views: what queries read, one document per aggregate, never ahead of the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic

from pydantic_core import to_json
from pymongo import ASCENDING, InsertOne, ReplaceOne

from shared import mongo
from shared.contracts.base import Model
from shared.domain.decider import S
from shared.fingerprint import digest
from shared.pipeline.tolerant import Unreadable, read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pymongo.asynchronous.database import AsyncDatabase

_AT_ONCE: Final = 500
"""Documents in one write: more are no faster, and fill the memory."""

Document = dict[str, Any]
Indexes = Mapping[str, Sequence[tuple[str, ...]]]
_NONE: Final[Indexes] = MappingProxyType({})


class Views(Generic[S]):
    """One collection for each kind of aggregate; a stream is `<kind>/<id>`.

    Each document says the `version` of the journal that it reflects and the `shape` of the models
    that wrote it. One of another shape, from before or after an upgrade, counts as not there: the
    journal is folded instead, and the next write replaces it.

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
            for fields in indexes:
                await self.database[kind].create_index([(field, ASCENDING) for field in fields])

    async def load(self, streams: Iterable[str]) -> dict[str, tuple[int, S]]:
        """The version and state of those aggregates that have a view."""
        loaded: dict[str, tuple[int, S]] = {}
        for kind, ids in _by_kind(streams).items():
            if kind not in self.kinds:
                continue
            where = {"_id": {"$in": ids}, "shape": self.shape}
            async for document in self.database[kind].find(where):
                # One that cannot be read counts as not there: the journal is folded instead.
                with suppress(Unreadable):
                    state = read(self.kinds[kind], document)
                    loaded[f"{kind}/{document['_id']}"] = (document["version"], state)
        return loaded

    async def project(self, states: Mapping[str, tuple[int, S]]) -> None:
        """Write the views forward; one that is ahead already stays as it is."""
        await self._write(states, over="$lt")

    async def rewrite(self, states: Mapping[str, tuple[int, S]]) -> None:
        """Write the views anew, those of the same version too; nothing else follows from it."""
        await self._write(states, over="$lte")

    async def _write(self, states: Mapping[str, tuple[int, S]], over: str) -> None:
        for kind, ids in _by_kind(states).items():
            ids.sort()  # the store writes them in a fifth less time
            for start in range(0, len(ids), _AT_ONCE):
                part = ids[start : start + _AT_ONCE]
                writes = [self._replace(id_, *states[f"{kind}/{id_}"], over) for id_ in part]
                await forward(self.database, kind, writes)

    def _replace(self, id_: str, version: int, state: S, over: str) -> ReplaceOne[Document]:
        # A default costs memory and time in each document. What queries ask for has none; should
        # another be given, then it is another shape.
        document = state.model_dump(mode="json", exclude_defaults=True) | {
            "version": version,
            "shape": self.shape,
        }
        return ReplaceOne({"_id": id_, "version": {over: version}}, document, upsert=True)


def _shape(kinds: Mapping[str, type[Model]]) -> str:
    schemas = {kind: _bare(model.model_json_schema()) for kind, model in sorted(kinds.items())}
    return digest(to_json(schemas))


def _bare(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """A schema without its words, which say nothing of the shape."""
    if isinstance(schema, dict):
        return {k: _bare(v) for k, v in schema.items() if k not in {"description", "examples"}}
    return [_bare(item) for item in schema] if isinstance(schema, list) else schema


def _by_kind(streams: Iterable[str]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for stream in streams:
        kind, _, id_ = stream.partition("/")
        kinds.setdefault(kind, []).append(id_)
    return kinds


async def forward(
    database: AsyncDatabase[Document],
    collection: str,
    writes: Sequence[ReplaceOne[Document] | InsertOne[Document]],
) -> None:
    """Write in bulk what is not there yet, or not as new."""
    await mongo.bulk_upsert(database[collection], writes)
