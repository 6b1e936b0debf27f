"""The table of a person's digests: what is decided and what is folded, by type of event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.notifications.domain.digests import decide, evolve
from services.notifications.domain.digests.state import KIND, Digests, waiting_for
from services.notifications.domain.notifications.state import interest_of
from shared.contracts.notifications import DigestFellDue, DigestQueued, DigestRequested
from shared.domain.decider import Aggregate, by_subject, on

if TYPE_CHECKING:
    from shared.domain.stream import Stream


def _reader(event: DigestFellDue | DigestRequested) -> tuple[Stream, ...]:
    return interest_of(event.subscription), waiting_for(event.subscription)


DIGESTS: Final[Aggregate[Digests]] = Aggregate(
    kind=KIND,
    state=Digests,
    identify=by_subject,
    rows=(
        on(DigestFellDue, decide=decide.fall_due, looks_at=_reader),
        on(DigestRequested, decide=decide.request, looks_at=_reader),
        on(DigestQueued, evolve=evolve.queued),
    ),
)
