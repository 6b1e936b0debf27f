"""What a conference is after an event that was published. Nothing is refused here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.membership.domain.claims import with_claims
from services.membership.domain.conferences.facts import FACTS
from services.membership.domain.conferences.state import Conference
from shared.contracts.base import earliest, latest
from shared.domain.corrections.facts import Corrected, corrected
from shared.domain.dates import earlier_of

if TYPE_CHECKING:
    from shared.contracts.base import MemberRef
    from shared.contracts.membership import (
        ConferenceAnnounced,
        ConferenceAttended,
        ConferenceCancelled,
        ConferenceChanged,
        ConferenceCorrected,
        ConferenceEvent,
        ConferenceRegistered,
    )

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
    "source",
)
_CHANGED: Final = ("title", "place", "host", "begins", "ends")


def announced(conference: Conference | None, event: ConferenceAnnounced) -> Conference:
    """Announce a conference, or replace what was announced; what is left out stays as it was."""
    given = {name: getattr(event, name) for name in _ANNOUNCED}
    given = {name: value for name, value in given.items() if value is not None}
    if conference is None:
        given["announced"] = event.announced
        return _claimed(Conference(id=event.conference, **given), event, "announced")
    given["announced"] = earlier_of(event.announced, conference.announced)
    return _claimed(conference.model_copy(update=given), event, "announced")


def changed(conference: Conference, event: ConferenceChanged) -> Conference:
    """Take another place, time, title or host; an end before a new beginning falls away."""
    given = {name: getattr(event, name) for name in _CHANGED}
    given = {name: value for name, value in given.items() if value is not None}
    after = conference.model_copy(update=given)
    if not event.ends and after.ends and latest(after.ends) < earliest(after.begins):
        after = after.model_copy(update={"ends": None})
    return _claimed(_named(after, event), event, "changed")


def cancelled(conference: Conference, event: ConferenceCancelled) -> Conference:
    """Not take place."""
    more = {
        "cancelled": event.cancelled,
        "cancellation_reason": event.reason or conference.cancellation_reason,
    }
    return _claimed(_named(conference.model_copy(update=more), event), event, "cancelled")


def registered(conference: Conference, event: ConferenceRegistered) -> Conference:
    """Add who will take part."""
    more = {
        "registered_members": _with_members(conference.registered_members, event.members),
        "registered_organisations": _with_texts(
            conference.registered_organisations, event.organisations
        ),
    }
    return _claimed(_named(conference.model_copy(update=more), event), event, "registered")


def attended(conference: Conference, event: ConferenceAttended) -> Conference:
    """Add who took part."""
    more = {
        "members": _with_members(conference.members, event.members),
        "organisations": _with_texts(conference.organisations, event.organisations),
    }
    return _claimed(_named(conference.model_copy(update=more), event), event, "attended")


def correction(conference: Conference, event: ConferenceCorrected) -> Corrected[Conference]:
    """What a conference is after a correction, or why the correction cannot be made."""
    return corrected(_named(conference, event), event, FACTS)


def fact_corrected(conference: Conference, event: ConferenceCorrected) -> Conference:
    """Correct a fact, and keep what was recorded."""
    return correction(conference, event).state


def _named(conference: Conference, event: ConferenceEvent) -> Conference:
    name = event.coalition_name or conference.coalition_name
    return conference.model_copy(update={"coalition_name": name})


def _claimed(conference: Conference, event: ConferenceEvent, about: str) -> Conference:
    claims = with_claims(conference.also_claimed, event, about)
    return conference.model_copy(update={"also_claimed": claims})


def _with_members(
    there: tuple[MemberRef, ...], more: tuple[MemberRef, ...]
) -> tuple[MemberRef, ...]:
    """Each member once, as it was named first."""
    keys = {member.key for member in there}
    new = {member.key: member for member in more if member.key not in keys}
    return (*there, *new.values())


def _with_texts(there: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*there, *more)))
