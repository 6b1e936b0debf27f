"""Conferences: what is announced of them, and who took part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from services.membership.domain.dates import not_in_the_future
from shared.contracts.base import EdtfDate, MemberRef, Model, Slug, Text, Texts
from shared.contracts.membership import ConferenceAnnounced, ConferenceAttended, ConferenceEvent
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from datetime import datetime


class Conference(Model):
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


def told(conference: Conference | None, event: ConferenceEvent) -> Conference:
    """A conference after an event; equal to what it was where the event says nothing new.

    Raises:
        Refused: it is another coalition's, or was not announced.
    """
    if conference and conference.coalition != event.coalition:
        raise Refused(f"this conference is one of the coalition {conference.coalition!r}")
    match event:
        case ConferenceAnnounced():
            return _announced(event, conference)
        case ConferenceAttended() if conference:
            return _attended(event, conference)
        case _:
            raise Refused(f"the conference {event.conference!r} was not announced")


def may_be_told(event: ConferenceEvent, conference: Conference | None, now: datetime) -> None:
    """Refuse attendance of what has not begun; an announcement may lie ahead.

    Raises:
        Refused: the conference lies in the future.
    """
    if conference and isinstance(event, ConferenceAttended):
        not_in_the_future(conference.begins, now)


def _announced(event: ConferenceAnnounced, conference: Conference | None) -> Conference:
    """What is left out stays as it was."""
    held = conference.model_dump(exclude_none=True) if conference else {"id": event.conference}
    return Conference.model_validate({**held, **event.model_dump(exclude_none=True)})


def _attended(event: ConferenceAttended, conference: Conference) -> Conference:
    known = {member.key for member in conference.members}
    new = {m.key: m for m in event.members if m.key not in known}
    names = dict.fromkeys((*conference.organisations, *event.organisations))
    more = {
        "coalition_name": event.coalition_name or conference.coalition_name,
        "members": (*conference.members, *new.values()),
        "organisations": tuple(names),
    }
    return conference.model_copy(update=more)
