"""The table of a conference: what is decided and what is folded, by type of event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.membership.domain.coalitions.state import stream as coalition_stream
from services.membership.domain.conferences import decide, evolve
from services.membership.domain.conferences.state import KIND, Conference
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


CONFERENCES: Final = Aggregate(
    kind=KIND,
    state=Conference,
    identify=by_subject,
    rows=(
        on(
            ConferenceAnnounced,
            decide=decide.announce,
            evolve=evolve.announced,
            looks_at=_coalition,
        ),
        on(
            ConferenceChanged,
            decide=decide.change,
            evolve=if_exists(evolve.changed),
            looks_at=_coalition,
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
            looks_at=_coalition,
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
            looks_at=_coalition,
        ),
    ),
)
