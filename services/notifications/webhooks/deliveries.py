"""The events that are to be sent to webhooks: queued once each, in order, and how they ended."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from pymongo import ASCENDING, DESCENDING, InsertOne, UpdateMany, UpdateOne

from services.notifications.claims import BY_ID, Queue
from services.notifications.delivery import LONG_AGO, DeliveryState
from services.notifications.places import Places
from services.notifications.webhooks.delivery import ClaimedDelivery
from shared import mongo
from shared.contracts.catalogue import called

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.changes import Kept
    from services.notifications.webhooks.delivery import Result

Document = dict[str, Any]
INDEX: Final = ("state", "webhook", "place", "due", "about")
"""The fields by which what is due is found, and what comes before it."""
_BY_STATE: Final = "_".join(f"{field}_{ASCENDING}" for field in INDEX)
"""What MongoDB calls it; a store that is left to choose may read all."""
_ENDED: Final = ("ended",)
DONE: Final = (DeliveryState.SENT, DeliveryState.FAILED)
_AT_ONCE: Final = 1000


def queue_of(database: AsyncDatabase[Document]) -> Queue[ClaimedDelivery]:
    """The queue of webhooks: of each that events are about in order, for as long as it takes."""
    waiting = database["webhook_deliveries"]
    return Queue(waiting, ClaimedDelivery, "about", gives_up=False, hint=_BY_STATE)


class WebhookDeliveries:
    """The queue in the service's store, which any number of senders work on.

    Args:
        database: of notifications.
        now: nanoseconds of the clock.
    """

    def __init__(
        self, database: AsyncDatabase[Document], now: Callable[[], int] = time.time_ns
    ) -> None:
        self._collection = database["webhook_deliveries"]
        self._places = Places(now)

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        both = (INDEX, _ENDED)
        await mongo.index(self._collection, *([(f, ASCENDING) for f in fields] for fields in both))

    async def queue(self, wanted: Sequence[tuple[str, Kept]], now: datetime) -> None:
        """Have events sent to webhooks, each once, in this order.

        They are inserted one after the other. So a crash leaves the first of them, and what is
        queued when they are read again comes after those; whoever meets what another process has
        queued meanwhile gives new places to the rest.
        """
        while wanted:
            ids = {"_id": {"$in": [_id(*one) for one in wanted]}}
            there = {one["_id"] async for one in self._collection.find(ids, {"_id": 1})}
            wanted = [one for one in wanted if _id(*one) not in there]
            documents = [
                _document(webhook, event, place, now)
                for place, (webhook, event) in self._places.of(wanted[:_AT_ONCE])
            ]
            if documents:
                done = await mongo.insert(self._collection, documents)
                wanted = wanted[done:]

    async def queue_again(
        self, webhook: str, events: Sequence[Kept], now: datetime, after: int, *, sent: bool
    ) -> int:
        """Have events of the past sent, before all that is new; returns the place of the last.

        Args:
            webhook: where to.
            events: in the order in which they were recorded.
            now: the time.
            after: the place of the one before them.
            sent: whether also those that were sent already, or given up.
        """
        places = dict(_places_of(events, after))
        inserts = [InsertOne(_document(webhook, one, places[one.id], now)) for one in events]
        await mongo.bulk_write(self._collection, inserts)
        if sent:
            again = {"state": DeliveryState.QUEUED, "due": LONG_AGO, "attempts": 0}
            again |= {"failing": None, "ended": None, "reason": None, "queued": now}
            updates = [
                UpdateOne(
                    {"_id": _id(webhook, one), "state": {"$in": list(DONE)}},
                    {"$set": {**again, "place": places[one.id]}},
                )
                for one in events
            ]
            await mongo.bulk_write(self._collection, updates)
        return max(places.values(), default=after)

    async def record(self, results: Iterable[Result], now: datetime) -> None:
        """Say how attempts ended; what another sender has claimed since stays as it is."""
        alike: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        for result in results:
            alike[result.claimed.claim, *_recorded(result, now)].append(result.claimed.id)
        fields = ("state", "reason", "attempts", "due", "failing", "ended")
        writes = [
            UpdateMany(
                {"_id": {"$in": ids}, "claim": claim},
                {"$set": dict(zip(fields, values, strict=True))},
                hint=BY_ID,
            )
            for (claim, *values), ids in alike.items()
        ]
        if writes:
            await mongo.bulk_write(self._collection, writes)

    async def expire(self, now: datetime) -> None:
        """Have sent again, under the same id, what processes had in hand that are no more."""
        late = {"state": DeliveryState.SENDING, "due": {"$lte": now}}
        again = {"state": DeliveryState.QUEUED, "due": now, "reason": "the process stopped"}
        await mongo.retried(self._collection.update_many)(
            late, {"$set": again, "$inc": {"attempts": 1}}
        )

    async def wake(self, webhook: str, now: datetime) -> None:
        """Have all that rests sent now: the receiver is back."""
        resting = {"webhook": webhook, "state": DeliveryState.QUEUED, "due": {"$gt": now}}
        await mongo.retried(self._collection.update_many)(resting, {"$set": {"due": now}})

    async def waiting(self, webhook: str, most: int) -> int:
        """How many events wait for a webhook; so many at most are counted."""
        where = {"webhook": webhook, "state": DeliveryState.QUEUED}
        return await self._collection.count_documents(where, limit=most, hint=_BY_STATE)

    async def last_place(self, webhook: str) -> int:
        """The place of the last event that waits for a webhook, or is on its way."""
        open_ = {"$in": [DeliveryState.QUEUED, DeliveryState.SENDING]}
        found = self._collection.find({"webhook": webhook, "state": open_}, {"place": 1})
        last = await found.sort("place", DESCENDING).limit(1).hint(_BY_STATE).to_list()
        return int(last[0]["place"]) if last else 0

    async def with_some(self) -> list[str]:
        """The webhooks for which something waits, be it that they are no more."""
        return await self._collection.distinct("webhook", {"state": DeliveryState.QUEUED})

    async def forget(self, before: datetime) -> None:
        """Take away what ended before then."""
        which = {"state": {"$in": list(DONE)}, "ended": {"$lt": before}}
        await mongo.retried(self._collection.delete_many)(which)

    async def remove(self, webhook: str) -> None:
        """Take away all of a webhook."""
        await mongo.retried(self._collection.delete_many)(
            {"state": {"$in": [*DeliveryState]}, "webhook": webhook}
        )


def _id(webhook: str, event: Kept) -> str:
    return f"{webhook}.{event.id}"


def _document(webhook: str, event: Kept, place: int, now: datetime) -> Document:
    id_ = _id(webhook, event)
    return {
        "_id": id_,
        "id": id_,
        "webhook": webhook,
        "event": event.key,
        "message": event.id,
        "kind": called(event.type),
        "about": event.about,
        "state": DeliveryState.QUEUED.value,
        "place": place,
        "attempts": 0,
        "due": LONG_AGO,
        "queued": now,
    }


def _places_of(events: Iterable[Kept], last: int) -> Iterable[tuple[str, int]]:
    """Places of what was recorded, by id: when that was, and each after the one before it."""
    for one in events:
        last = max(last + 1, int(one.recorded.timestamp() * 1_000_000))
        yield one.id, last


def _recorded(result: Result, now: datetime) -> tuple[Any, ...]:
    """What is written of a result, and of all that have the same."""
    attempts = result.claimed.attempts + (1 if result.answer else 0)
    ended = now if result.state in DONE else None
    return result.state, result.reason, attempts, now + result.rest, result.failing, ended
