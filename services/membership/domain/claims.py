"""Rival claims: what other sources say instead; it is shown beside the facts, and changes none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.contracts.base import Text
from shared.contracts.sources import Source
from shared.domain.state import State

if TYPE_CHECKING:
    from shared.contracts.sources import SourcedEvent


class Claimed(State):
    """What another source says instead.

    Attributes:
        about: the fact beside which it stands, such as `launched`.
        field: of what the two differ.
    """

    about: str
    field: Text
    value: Text
    source: Source | None = None


Claims = tuple[Claimed, ...]


def with_claims(claims: Claims, event: SourcedEvent, about: str) -> Claims:
    """The claims with those that an event brings; one that is there already stays as it is."""
    if not event.also_claimed:
        return claims
    new = (
        Claimed(about=about, field=c.field, value=c.value, source=c.source)
        for c in event.also_claimed
    )
    return tuple(dict.fromkeys((*claims, *new)))


def about(what: str, marks: dict[str, str]) -> str:
    """What claims about a fact are about."""
    return " / ".join((what, *marks.values()))
