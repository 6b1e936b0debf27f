"""What has changed between a released OpenAPI document and today's, and what of it breaks.

Whoever asks holds what a request may say; whoever reads, what an answer says; and who has a client
made of it, how operations and schemas are called. Words about it and examples are promised to
nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cli.contracts.compatibility import Change, Versions, Way

Document = Mapping[str, Any]

_METHODS: Final = ("get", "head", "post", "put", "patch", "delete")


def changes(name: str, released: Document, present: Document) -> list[Change]:
    """All differences that matter between two versions of a service's HTTP."""
    if released == present:
        return []
    return list(_Documents(name, released, present).compare())


class _Documents:
    """The two documents, operation by operation."""

    def __init__(self, name: str, released: Document, present: Document) -> None:
        self._name = name
        self._released, self._present = released["paths"], present["paths"]
        self._schemas, self._known = _schemas(released), _schemas(present)
        self._asked = Versions(released, present, Way.REQUEST)
        self._answered = Versions(released, present, Way.ANSWER)

    def compare(self) -> Iterator[Change]:
        for gone in sorted(self._schemas - self._known):
            yield Change(f"{self._name} schema {gone}", "is gone, and clients are named after it")
        olds, news = _operations(self._released), _operations(self._present)
        for operation, old in olds.items():
            where = f"{self._name} {operation}"
            if operation not in news:
                yield Change(where, "is gone")
                continue
            new = news[operation]
            yield from _named(where, old, new)
            yield from self._parameters(where, _parameters(old), _parameters(new))
            yield from _scopes(where, old, new)
            yield from self._body(where, old.get("requestBody"), new.get("requestBody"))
            yield from self._answers(where, old["responses"], new["responses"])
        for operation in sorted(news.keys() - olds.keys()):
            yield Change(f"{self._name} {operation}", "is new", breaks=False)

    def _parameters(self, where: str, olds: Document, news: Document) -> Iterator[Change]:
        for key, old in olds.items():
            place = f"{where} {key}"
            if key not in news:
                yield Change(place, "is gone, and what is not known is refused")
                continue
            new = news[key]
            if new["required"] and not old["required"]:
                yield Change(place, "is required now")
            yield from self._asked.compare(place, old["schema"], new["schema"])
        for key in sorted(news.keys() - olds.keys()):
            needed = news[key]["required"]
            yield Change(f"{where} {key}", "is required now" if needed else "is new", needed)

    def _body(self, where: str, old: Document | None, new: Document | None) -> Iterator[Change]:
        if new is None:
            if old is not None:
                yield Change(f"{where} body", "is no longer taken")
            return
        needed, was_needed = new.get("required", False), (old or {}).get("required", False)
        if needed and not was_needed:
            yield Change(f"{where} body", "is required now")
        taken = (old or {}).get("content", {})
        yield from self._contents(f"{where} body", taken, new["content"], self._asked)

    def _answers(self, where: str, olds: Document, news: Document) -> Iterator[Change]:
        for status, old in olds.items():
            place = f"{where} {status}"
            if status not in news:
                yield Change(place, "is no longer answered")
                continue
            told = news[status].get("content", {})
            yield from self._contents(place, old.get("content", {}), told, self._answered)
        for status in sorted(news.keys() - olds.keys()):
            yield Change(f"{where} {status}", "is a new answer", breaks=False)

    @staticmethod
    def _contents(
        where: str, olds: Document, news: Document, versions: Versions
    ) -> Iterator[Change]:
        for form, old in olds.items():
            if form not in news:
                yield Change(f"{where} {form}", "is gone")
            else:
                place = f"{where} {form}"
                yield from versions.compare(
                    place, old.get("schema", {}), news[form].get("schema", {})
                )
        for form in sorted(news.keys() - olds.keys()):
            yield Change(f"{where} {form}", "is new", breaks=False)


def _schemas(document: Document) -> set[str]:
    return {*document.get("components", {}).get("schemas", {})}


def _operations(paths: Document) -> dict[str, Document]:
    return {
        f"{method.upper()} {path}": {
            **operations[method],
            "shared": operations.get("parameters", ()),
        }
        for path, operations in paths.items()
        for method in _METHODS
        if method in operations
    }


def _parameters(operation: Document) -> dict[str, Document]:
    """By where they stand and their name: `query.limit`."""
    return {
        f"{one['in']}.{one['name']}": {"required": False, "schema": {}, **one}
        for one in (*operation["shared"], *operation.get("parameters", ()))
    }


def _named(where: str, old: Document, new: Document) -> Iterator[Change]:
    """Clients that are made from the document call their functions after its operations."""
    before, now = old.get("operationId"), new.get("operationId")
    if before != now:
        yield Change(where, f"was called {before}, is called {now}")


def _scopes(where: str, old: Document, new: Document) -> Iterator[Change]:
    """Who may do less than before."""
    were, are = _needed(old), _needed(new)
    if lost := were - are:
        yield Change(where, f"is no longer allowed to whoever has {_or_nothing(lost)}")
    if won := are - were:
        yield Change(where, f"is allowed to whoever has {_or_nothing(won)}", breaks=False)


def _needed(operation: Document) -> set[str]:
    """Each way in which an operation is allowed; without any, nothing is needed."""
    ways = operation.get("security") or [{}]
    return {" and ".join(sorted(s for scopes in way.values() for s in scopes)) for way in ways}


def _or_nothing(ways: set[str]) -> str:
    return " or ".join(way or "no token" for way in sorted(ways))
