"""A collection of a few documents in memory, as far as queries of the services read one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

_TESTS: Final[dict[str, Callable[[Sequence[Any], Any], bool]]] = {
    "$in": lambda values, wanted: any(value in wanted for value in values),
    "$gt": lambda values, least: any(value is not None and value > least for value in values),
    "$gte": lambda values, least: any(value is not None and value >= least for value in values),
    "$lt": lambda values, end: any(value is not None and value < end for value in values),
    "$lte": lambda values, most: any(value is not None and value <= most for value in values),
}


class Documents:
    """Finds by equal values and by `$in`, `$gt` and its like; in order of the ids."""

    def __init__(self, documents: Iterable[Mapping[str, Any]]) -> None:
        self._documents: Sequence[Mapping[str, Any]] = sorted(documents, key=lambda d: d["_id"])

    def find(self, where: Mapping[str, Any], _: object = None) -> Documents:
        return Documents(
            document
            for document in self._documents
            if all(_has(_of(document, field), wanted) for field, wanted in where.items())
        )

    def sort(self, *_: object) -> Documents:
        return self

    def batch_size(self, _: int) -> Documents:
        return self

    def limit(self, number: int) -> Documents:
        return Documents(self._documents[:number])

    async def count_documents(self, where: Mapping[str, Any], **_: object) -> int:
        return len(await self.find(where).to_list())

    async def to_list(self) -> list[Mapping[str, Any]]:
        return [*self._documents]

    async def __aiter__(self) -> AsyncIterator[Mapping[str, Any]]:
        for document in self._documents:
            yield document


def _of(document: Any, field: str) -> Any:
    for name in field.split("."):
        document = document.get(name) if document else None
    return document


def _has(value: Any, wanted: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    if isinstance(wanted, dict):
        return all(_TESTS[how](values, than) for how, than in wanted.items())
    return wanted in values
