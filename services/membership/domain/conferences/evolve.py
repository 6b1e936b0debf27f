"""What a conference is after an event that was published. Nothing is refused here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.membership.domain.conferences.state import Conference

if TYPE_CHECKING:
    from shared.contracts.membership import ConferenceAnnounced, ConferenceAttended

_ANNOUNCED: Final = (
    "coalition",
    "coalition_name",
    "title",
    "titles",
    "place",
    "host",
    "begins",
    "ends",
    "represented",
)


def announced(conference: Conference | None, event: ConferenceAnnounced) -> Conference:
    """Announce a conference, or replace what was announced; what is left out stays as it was."""
    given = {name: getattr(event, name) for name in _ANNOUNCED}
    given = {name: value for name, value in given.items() if value is not None}
    if conference is None:
        return Conference(id=event.conference, **given)
    return conference.model_copy(update=given)


def attended(conference: Conference, event: ConferenceAttended) -> Conference:
    """Add who took part."""
    there = {member.key for member in conference.members}
    new = {member.key: member for member in event.members if member.key not in there}
    organisations = dict.fromkeys((*conference.organisations, *event.organisations))
    more = {
        "coalition_name": event.coalition_name or conference.coalition_name,
        "members": (*conference.members, *new.values()),
        "organisations": tuple(organisations),
    }
    return conference.model_copy(update=more)
