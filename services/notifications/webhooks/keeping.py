"""Has events that were read sent to the webhooks that want them; a keeper."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from services.notifications.changes import Kept, kept
from services.notifications.domain.changes import facts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from services.notifications.webhooks.deliveries import WebhookDeliveries
    from services.notifications.webhooks.endpoints import Endpoints, Target
    from shared.contracts.base import Event
    from shared.pipeline.inbound import InboundMessage

KEPT: Final = timedelta(days=30)
"""How long it is kept that an event was sent; what is older and read again is not sent again."""
_OWN: Final = "coalition.notifications."


class QueuedForWebhooks:
    """Queues each event once for each webhook that wants it.

    It comes after what keeps the events themselves, so that what is not queued for a webhook that
    is full is found when it is caught up.

    Args:
        endpoints: the webhooks.
        deliveries: the queue.
        clock: tells the time, aware, UTC.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        deliveries: WebhookDeliveries,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._endpoints, self._deliveries, self._clock = endpoints, deliveries, clock

    async def keep(self, read: Sequence[InboundMessage]) -> None:
        """Queue what was published; again it changes nothing."""
        of_others = [one for one in read if one.event and not one.type.startswith(_OWN)]
        if not of_others:
            return
        targets = await self._endpoints.targets()
        if not targets:
            return
        now = self._clock()
        wanted = list[tuple[str, Kept]]()
        missed = dict[str, datetime]()
        for message in of_others:
            assert message.event is not None  # noqa: S101 - they were chosen by it
            event = Kept.model_validate(kept(message))
            for id_, target in targets.items():
                if not wants(target, event, message.event, now):
                    continue
                if target.endpoint.full:
                    missed[id_] = min(missed.get(id_, event.recorded), event.recorded)
                else:
                    wanted.append((id_, event))
        await self._deliveries.queue(wanted, now)
        for id_, since in missed.items():
            await self._endpoints.fill([id_], since)


def wants(target: Target, event: Kept, read: Event, now: datetime) -> bool:
    """Whether an event that was read is to be sent to a webhook."""
    registered = target.webhook.registered
    new = event.recorded >= now - KEPT and (registered is None or event.recorded >= registered)
    return new and target.webhook.wants(facts(read))
