"""What notifications keeps besides the snapshots: the e-mails that are to be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notifications.domain import Notification
from services.notifications.restoring import REASON

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.notifications.deliveries import Deliveries
    from services.notifications.domain import State
    from services.notifications.restoring import Doubts
    from shared.contracts.base import Event
    from shared.domain.stream import Stream


class QueuedDeliveries:
    """Each notification's deliveries, created once; what becomes of them is the mailer's."""

    of: tuple[type[Event], ...] = ()

    def __init__(self, deliveries: Deliveries, doubts: Doubts) -> None:
        self._deliveries = deliveries
        self._doubts = doubts

    async def prepare(self) -> None:
        """Create the queue's index."""
        await self._deliveries.prepare()
        await self._doubts.prepare()

    async def project(self, states: Mapping[Stream, State], events: Sequence[Event]) -> None:
        """Create the deliveries that are not there yet."""
        del events
        doubtful = await self._doubts.of(states.keys())
        for doubt, of_it in (("", states.keys() - doubtful), (REASON, doubtful)):
            found = (states[stream] for stream in of_it)
            await self._deliveries.queue((s for s in found if isinstance(s, Notification)), doubt)

    async def rebuild(self, states: Mapping[Stream, State]) -> None:
        """Leave the queue as it is: no e-mail is sent again."""
