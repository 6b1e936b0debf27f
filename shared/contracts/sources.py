"""Where a fact is read, and what another source says instead."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from shared.contracts.base import EdtfDate, Event, Link, Model, Text

MAX_CLAIMS: Final = 5
"""Rival claims that one event brings at most."""


class Source(Model):
    """Where a fact is read.

    Attributes:
        title: of the page, paper or book.
        date: when it was published, as precise as it says itself.
    """

    title: Text
    link: Link | None = None
    date: EdtfDate | None = None


class Claim(Model):
    """What another source says instead; it stands beside the fact and is not taken for it.

    Attributes:
        field: of what the two differ: a field of the event, or a word for it.
        value: what the other source says.
    """

    field: Text
    value: Text
    source: Source | None = None


class SourcedEvent(Event):
    """A fact that may name its source, and what another source says instead."""

    source: Source | None = None
    also_claimed: Annotated[tuple[Claim, ...], Field(max_length=MAX_CLAIMS)] | None = None
