"""A store without a document, which notes what is asked of it and which indexes are made."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping


def fields_of(where: Mapping[str, Any]) -> Iterator[str]:
    """The fields that a filter names."""
    for name, value in where.items():
        if name in {"$and", "$or", "$nor"}:
            for part in value:
                yield from fields_of(part)
        else:
            yield name


class NoDocuments:
    """A cursor at its end."""

    def __getattr__(self, _: str) -> Any:
        return lambda *_, **__: self

    async def to_list(self, *_: Any) -> list[Any]:
        return []

    async def __aiter__(self) -> AsyncIterator[Any]:
        nothing: tuple[Any, ...] = ()
        for document in nothing:
            yield document


@dataclass(slots=True)
class AskedCollection:
    """Notes the fields that are asked for.

    Attributes:
        asked: the fields of each filter, and of each order.
        indexes: the first field of each index.
    """

    asked: list[set[str]] = field(default_factory=list)
    indexes: set[str] = field(default_factory=lambda: {"_id"})

    async def create_index(self, keys: Any, **_: Any) -> None:
        self.indexes.add(keys if isinstance(keys, str) else keys[0][0])

    async def create_indexes(self, indexes: Any, **_: Any) -> None:
        for index in indexes:
            self.indexes.add(next(iter(index.document["key"])))

    def find(self, where: Any = None, *_: Any, **__: Any) -> NoDocuments:
        self.asked.append(set(fields_of(where or {})))
        return NoDocuments()

    async def find_one(self, where: Any = None, *_: Any, **__: Any) -> None:
        self.find(where)

    async def count_documents(self, where: Any, **_: Any) -> int:
        self.find(where)
        return 0

    async def aggregate(self, pipeline: Any, **_: Any) -> NoDocuments:
        self.find(pipeline[0].get("$match", {}))
        return NoDocuments()

    async def distinct(self, _: str, where: Any = None) -> list[Any]:
        self.find(where)
        return []


class AskedDatabase(defaultdict[str, AskedCollection]):
    """A database of such collections."""

    def __init__(self) -> None:
        super().__init__(AskedCollection)

    def without_index(self) -> Iterator[tuple[str, str]]:
        """The collection and a field of each filter that no index helps; it forgets them then."""
        for name, collection in self.items():
            for fields in collection.asked:
                others = fields - {"shape"}
                if others and not others & collection.indexes:
                    yield name, min(others)
            collection.asked.clear()
