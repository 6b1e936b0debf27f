"""Conferences of a coalition, and who took part."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from shared.contracts.base import (
    EdtfDate,
    Event,
    MemberRef,
    Slug,
    Text,
    Texts,
    earliest,
    latest,
)
from shared.contracts.text import EACH_ONCE


class ConferenceEvent(Event):
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

    `represented` is what a source says of the attendance where it lists nobody ("over 50").
    """

    type: ClassVar[str] = "coalition.membership.ConferenceAnnounced.v1"
    title: Text
    titles: Texts | None = None
    place: Text | None = None
    host: MemberRef | None = None
    begins: EdtfDate
    ends: EdtfDate | None = None
    represented: Text | None = None

    @model_validator(mode="after")
    def _in_order(self) -> ConferenceAnnounced:
        if self.ends and latest(self.ends) < earliest(self.begins):
            msg = "the conference ends before it begins"
            raise ValueError(msg)
        return self


class ConferenceAttended(ConferenceEvent):
    """Members and organisations took part; again with others, those are added."""

    type: ClassVar[str] = "coalition.membership.ConferenceAttended.v1"
    members: Annotated[tuple[MemberRef, ...], Field(max_length=1000), EACH_ONCE] = ()
    organisations: Annotated[tuple[Text, ...], Field(max_length=1000), EACH_ONCE] = ()
