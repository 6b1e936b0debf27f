"""What operators see of webhooks: which are stopped or failing, and what waits."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from prometheus_client.metrics_core import GaugeMetricFamily

from services.notifications.webhooks.keeping import KEPT
from services.notifications.webhooks.replaying import MOST_WAITING
from services.notifications.webhooks.stopping import stopped
from shared.outlasting import outlasted
from shared.web.health import Condition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client.metrics_core import Metric

    from services.notifications.webhooks.deliveries import WebhookDeliveries
    from services.notifications.webhooks.endpoints import Endpoints, Target
    from shared.kafka.producer import Publisher

_EVERY_SECONDS: Final = 10
STATES: Final = ("active", "paused", "stopped")


class Watching:
    """Looks at the webhooks now and then; stops one for which too many events wait.

    Args:
        endpoints: the webhooks.
        deliveries: what waits for them.
        publisher: the way to Kafka.
        clock: tells the time, aware, UTC.
        most: events that wait for one at most.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        deliveries: WebhookDeliveries,
        publisher: Publisher,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        most: int = MOST_WAITING,
    ) -> None:
        self._endpoints, self._deliveries, self._publisher = endpoints, deliveries, publisher
        self._clock, self._most = clock, most
        self._targets: dict[str, Target] = {}
        self._waiting: dict[str, int] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        """Look until the process stops; what is away is asked again, be it the store or Kafka."""
        while not stopping.is_set():
            await outlasted(self.look(), stopping)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _EVERY_SECONDS)

    async def look(self) -> None:
        """Count what waits, and take away what is over."""
        now, targets = self._clock(), await self._endpoints.targets()
        waiting = {one: await self._deliveries.waiting(one, self._most) for one in targets}
        self._targets, self._waiting = targets, waiting
        for id_, target in targets.items():
            if waiting[id_] >= self._most and not target.endpoint.full:
                await self._endpoints.set(id_, full=now)
                await self._stop(target, now)
            elif target.endpoint.full and target.is_to_stop:
                await self._stop(target, target.endpoint.full)
        for id_ in await self._deliveries.with_some():
            if id_ not in targets and not await self._endpoints.of([id_]):
                await self._deliveries.remove(id_)
        await self._deliveries.forget(now - KEPT)

    async def _stop(self, target: Target, full: datetime) -> None:
        """Say that a webhook is to be stopped; until it is decided, it is said again."""
        webhook, since = target.webhook, max(full, target.webhook.since or full)
        last = target.endpoint.last
        await self._publisher.send([stopped(webhook.id, "too many events wait", since, last)])

    def condition(self) -> Condition:
        """What `/readyz` says: the service is well, and an operator may have to act."""
        detail: dict[str, Any] = {
            "stopped": {
                id_: one.webhook.reason
                for id_, one in self._targets.items()
                if one.webhook.state == "stopped"
            },
            "failing": sorted(id_ for id_, one in self._targets.items() if one.endpoint.failing),
        }
        return Condition("webhooks", ready=True, detail=detail)

    def metrics(self) -> Iterator[Metric]:
        """How many webhooks there are, since when some take nothing, and what waits."""
        counts = Counter(one.webhook.state for one in self._targets.values())
        webhooks = GaugeMetricFamily("coalition_webhooks", "Webhooks, by state.", labels=["state"])
        for state in STATES:
            webhooks.add_metric([state], counts[state])
        yield webhooks
        waiting = GaugeMetricFamily(
            "coalition_webhook_waiting",
            f"Events that wait for a webhook, {self._most} at most.",
            labels=["webhook"],
        )
        failing = GaugeMetricFamily(
            "coalition_webhook_failing_seconds",
            "How long a webhook has taken nothing; 0 where it takes what is sent.",
            labels=["webhook"],
        )
        for id_, one in self._targets.items():
            waiting.add_metric([id_], self._waiting.get(id_, 0))
            since = one.endpoint.failing
            failing.add_metric([id_], (self._clock() - since).total_seconds() if since else 0)
        yield waiting
        yield failing
