"""A welcome: the first e-mail to somebody says of what they will be told, and when."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from pymongo import InsertOne, UpdateOne

from services.notifications.delivery import LONG_AGO, DeliveryState
from services.notifications.domain.preferences import quiet_until
from services.notifications.subscription import Subscription
from shared import mongo
from shared.pipeline.tolerant import read_each

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase

    from shared.pipeline.engine import Clock

KIND: Final = "Welcome"
_HEADLINE: Final = "Welcome: of what you will be told, and when"


class Welcoming:
    """Welcomes each person once; whoever was not, since a process stopped, is welcomed later."""

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]],
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._deliveries = database["deliveries"]
        self._subscriptions = database["subscriptions"]
        self._clock = clock

    async def prepare(self) -> None:
        """Create the index; harmless when it exists."""
        await mongo.index(self._subscriptions, "welcomed", sparse=True)

    async def welcome(self, person: Subscription) -> None:
        """Queue the e-mail, if there is none, and note that it is."""
        now, id_ = self._clock(), f"welcome.{person.id}"
        email = {
            "_id": id_,
            "id": id_,
            "notification": "welcome",
            "subscription": person.id,
            "kind": KIND,
            "about": "",
            "headline": _HEADLINE,
            "details": [],
            "how": "at once",
            "decided": now,
            "state": DeliveryState.QUEUED.value,
            "due": quiet_until(person, now) or LONG_AGO,
            "attempts": 0,
            "items": [],
            "place": time.time_ns() // 1000,
        }
        await mongo.bulk_write(self._deliveries, [InsertOne(email)])
        done = UpdateOne({"_id": person.id}, {"$unset": {"welcomed": ""}})
        await mongo.bulk_write(self._subscriptions, [done])

    async def catch_up(self) -> None:
        """Welcome those whom nobody has welcomed."""
        found = self._subscriptions.find({"welcomed": False})
        async for person in read_each(Subscription, found):
            await self.welcome(person)
