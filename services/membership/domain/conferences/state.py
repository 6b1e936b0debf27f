"""A conference: what is announced of it, who registered, and who took part."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, computed_field

from services.membership.domain.claims import Claims
from shared.contracts.base import EdtfDate, MemberRef, Slug, Text, Texts
from shared.contracts.sources import Source
from shared.domain.corrections.kept import Corrections
from shared.domain.dates import certain_day
from shared.domain.state import State
from shared.domain.stream import Stream

KIND: Final = "conferences"
ConferenceState = Literal["announced", "cancelled"]


def stream(id_: str) -> Stream:
    """The stream of a conference."""
    return Stream(KIND, id_)


class Conference(State):
    """A conference of a coalition.

    Attributes:
        announced: when it was, or by when certainly; None where it was over when it was recorded.
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
    announced: EdtfDate | None = None
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
    def state(self) -> ConferenceState:
        """Whether it takes place, or took place, as far as is recorded."""
        return "cancelled" if self.cancelled else "announced"

    def as_of(self, day: str) -> Conference | None:
        """The conference as it stood for certain on a day; None before it was announced or began.

        When somebody registered has no date, so all who did are listed; title, place and time are
        those of today.
        """
        dates = (self.announced, self.begins, self.cancelled)
        if not any(_by(date, day) for date in dates):
            return None
        later: dict[str, object] = {}
        if not _by(self.cancelled, day):
            later |= {"cancelled": None, "cancellation_reason": None}
        if not _by(self.begins, day):
            later |= {"members": (), "organisations": (), "represented": None}
        return self.model_copy(update=later)


def _by(date: str | None, day: str) -> bool:
    return date is not None and certain_day(date) <= day
