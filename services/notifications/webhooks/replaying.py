"""Brings events of the past to webhooks, page by page, of what is kept of all that was read."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog
from pymongo import ASCENDING

from services.notifications.changes import Kept
from services.notifications.domain.changes import facts
from services.notifications.letters import event_of
from services.notifications.webhooks.endpoints import Replay
from shared.outlasting import outlasted
from shared.pipeline.tolerant import read_each

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.webhooks.deliveries import WebhookDeliveries
    from services.notifications.webhooks.endpoints import Endpoints, Target

log = structlog.get_logger()

MOST_WAITING: Final = 100_000
"""Events that wait for one webhook at most, or nearly so."""
_PAGE: Final = 500
_EVERY_SECONDS: Final = 1
_MOMENT: Final = 26
"""Letters of a key that say when: all that was recorded together has them in common."""
_MOST_TOGETHER: Final = 10_000
_AHEAD: Final = timedelta(minutes=1)
"""By so much may the clock of a service that records be ahead of ours."""


def key_of(moment: datetime) -> str:
    """Where what was recorded at a moment begins among all that is kept."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"


def replay_of(since: datetime, until: datetime, *, sent: bool = True) -> Replay:
    """What was recorded in a time, also what was sent already."""
    return Replay(cursor=key_of(since), until=key_of(until), sent=sent)


def gap_of(since: datetime, now: datetime, place: int) -> Replay:
    """What was not queued, since too much waited; it comes after what has a place already."""
    found = replay_of(since, now + _AHEAD, sent=False)
    return found.model_copy(update={"gap": True, "place": place})


class Replaying:
    """Queues what is to be replayed. Any number of processes may: each event is queued once.

    Args:
        database: with all that was read.
        endpoints: that say what is to be replayed.
        deliveries: the queue.
        clock: tells the time, aware, UTC.
        most: events that wait at most.
    """

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]],
        endpoints: Endpoints,
        deliveries: WebhookDeliveries,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        most: int = MOST_WAITING,
    ) -> None:
        self._changes = database["changes"]
        self._endpoints, self._deliveries = endpoints, deliveries
        self._clock, self._most = clock, most

    async def run(self, stopping: asyncio.Event) -> None:
        """Bring what is asked for until the process stops."""
        while not stopping.is_set():
            if await outlasted(self.step(), stopping):
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _EVERY_SECONDS)

    async def step(self) -> bool:
        """Queue a page for each webhook; says whether there may be more."""
        more = False
        for target in (await self._endpoints.targets()).values():
            if target.endpoint.replay:
                more |= await self._page(target, target.endpoint.replay)
        return more

    async def _page(self, target: Target, replay: Replay) -> bool:
        id_, half = target.webhook.id, self._most // 2
        if not replay.closing and await self._deliveries.waiting(id_, half + 1) > half:
            return False
        events = await self._read(replay)
        if not events:
            await self._finish(id_, target, replay)
            return replay.gap
        wanted = [one for one in events if _wanted(target, one)]
        place = await self._deliveries.queue_again(
            id_, wanted, self._clock(), replay.place, sent=replay.sent
        )
        moved = {"cursor": max(one.key for one in events), "place": place}
        await self._endpoints.advance(id_, replay, replay.model_copy(update=moved))
        return True

    async def _read(self, replay: Replay) -> Sequence[Kept]:
        """The next events; of those that were recorded together all, in their order on Kafka."""
        found = await self._between(replay.cursor, replay.until, _PAGE)
        if len(found) == _PAGE:
            last = found[-1].key
            found += await self._between(last, f"{last[:_MOMENT]}!", _MOST_TOGETHER)
        return sorted(found, key=lambda one: (one.key[:_MOMENT], one.offset))

    async def _between(self, after: str, until: str, limit: int) -> list[Kept]:
        where = {"_id": {"$gt": after, "$lt": until}}
        found = self._changes.find(where).sort("_id", ASCENDING).limit(limit)
        return [one async for one in read_each(Kept, found)]

    async def _finish(self, id_: str, target: Target, replay: Replay) -> None:
        """End a replay; after a gap, once more all of it, now that what is new is queued again."""
        if not replay.gap or replay.closing:
            await self._endpoints.advance(id_, replay, None)
            log.info("webhook_replayed", webhook=id_)
            return
        since = target.endpoint.full or self._clock()
        again = gap_of(since, self._clock(), replay.place)
        closing = again.model_copy(update={"closing": True})
        await self._endpoints.close_gap(target, replay, closing)


def _wanted(target: Target, one: Kept) -> bool:
    event = event_of(one.type, one.data)
    return event is not None and target.webhook.wants(facts(event))
