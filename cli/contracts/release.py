"""The contracts as they were released last, and what has changed since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from cli.contracts.compatibility import Change, changes
from cli.contracts.generate import ASYNCAPI, CONTRACTS, SCHEMAS

Document = dict[str, Any]
Documents = Mapping[str, Document]

RELEASED: Final = CONTRACTS / "released" / "v1"


def since(released: Documents, present: Documents) -> list[Change]:
    """What has changed in types, topics, messages and headers."""
    return [*_types(released, present), *_topics(released[ASYNCAPI], present[ASYNCAPI])]


def kept(documents: Documents) -> dict[str, Document]:
    """Those of the documents that a release keeps."""
    return {p: d for p, d in documents.items() if p == ASYNCAPI or p.startswith(SCHEMAS + "/")}


def _types(released: Documents, present: Documents) -> Iterator[Change]:
    olds, news = kept(released).keys() - {ASYNCAPI}, kept(present).keys() - {ASYNCAPI}
    for path in sorted(olds | news):
        name = Path(path).stem
        if path not in present:
            yield Change(name, "is gone")
        elif path not in released:
            yield Change(name, "is new", breaks=False)
        else:
            yield from changes(name, released[path], present[path])


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
