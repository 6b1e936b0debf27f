"""The contracts as they were released last, and what has changed since."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from cli.contracts import http
from cli.contracts.compatibility import Change, changes
from cli.contracts.generate import ASYNCAPI, CONTRACTS, OPENAPI, SCHEMAS

Document = dict[str, Any]
Documents = Mapping[str, Document]

RELEASED: Final = CONTRACTS / "released" / "v1"


def since(released: Documents, present: Documents) -> list[Change]:
    """What has changed in types, topics, messages, headers and HTTP."""
    return [
        *_compared(SCHEMAS, changes, released, present),
        *_topics(released[ASYNCAPI], present[ASYNCAPI]),
        *_compared(OPENAPI, http.changes, released, present),
    ]


def schemas(documents: Documents) -> dict[str, Document]:
    """Those of the documents that say what an event is."""
    return _of(SCHEMAS, documents)


def _of(folder: str, documents: Documents) -> dict[str, Document]:
    return {path: one for path, one in documents.items() if path.startswith(f"{folder}/")}


def _compared(
    folder: str,
    compare: Callable[[str, Document, Document], list[Change]],
    released: Documents,
    present: Documents,
) -> Iterator[Change]:
    olds, news = _of(folder, released), _of(folder, present)
    for path in sorted(olds.keys() | news.keys()):
        name = Path(path).stem
        if path not in news:
            yield Change(name, "is gone")
        elif path not in olds:
            yield Change(name, "is new", breaks=False)
        else:
            yield from compare(name, olds[path], news[path])


def _topics(released: Document, present: Document) -> Iterator[Change]:
    there = {c["address"]: c["messages"] for c in present["channels"].values()}
    for channel in released["channels"].values():
        topic = channel["address"]
        for message in channel["messages"]:
            if message not in there.get(topic, ()):
                yield Change(topic, f"no longer has {message}")
    for name, schema in released["components"]["schemas"].items():
        if name.startswith("headers."):
            yield from changes(name, schema, present["components"]["schemas"][name])
