"""The table of a conference: what is decided and what is folded, by type of event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.membership.domain.coalitions.state import stream as coalition_stream
from services.membership.domain.conferences import decide, evolve
from services.membership.domain.conferences.state import KIND, Conference
from services.membership.domain.members.state import stream as member_stream
from shared.contracts.membership import (
    ConferenceAnnounced,
    ConferenceAttended,
    ConferenceCancelled,
    ConferenceChanged,
    ConferenceCorrected,
    ConferenceRegistered,
)
from shared.domain.decider import Aggregate, by_subject, if_exists, on

if TYPE_CHECKING:
    from shared.contracts.membership import ConferenceEvent
    from shared.domain.stream import Stream


def _coalition(event: ConferenceEvent) -> tuple[Stream, ...]:
    return (coalition_stream(event.coalition),)


def _and_host(event: ConferenceAnnounced | ConferenceChanged) -> tuple[Stream, ...]:
    host = (member_stream(event.host.key),) if event.host else ()
    return (coalition_stream(event.coalition), *host)


def _and_members(event: ConferenceRegistered | ConferenceAttended) -> tuple[Stream, ...]:
    members = dict.fromkeys(member_stream(member.key) for member in event.members)
    return (coalition_stream(event.coalition), *members)


CONFERENCES: Final = Aggregate(
    kind=KIND,
    state=Conference,
    identify=by_subject,
    rows=(
        on(
            ConferenceAnnounced,
            decide=decide.announce,
            evolve=evolve.announced,
            looks_at=_and_host,
        ),
        on(
            ConferenceChanged,
            decide=decide.change,
            evolve=if_exists(evolve.changed),
            looks_at=_and_host,
        ),
        on(
            ConferenceCancelled,
            decide=decide.cancel,
            evolve=if_exists(evolve.cancelled),
            looks_at=_coalition,
        ),
        on(
            ConferenceRegistered,
            decide=decide.register,
            evolve=if_exists(evolve.registered),
            looks_at=_and_members,
        ),
        on(
            ConferenceCorrected,
            decide=decide.correct,
            evolve=if_exists(evolve.fact_corrected),
            looks_at=_coalition,
        ),
        on(
            ConferenceAttended,
            decide=decide.attend,
            evolve=if_exists(evolve.attended),
            looks_at=_and_members,
        ),
    ),
)
