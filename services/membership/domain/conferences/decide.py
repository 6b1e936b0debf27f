"""What may be said of a conference, and what is published because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from services.membership.domain.conferences import evolve
from services.membership.domain.guards import Bound, Bounds, existing_coalition, refuse_growth
from services.membership.domain.members.guards import refuse_other_than
from services.membership.domain.members.state import Member
from services.membership.domain.members.state import stream as member_stream
from shared.contracts.membership import ConferenceEvent, bounds
from shared.domain.dates import refuse_future
from shared.domain.decider import Refused
from shared.domain.identity import refuse_mixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.membership.domain.conferences.state import Conference
    from shared.contracts.base import Event, MemberRef
    from shared.contracts.membership import ConferenceAnnounced, ConferenceAttended
    from shared.domain.decider import Context

E = TypeVar("E", bound=ConferenceEvent)

_INSTEAD: Final = "say how many there were in `represented`"
_BOUNDS: Final[Bounds] = {
    "members": Bound(bounds.MAX_PARTICIPANTS, "members that took part", _INSTEAD),
    "organisations": Bound(bounds.MAX_PARTICIPANTS, "organisations that took part", _INSTEAD),
}


def announce(
    conference: Conference | None, event: ConferenceAnnounced, context: Context
) -> Sequence[Event]:
    """Announce a conference, which may lie ahead, or announce it anew.

    Raises:
        Refused: the coalition is not known, the conference is another's, or its host is taken for
            another.
    """
    event = _completed(conference, event, context)
    _refuse_others((event.host,) if event.host else (), conference, context)
    return _published(conference, event, evolve.announced(conference, event))


def attend(
    conference: Conference | None, event: ConferenceAttended, context: Context
) -> Sequence[Event]:
    """Add who took part.

    Raises:
        Refused: the conference was not announced, or lies ahead, or who took part is taken for
            another.
    """
    event = _completed(conference, event, context)
    if conference is None:
        raise Refused(f"the conference {event.conference!r} was not announced")
    refuse_future(conference.begins, context.now)
    _refuse_others(event.members, conference, context)
    return _published(conference, event, evolve.attended(conference, event))


def _refuse_others(
    refs: Sequence[MemberRef], conference: Conference | None, context: Context
) -> None:
    refuse_mixed((*(conference.members if conference else ()), *refs))
    for ref in refs:
        if member := context.find(member_stream(ref.key), Member):
            refuse_other_than(member, ref)


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
    refuse_growth(after.title, before, after, _BOUNDS)
    return [event]
