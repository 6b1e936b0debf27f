"""What notifications keeps besides the snapshots: the e-mails that are to be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notifications.domain import DIGESTS, KIND
from services.notifications.restoring import REASON
from shared.contracts.notifications import DigestQueued, NotificationQueued
from shared.domain.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.notifications.deliveries import Deliveries
    from services.notifications.domain import State
    from services.notifications.gathering import Gathering
    from services.notifications.restoring import Doubts
    from shared.contracts.base import Event


class QueuedDeliveries:
    """Each notification's deliveries, created once; what becomes of them is the mailer's.

    What waits for a digest is told of in the digest's own.
    """

    of: tuple[type[Event], ...] = (NotificationQueued, DigestQueued)

    def __init__(self, deliveries: Deliveries, gathering: Gathering, doubts: Doubts) -> None:
        self._deliveries = deliveries
        self._gathering = gathering
        self._doubts = doubts

    async def prepare(self) -> None:
        """Create the queue's indexes."""
        await self._deliveries.prepare()
        await self._gathering.prepare()
        await self._doubts.prepare()

    async def project(self, states: Mapping[Stream, State], events: Sequence[Event]) -> None:
        """Create the deliveries that are not there yet."""
        del states
        streams = {id(event): _stream(event) for event in events}
        doubtful = await self._doubts.of(set(streams.values()))
        for doubt in ("", REASON):
            those = [one for one in events if (streams[id(one)] in doubtful) is bool(doubt)]
            queued = [one for one in those if isinstance(one, NotificationQueued)]
            if many := await self._deliveries.queue(queued, doubt):
                await self._gathering.gather(many)
            digests = [one for one in those if isinstance(one, DigestQueued)]
            await self._gathering.queue(digests, doubt)

    async def rebuild(self, states: Mapping[Stream, State]) -> None:
        """Leave the queue as it is: no e-mail is sent again."""


def _stream(event: Event) -> Stream:
    if isinstance(event, NotificationQueued):
        return Stream(KIND, event.notification)
    return Stream(DIGESTS, event.subject)
