"""Sends what is due to webhooks: claims for each apart, and records how each attempt ended."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog
from aiokafka.errors import KafkaError
from prometheus_client.metrics_core import CounterMetricFamily

from services.notifications.changes import Kept
from services.notifications.claims import Claims
from services.notifications.limits import Slots
from services.notifications.webhooks import deliveries as queue
from services.notifications.webhooks.delivery import DAY, unsent, word
from services.notifications.webhooks.desk import MARGIN, Desk
from services.notifications.webhooks.posting import HttpPoster
from services.notifications.webhooks.stopping import stopped
from shared.outlasting import outlasted
from shared.pipeline.tolerant import read_each

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from prometheus_client.metrics_core import Metric
    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.settings import NotificationsSettings
    from services.notifications.webhooks.delivery import ClaimedDelivery, Result
    from services.notifications.webhooks.endpoints import Endpoints, Target
    from services.notifications.webhooks.posting import Poster
    from services.notifications.webhooks.stopping import StopReason
    from shared.kafka.producer import Publisher

log = structlog.get_logger()

Document = dict[str, Any]
_TURN_SECONDS: Final = 0.25
"""What was sent is recorded by then, however slow the receivers are."""
_IDLE_SECONDS: Final = 0.5
_LOOK_SECONDS: Final = 1
_EXPIRE_SECONDS: Final = 10
_DECIDED_SECONDS: Final = 60
"""By then it is decided that a webhook is stopped; else it is said once more."""
_PATIENCE: Final = timedelta(seconds=30)
"""How long an event that was claimed may wait for a connection; then it is given back."""
_STOP_SHARE: Final = 0.6
"""Of the time in which a process ends: so long it waits for answers, and records in the rest."""


class Sender:
    """The one loop that talks to the store; the desks send meanwhile.

    Args:
        database: of notifications.
        endpoints: the webhooks.
        settings: how long an answer may take.
        publisher: the way to Kafka, by which a webhook is stopped.
        poster: makes the way to a receiver.
        clock: tells the time, aware, UTC.
        now: seconds that never go back.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the last three are given by tests only
        self,
        database: AsyncDatabase[Document],
        endpoints: Endpoints,
        settings: NotificationsSettings,
        publisher: Publisher,
        poster: Callable[[Target], Poster] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database, self._endpoints, self._publisher = database, endpoints, publisher
        self._deliveries = queue.WebhookDeliveries(database)
        self._settings, self._clock, self._now = settings, clock, now
        self._poster = poster or (lambda one: HttpPoster(settings, one.webhook.connections))
        self._attempt = timedelta(seconds=settings.webhook_answer_seconds) + MARGIN
        self._desks: dict[str, Desk] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._claims: dict[str, Claims[ClaimedDelivery]] = {}
        self._slots = Slots(database["limits"])
        self._stopped: dict[str, tuple[datetime | None, float]] = {}
        self._ends: Counter[str] = Counter()
        self._look_at = self._expire_at = now()

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until the process stops; what is on its way is finished first."""
        try:
            while not stopping.is_set():
                await outlasted(self.turn(stopping), stopping)
        finally:
            seconds = self._settings.stop_seconds * _STOP_SHARE
            await asyncio.gather(*(one.finish(seconds) for one in self._desks.values()))
            await asyncio.gather(*self._closing)
            await self._record()

    def metrics(self) -> Iterator[Metric]:
        """How attempts ended."""
        attempts = CounterMetricFamily(
            "coalition_webhook_attempts",
            "Attempts to send an event to a webhook, by outcome.",
            labels=["outcome"],
        )
        for outcome, count in self._ends.items():
            attempts.add_metric([outcome], count)
        yield attempts

    async def turn(self, stopping: asyncio.Event) -> None:
        """Claim what is due, send for a moment, and record."""
        if self._now() >= self._look_at:
            self._look_at = self._now() + _LOOK_SECONDS
            await self._look()
        if self._desks:
            await self._expire()
            for id_, desk in self._desks.items():
                if desk.wanted and await self._deliveries.waiting(id_, 1):
                    await self._claim(id_, desk)
        for desk in self._desks.values():
            desk.start()
        if tasks := [task for desk in self._desks.values() for task in desk.sending]:
            await asyncio.wait(tasks, timeout=_TURN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        else:
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _IDLE_SECONDS)
        await self._record()

    async def _look(self) -> None:
        """See which webhooks there are; one that is another one now gets another desk."""
        targets = await self._endpoints.targets()
        for id_, target in targets.items():
            if not self._is_to_send(target):
                continue
            desk = self._desks.get(id_)
            if desk is None:
                poster = self._poster(target)
                self._desks[id_] = Desk(target, poster, self._attempt, self._clock, self._now)
            elif desk.target.webhook.registered == target.webhook.registered:
                desk.target = target
            else:  # another one of the same id
                await self._close(id_, desk)
        for id_, desk in [*self._desks.items()]:
            target_now = targets.get(id_)
            if target_now is None or not self._is_to_send(target_now):
                await self._close(id_, desk)

    def _is_to_send(self, target: Target) -> bool:
        """Whether something is sent there: not while it is stopped, or about to be."""
        webhook, replay = target.webhook, target.endpoint.replay
        if webhook.state != "active" or (replay and replay.closing):
            return False
        since, until = self._stopped.get(webhook.id, (None, 0.0))
        return since != webhook.since or self._now() >= until

    async def _close(self, id_: str, desk: Desk) -> None:
        """Send nothing more there, without waiting for what is on its way."""
        await self._record()
        del self._desks[id_]
        self._claims.pop(id_, None)  # what this desk has on its way is another one's for the next

        async def finish() -> None:
            await desk.finish(self._attempt.total_seconds())
            await self._deliveries.record(desk.results, self._clock())

        task = asyncio.create_task(finish())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _expire(self) -> None:
        """Have sent again, now and then, what processes had in hand that are no more."""
        if self._now() >= self._expire_at:
            self._expire_at = self._now() + _EXPIRE_SECONDS
            await self._deliveries.expire(self._clock())

    async def _claim(self, id_: str, desk: Desk) -> None:
        """Claim what a desk can send, within the rate of the webhook."""
        now, rate = self._clock(), desk.target.webhook.per_second
        if (wanted := desk.wanted) <= 0:
            return
        wanted = await self._slots.room(f"webhook {id_}", rate, wanted, now)
        if wanted <= 0:
            return
        claims = self._claims.setdefault(
            id_, Claims(queue.queue_of(self._database), part={"webhook": id_})
        )
        until = now + _PATIENCE + self._attempt
        claimed, waiting = await claims.take(wanted, now, until, desk.left())
        desk.results.extend(unsent(one, rest) for one, rest in waiting)
        if not claimed:
            desk.refused.clear()
        else:
            await self._slots.reserve(f"webhook {id_}", len(claimed), rate, now)
            events = await _events(self._database, claimed)
            desk.add((one, events.get(one.event)) for one in claimed)

    async def _record(self) -> None:
        """Record how attempts ended, of the events and of the webhooks."""
        changes = dict[str, Document]()
        for id_, desk in self._desks.items():
            results = desk.take_results()
            if not results:
                continue
            await self._deliveries.record(results, self._clock())
            del desk.results[: len(results)]
            self._ends += Counter(word(one) for one in results)
            if fields := await self._fare(id_, desk, results):
                changes[id_] = fields
            if desk.bearing.back:
                desk.wake()
                await self._deliveries.wake(id_, self._clock())
        await self._endpoints.set_all(changes)

    async def _fare(self, id_: str, desk: Desk, results: Iterable[Result]) -> Document:
        """How a receiver fares: since when it takes nothing, and whether that is to end."""
        answers = [one.answer for one in results if one.answer]
        failed = [one for one in answers if not one.taken]
        now = self._clock()
        if any(one.gone for one in failed):
            await self._stop(desk, "gone", now, failed[-1].reason)
        if len(failed) < len(answers):
            return {"taken": now, "failing": None, "last": None}
        if not failed:
            return {}
        await self._endpoints.begin_failing(id_, now)
        since = desk.target.endpoint.failing
        if since and now - since >= DAY:
            await self._stop(desk, "failed for a day", since, failed[-1].reason)
        return {"last": failed[-1].reason}

    async def _stop(self, desk: Desk, reason: StopReason, since: datetime, last: str) -> None:
        """Say that nothing is sent any more until an operator resumes it."""
        webhook = desk.target.webhook
        if self._stopped.get(webhook.id, (None, 0.0))[1] > self._now():
            return
        self._stopped[webhook.id] = (webhook.since, self._now() + _DECIDED_SECONDS)
        try:
            await self._publisher.send([stopped(webhook.id, reason, since, last)])
        except KafkaError as error:  # nothing is sent for now in any case; then it is said again
            log.warning("webhook_stop_not_said", webhook=webhook.id, error=type(error).__name__)


async def _events(
    database: AsyncDatabase[Document], claimed: Sequence[ClaimedDelivery]
) -> dict[str, Kept]:
    """What is to be sent, as it was kept when it was read, by its key."""
    found = database["changes"].find({"_id": {"$in": [one.event for one in claimed]}})
    return {one.key: one async for one in read_each(Kept, found)}
