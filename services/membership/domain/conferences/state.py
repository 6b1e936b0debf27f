"""A conference: what is announced of it, and who took part."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from shared.contracts.base import EdtfDate, MemberRef, Slug, Text, Texts
from shared.domain.state import State
from shared.domain.stream import Stream

KIND: Final = "conferences"


def stream(id_: str) -> Stream:
    """The stream of a conference."""
    return Stream(KIND, id_)


class Conference(State):
    """A conference of a coalition.

    Attributes:
        represented: what a source says of the attendance; `members` are those known by name.
    """

    id: Slug
    coalition: Slug
    coalition_name: Text | None = None
    title: Text
    titles: Texts = Field(default_factory=dict)
    place: Text | None = None
    host: MemberRef | None = None
    begins: EdtfDate
    ends: EdtfDate | None = None
    represented: Text | None = None
    members: tuple[MemberRef, ...] = ()
    organisations: tuple[Text, ...] = ()
