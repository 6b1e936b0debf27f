"""The name of an aggregate's history."""

from __future__ import annotations

from typing import Self


class Stream(str):
    """The history of one aggregate, under its kind and id; as text, and stored, `<kind>/<id>`."""

    __slots__ = ()

    def __new__(cls, kind: str, id_: str) -> Self:
        """Name the stream of an aggregate; a kind has no slash, an id may."""
        return super().__new__(cls, f"{kind}/{id_}")

    @classmethod
    def of(cls, stored: str) -> Self:
        """Read a stream's text."""
        kind, _, id_ = stored.partition("/")
        return cls(kind, id_)

    @property
    def kind(self) -> str:
        """Which kind of aggregate it is."""
        return self.partition("/")[0]

    @property
    def id(self) -> str:
        """The aggregate's id among those of its kind."""
        return self.partition("/")[2]
