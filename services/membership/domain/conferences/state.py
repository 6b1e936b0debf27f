"""A conference: what is announced of it, who registered, and who took part."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, computed_field

from services.membership.domain.claims import Claims
from shared.contracts.base import EdtfDate, MemberRef, Slug, Text, Texts
from shared.contracts.sources import Source
from shared.domain.corrections.kept import Corrections
from shared.domain.state import State
from shared.domain.stream import Stream

KIND: Final = "conferences"
ConferenceStatus = Literal["announced", "cancelled"]


def stream(id_: str) -> Stream:
    """The stream of a conference."""
    return Stream(KIND, id_)


class Conference(State):
    """A conference of a coalition.

    Attributes:
        represented: what a source says of the attendance; `members` are those known by name.
        registered_members: who registered, whether it took part or not; likewise organisations.
        corrections: what was recorded and does not stand.
        also_claimed: what other sources say instead.
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
    cancelled: EdtfDate | None = None
    cancellation_reason: Text | None = None
    registered_members: tuple[MemberRef, ...] = ()
    registered_organisations: tuple[Text, ...] = ()
    members: tuple[MemberRef, ...] = ()
    organisations: tuple[Text, ...] = ()
    source: Source | None = None
    corrections: Corrections = ()
    also_claimed: Claims = ()

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def status(self) -> ConferenceStatus:
        """Whether it takes place, or took place, as far as is recorded."""
        return "cancelled" if self.cancelled else "announced"
