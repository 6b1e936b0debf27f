"""What may be said of a conference, and what is published because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from services.membership.domain.conferences import evolve
from services.membership.domain.conferences.facts import FACTS
from services.membership.domain.guards import Bound, Bounds, existing_coalition, refuse_growth
from services.membership.domain.members.guards import refuse_other_than
from services.membership.domain.members.state import Member
from services.membership.domain.members.state import stream as member_stream
from shared.contracts.base import MemberRef, earliest, latest
from shared.contracts.membership import ConferenceEvent, bounds
from shared.domain.corrections.facts import find_corrected
from shared.domain.dates import refuse_contradiction, refuse_future
from shared.domain.decider import Refused
from shared.domain.identity import refuse_mixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.membership.domain.conferences.state import Conference
    from shared.contracts.base import Event
    from shared.contracts.membership import (
        ConferenceAnnounced,
        ConferenceAttended,
        ConferenceCancelled,
        ConferenceChanged,
        ConferenceCorrected,
        ConferenceFact,
        ConferenceRegistered,
    )
    from shared.domain.decider import Context

E = TypeVar("E", bound=ConferenceEvent)

_INSTEAD: Final = "say how many there were in `represented`"
_BOUNDS: Final[Bounds] = {
    "members": Bound(bounds.MAX_PARTICIPANTS, "members that took part", _INSTEAD),
    "organisations": Bound(bounds.MAX_PARTICIPANTS, "organisations that took part", _INSTEAD),
    "registered_members": Bound(bounds.MAX_PARTICIPANTS, "members registered", _INSTEAD),
    "registered_organisations": Bound(
        bounds.MAX_PARTICIPANTS, "organisations registered", _INSTEAD
    ),
    "corrections": Bound(bounds.MAX_CORRECTIONS, "corrections", "take one back"),
    "also_claimed": Bound(bounds.MAX_CLAIMED, "rival claims", "leave out the least of them"),
}


def announce(
    conference: Conference | None, event: ConferenceAnnounced, context: Context
) -> Sequence[Event]:
    """Announce a conference, which may lie ahead, or announce it anew.

    Raises:
        Refused: the coalition is not known, the conference is another's, brings back what was
            corrected, or its host is taken for another.
    """
    refuse_future(event.announced, context.now)
    event = _dated(conference, _completed(conference, event, context), context)
    if conference:
        _refuse_all_corrected(conference, event)
        _refuse_corrected(conference, "represented", event.represented)
        _refuse_corrected(conference, "announced", event.announced)
    _refuse_others((event.host,) if event.host else (), conference, context)
    return _published(conference, event, evolve.announced(conference, event))


def _dated(
    conference: Conference | None, event: ConferenceAnnounced, context: Context
) -> ConferenceAnnounced:
    """With the day by which it was announced, where it lies ahead and nobody says when."""
    today = context.now.date()
    is_dated = event.announced or (conference and conference.announced)
    if is_dated or earliest(event.begins) <= today:
        return event
    return event.model_copy(update={"announced": today.isoformat()})


def change(
    conference: Conference | None, event: ConferenceChanged, context: Context
) -> Sequence[Event]:
    """Change what was announced.

    Raises:
        Refused: the conference was not announced, is cancelled, or would end before it begins.
    """
    refuse_future(event.changed, context.now)
    event, conference = _completed(conference, event, context), _announced(conference, event)
    _refuse_cancelled(conference)
    _refuse_all_corrected(conference, event)
    _refuse_others((event.host,) if event.host else (), conference, context)
    return _published(conference, event, evolve.changed(conference, event))


def cancel(
    conference: Conference | None, event: ConferenceCancelled, context: Context
) -> Sequence[Event]:
    """Cancel a conference.

    Raises:
        Refused: it was not announced, somebody took part in it, or it was cancelled on another
            date.
    """
    refuse_future(event.cancelled, context.now)
    event, conference = _completed(conference, event, context), _announced(conference, event)
    refuse_contradiction(event.cancelled, conference.cancelled, "its cancellation")
    _refuse_corrected(conference, "cancelled", event.cancelled)
    if conference.members or conference.organisations:
        raise Refused(f"{conference.title} was attended, so it was not cancelled")
    return _published(conference, event, evolve.cancelled(conference, event))


def register(
    conference: Conference | None, event: ConferenceRegistered, context: Context
) -> Sequence[Event]:
    """Add who will take part.

    Raises:
        Refused: the conference was not announced, is cancelled, or is over.
    """
    event, conference = _completed(conference, event, context), _announced(conference, event)
    _refuse_cancelled(conference)
    _refuse_participants(conference, event, "registered")
    _refuse_others(event.members, conference, context)
    after = evolve.registered(conference, event)
    if after != conference and latest(conference.ends or conference.begins) < context.now.date():
        raise Refused(f"{conference.title} is over: send ConferenceAttended of who took part")
    return _published(conference, event, after)


def attend(
    conference: Conference | None, event: ConferenceAttended, context: Context
) -> Sequence[Event]:
    """Add who took part.

    Raises:
        Refused: the conference was not announced, is cancelled, or lies ahead, or who took part is
            taken for another.
    """
    event, conference = _completed(conference, event, context), _announced(conference, event)
    _refuse_cancelled(conference)
    refuse_future(conference.begins, context.now)
    _refuse_participants(conference, event, "attended")
    _refuse_others(event.members, conference, context)
    return _published(conference, event, evolve.attended(conference, event))


def correct(
    conference: Conference | None, event: ConferenceCorrected, context: Context
) -> Sequence[Event]:
    """Correct what is recorded wrongly, or never happened; or take a correction back.

    Raises:
        Refused: no such thing is recorded, or the conference would end before it begins.
    """
    event, conference = _completed(conference, event, context), _announced(conference, event)
    if event.fact in {"announced", "cancelled"}:
        refuse_future(event.correct, context.now)
    found = evolve.correction(conference, event)
    if found.problem:
        raise Refused(found.problem)
    return _published(conference, event, found.state)


def _announced(conference: Conference | None, event: ConferenceEvent) -> Conference:
    if conference is None:
        raise Refused(f"the conference {event.conference!r} was not announced")
    return conference


def _refuse_cancelled(conference: Conference) -> None:
    if conference.cancelled:
        raise Refused(
            f"{conference.title} was cancelled {conference.cancelled}: if it was not, correct that"
        )


def _refuse_corrected(
    conference: Conference, fact: ConferenceFact, value: str | None, item: MemberRef | None = None
) -> None:
    if found := find_corrected(conference, FACTS, fact, value, item):
        raise Refused(f"{fact} {value} was corrected: {found.reason}")


def _refuse_all_corrected(
    conference: Conference, event: ConferenceAnnounced | ConferenceChanged
) -> None:
    _refuse_corrected(conference, "title", event.title)
    _refuse_corrected(conference, "place", event.place)
    _refuse_corrected(conference, "begins", event.begins)
    _refuse_corrected(conference, "ends", event.ends)


def _refuse_participants(
    conference: Conference, event: ConferenceRegistered | ConferenceAttended, what: str
) -> None:
    facts: dict[str, tuple[ConferenceFact, ConferenceFact]] = {
        "registered": ("member registered", "organisation registered"),
        "attended": ("member attended", "organisation attended"),
    }
    of_member, of_organisation = facts[what]
    for member in event.members:
        _refuse_corrected(conference, of_member, member.key, member)
    for organisation in event.organisations:
        _refuse_corrected(conference, of_organisation, organisation)


def _refuse_others(
    refs: Sequence[MemberRef], conference: Conference | None, context: Context
) -> None:
    there = (*conference.members, *conference.registered_members) if conference else ()
    refuse_mixed((*there, *refs))
    named = {ref.key for ref in there}
    for ref in refs:
        if member := context.find(member_stream(ref.key), Member):
            refuse_other_than(member, ref)
        elif ref.name is None and ref.key not in named:
            raise Refused(
                f"no member {ref.key!r} is recorded: one that is none is given by name, country"
                " and kind"
            )


def _completed(conference: Conference | None, event: E, context: Context) -> E:
    coalition = existing_coalition(event.coalition, context)
    if conference and conference.coalition != event.coalition:
        raise Refused(f"this conference is one of the coalition {conference.coalition!r}")
    return event.model_copy(update={"coalition_name": coalition.name})


def _published(
    before: Conference | None, event: ConferenceEvent, after: Conference
) -> Sequence[Event]:
    """The event; nothing where it is no news of the conference, but of its coalition's name."""
    renamed = {"coalition_name": event.coalition_name}
    if before and after == before.model_copy(update=renamed):
        return []
    if after.ends and latest(after.ends) < earliest(after.begins):
        raise Refused(
            f"{after.title} would end in {after.ends}, before it begins in {after.begins}"
        )
    refuse_growth(after.title, before, after, _BOUNDS)
    return [event]
