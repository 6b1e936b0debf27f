"""Conferences of a coalition, and who took part."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from shared.contracts.base import (
    EdtfDate,
    MemberRef,
    Slug,
    Text,
    Texts,
    earliest,
    latest,
)
from shared.contracts.sources import SourcedEvent
from shared.contracts.text import EACH_ONCE

Participants = Annotated[tuple[MemberRef, ...], Field(max_length=1000), EACH_ONCE]
Organisations = Annotated[tuple[Text, ...], Field(max_length=1000), EACH_ONCE]


class ConferenceEvent(SourcedEvent):
    """Something about a conference."""

    conference: Slug
    coalition: Slug
    coalition_name: Text | None = None

    @property
    def subject(self) -> str:
        """The conference's id."""
        return self.conference


class ConferenceAnnounced(ConferenceEvent):
    """A conference will be, is, or was; announced again, it replaces what was announced.

    `represented` is what a source says of the attendance where it lists nobody ("over 50");
    `announced` is when it was announced, for one that lay ahead then.
    """

    type: ClassVar[str] = "coalition.membership.ConferenceAnnounced.v1"
    title: Text
    titles: Texts | None = None
    place: Text | None = None
    host: MemberRef | None = None
    begins: EdtfDate
    ends: EdtfDate | None = None
    represented: Text | None = None
    announced: EdtfDate | None = None

    @model_validator(mode="after")
    def _in_order(self) -> ConferenceAnnounced:
        if self.ends and latest(self.ends) < earliest(self.begins):
            msg = "the conference ends before it begins"
            raise ValueError(msg)
        return self


class ConferenceChanged(ConferenceEvent):
    """What was announced of a conference changed; what is left out stays.

    What was never so is corrected instead (`ConferenceCorrected`).
    """

    type: ClassVar[str] = "coalition.membership.ConferenceChanged.v1"
    title: Text | None = None
    place: Text | None = None
    host: MemberRef | None = None
    begins: EdtfDate | None = None
    ends: EdtfDate | None = None
    changed: EdtfDate | None = None
    reason: Text | None = None

    @model_validator(mode="after")
    def _says_what(self) -> ConferenceChanged:
        if not (self.title or self.place or self.host or self.begins or self.ends):
            msg = "give what changed: title, place, host, begins or ends"
            raise ValueError(msg)
        return self


class ConferenceCancelled(ConferenceEvent):
    """A conference that was announced did not, or will not, take place."""

    type: ClassVar[str] = "coalition.membership.ConferenceCancelled.v1"
    cancelled: EdtfDate
    reason: Text | None = None


class ConferenceRegistered(ConferenceEvent):
    """Members and organisations will take part; again with others, those are added."""

    type: ClassVar[str] = "coalition.membership.ConferenceRegistered.v1"
    members: Participants = ()
    organisations: Organisations = ()


class ConferenceAttended(ConferenceEvent):
    """Members and organisations took part; again with others, those are added."""

    type: ClassVar[str] = "coalition.membership.ConferenceAttended.v1"
    members: Participants = ()
    organisations: Organisations = ()
