"""What notifications keeps besides the snapshots: the e-mails that are to be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notifications.announcing import queued_of
from services.notifications.domain import DIGESTS
from services.notifications.domain.calendars import occasion_of
from services.notifications.restoring import REASON
from shared.contracts.notifications import (
    AnnouncementQueued,
    AnnouncementTested,
    DigestQueued,
    NotificationQueued,
)
from shared.domain.stream import Stream
from shared.pipeline.projections import NO_TRACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from services.notifications.calendars import Calendars
    from services.notifications.deliveries import Deliveries
    from services.notifications.domain import State
    from services.notifications.gathering import Gathering
    from services.notifications.restoring import Doubts
    from shared.contracts.base import Event
    from shared.tracing.context import TraceContext


class QueuedDeliveries:
    """Each notification's deliveries, created once; what becomes of them is the mailer's.

    What waits for a digest is told of in the digest's own.
    """

    of: tuple[type[Event], ...] = (
        *(NotificationQueued, AnnouncementQueued, AnnouncementTested),
        DigestQueued,
    )

    def __init__(
        self, deliveries: Deliveries, gathering: Gathering, doubts: Doubts, calendars: Calendars
    ) -> None:
        self._deliveries = deliveries
        self._gathering = gathering
        self._doubts = doubts
        self._calendars = calendars

    async def prepare(self) -> None:
        """Create the queue's indexes."""
        await self._deliveries.prepare()
        await self._gathering.prepare()
        await self._doubts.prepare()

    async def project(
        self,
        states: Mapping[Stream, State],
        events: Sequence[Event],
        traces: Mapping[Stream, TraceContext] = NO_TRACES,
    ) -> None:
        """Create the deliveries that are not there yet."""
        del states
        queued = [found for event in events if (found := queued_of(event))]
        ids = (occasion_of(one.event_type, one.about, one.data) for one, _ in queued)
        # They were kept before: what is read is kept when it is published.
        occasions = await self._calendars.of([id_ for id_ in ids if id_])
        contexts = {one.notification: traces[s] for one, s in queued if s in traces}
        digests = [(d, Stream(DIGESTS, d.subject)) for d in events if isinstance(d, DigestQueued)]
        doubtful = await self._doubts.of({stream for _, stream in (*queued, *digests)})
        for doubt in ("", REASON):
            of_it = [one for one, stream in queued if (stream in doubtful) is bool(doubt)]
            if many := await self._deliveries.queue(of_it, doubt, occasions, contexts):
                await self._gathering.gather(many)
            told = [one for one, stream in digests if (stream in doubtful) is bool(doubt)]
            await self._gathering.queue(told, doubt, traces)
            if doubt:
                alone = (f"{one.digest}.{one.subscription}" for one in told)
                await self._doubts.settle([*_ids(of_it), *alone])

    async def rebuild(self, states: Mapping[Stream, State]) -> None:
        """Leave the queue as it is: no e-mail is sent again."""


def _ids(queued: Iterable[NotificationQueued]) -> Iterator[str]:
    """The ids of the deliveries that are created."""
    for one in queued:
        for told in one.recipients:
            yield from (f"{one.notification}.{subscription}" for subscription in told.subscriptions)
