"""Webhooks on a real store, told the time: what is registered, what waits, and who sends."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from services.notifications.changes import Kept
from services.notifications.domain import WEBHOOKS, Webhook
from services.notifications.settings import NotificationsSettings
from services.notifications.webhooks.deliveries import WebhookDeliveries
from services.notifications.webhooks.endpoints import Endpoints
from services.notifications.webhooks.replaying import Replaying
from services.notifications.webhooks.sender import Sender
from shared import mongo
from shared.cloudevents import derived_id
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.webhooks.endpoints import Target
    from services.notifications.webhooks.posting import Poster
    from shared.kafka.producer import Outgoing
    from tests.parts import Parts

BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
TYPE: Final = "coalition.membership.CitySigned.v1"


def signed(about: str) -> str:
    """The data of an event about a city."""
    name = about.removeprefix("de-city-").title()
    return (
        f'{{"coalition":"europe","member":{{"id":"{about}","name":"{name}","country":"DE",'
        f'"kind":"city"}},"signed":"2016"}}'
    )


@dataclass
class Hooks:
    """The queue of webhooks, and what is said of them to Kafka."""

    database: AsyncDatabase[dict[str, Any]]
    now: datetime = BEGIN
    said: list[Outgoing] = field(default_factory=list)
    seconds: float = 0.0
    number: int = 0

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(self.database)

    @property
    def deliveries(self) -> WebhookDeliveries:
        return WebhookDeliveries(self.database)

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Keep what is said."""
        self.said.extend(records)

    async def register(self, url: str, id_: str = "hook", **fields: Any) -> str:
        """There is a webhook from now on; returns its secret."""
        fields = {"per_second": 1000, **fields}
        webhook = Webhook(id=id_, host="127.0.0.1", registered=BEGIN, since=self.now, **fields)
        document = {"_id": id_, **webhook.model_dump()}
        await self.database[WEBHOOKS].replace_one({"_id": id_}, document, upsert=True)
        return await self.endpoints.add(id_, url)

    async def become(self, state: str, id_: str = "hook") -> None:
        """It is decided that it is something else."""
        change = {"state": state, "since": self.now}
        await self.database[WEBHOOKS].update_one({"_id": id_}, {"$set": change})

    async def recorded(self, *abouts: str, together: bool = False) -> list[Kept]:
        """Events were read, one after the other, or recorded in one moment."""
        documents, first = [], self.number + 1
        for about in abouts:
            self.number += 1
            ahead = first if together else self.number
            recorded = self.now + timedelta(microseconds=ahead)
            id_ = derived_id("test", self.number)
            documents.append(
                {
                    "_id": f"{recorded:%Y-%m-%dT%H:%M:%S.%f} {id_}",
                    "id": id_,
                    "recorded": recorded,
                    "type": TYPE,
                    "about": about,
                    "coalition": "europe",
                    "members": [about],
                    "place": "2016",
                    "by": "urn:test",
                    "data": signed(about),
                    "attributes": {"sequence": f"{self.number:019d}"},
                    "offset": self.number,
                }
            )
        await self.database["changes"].insert_many(documents)
        return [Kept.model_validate(one) for one in documents]

    async def due(self, *abouts: str, to: str = "hook", **more: Any) -> list[str]:
        """Events were read and are to be sent; returns their ids, in order."""
        events = await self.recorded(*abouts, **more)
        await self.deliveries.queue([(to, one) for one in events], self.now)
        return [one.id for one in events]

    def settings(self, **settings: Any) -> NotificationsSettings:
        allowed = {"webhook_http": True, "webhook_networks": "127.0.0.0/8", "stop_seconds": 2}
        return NotificationsSettings.model_validate({**allowed, **settings})

    def sender(self, poster: Callable[[Target], Poster] | None = None, **settings: Any) -> Sender:
        publisher: Any = self
        chosen = self.settings(**settings)
        clock, seconds = (lambda: self.now), (lambda: self.seconds)
        return Sender(self.database, self.endpoints, chosen, publisher, poster, clock, seconds)

    def replaying(self, **more: Any) -> Replaying:
        clock = lambda: self.now  # noqa: E731 - shorter
        return Replaying(self.database, self.endpoints, self.deliveries, clock, **more)

    async def run_until(
        self, check: Callable[[], Awaitable[bool]], *senders: Sender, step: float = 0.0
    ) -> None:
        """Have senders send until something is so; the time goes on by so much at each look."""
        stopping = asyncio.Event()

        async def checked() -> bool:
            self.now += timedelta(seconds=step)
            self.seconds += max(step, 0.05)
            return await check()

        async with asyncio.TaskGroup() as group:
            for one in senders:
                group.create_task(one.run(stopping))
            try:
                await eventually(checked)
            finally:
                stopping.set()

    async def counts(self) -> Counter[str]:
        """How many deliveries are in which state."""
        found = self.database["webhook_deliveries"].find({}, {"state": 1})
        return Counter([one["state"] async for one in found])

    async def sent(self, count: int) -> bool:
        return (await self.counts())["sent"] == count


@asynccontextmanager
async def hooks(parts: Parts) -> AsyncIterator[Hooks]:
    async with mongo.connect(parts.mongodb, "tests") as client:
        here = Hooks(client[f"hooks_{uuid.uuid4().hex[:8]}"])
        await here.deliveries.prepare()
        yield here
        await client.drop_database(here.database.name)
