"""A mailer on a real store, told the time, and what is due to be sent."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from typing import TYPE_CHECKING, Any, Final

from services.notifications.claims import Claims
from services.notifications.deliveries import Deliveries, queue_of
from services.notifications.delivery import Delivery, DeliveryState
from services.notifications.mailer import Mailer, lease
from services.notifications.queries import NotificationsQueries
from services.notifications.selection import Selection
from services.notifications.settings import NotificationsSettings
from services.notifications.subscriptions import Exists, Subscriptions
from shared import mongo
from shared.cloudevents import derived_id
from shared.contracts.notifications import NotificationQueued, Recipients
from shared.pipeline.tolerant import read_each
from tests.parts import eventually
from tests.wishes import newcomer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.delivery import Claimed
    from services.notifications.emails import Email
    from services.notifications.pacing import Pace
    from services.notifications.smtp import Transport
    from shared.tracing.spans import Spans
    from tests.parts import Parts


RULE: Final = "own-012345678901"


async def at_once() -> None:
    """Take an e-mail without delay."""


@dataclass(slots=True)
class Postman:
    """A transport that keeps the Message-IDs it was given, each before it takes the e-mail.

    Attributes:
        in_doubt: whether it may have taken one that it breaks at.
    """

    take: Callable[[], Awaitable[object]] = at_once
    given: list[str] = field(default_factory=list)
    in_doubt: bool = True
    handing_over: bool = False

    def __call__(self) -> Postman:
        return self

    async def send(self, email: Email) -> None:
        self.handing_over = self.in_doubt
        self.given.append(message_from_bytes(email.content)["Message-ID"])
        await self.take()
        self.handing_over = False

    async def close(self, idle: float = 0) -> None:
        """There is nothing to close."""


@dataclass(slots=True)
class Post:
    """A post office that is told the time."""

    database: AsyncDatabase[dict[str, Any]]
    now: datetime = field(default_factory=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    queued: list[NotificationQueued] = field(default_factory=list)

    @property
    def deliveries(self) -> Deliveries:
        return Deliveries(self.database)

    @property
    def subscriptions(self) -> Subscriptions:
        return Subscriptions(self.database)

    @property
    def queries(self) -> NotificationsQueries:
        return NotificationsQueries(self.database)

    async def prepare(self) -> None:
        await self.deliveries.prepare()
        await self.subscriptions.prepare()

    async def counts(self) -> dict[str, int]:
        """How many deliveries are in which state."""
        return {str(state): count for state, count in (await self.queries.counts()).items()}

    async def told(self) -> Counter[str]:
        """In which state is what people are told, alone or in an e-mail about many; no welcomes."""
        news = {"kind": {"$ne": "Welcome"}}
        found = await self.database["deliveries"].find(news, {"state": 1, "digest": 1}).to_list()
        states = {one["_id"]: one["state"] for one in found}
        many = {one["digest"] for one in found if one.get("digest")}
        return Counter(
            states[one.get("digest") or one["_id"]] for one in found if one["_id"] not in many
        )

    def mailer(
        self,
        transport: Callable[[], Transport] | None = None,
        pace: Pace | None = None,
        spans: Spans | None = None,
        **settings: Any,
    ) -> Mailer:
        chosen = self.settings(**settings)
        return Mailer(
            self.deliveries,
            Selection(self.database, chosen),
            chosen,
            transport,
            clock=lambda: self.now,
            pace=pace,
            spans=spans,
        )

    def settings(self, **settings: Any) -> NotificationsSettings:
        return NotificationsSettings.model_validate({"smtp_host": "127.0.0.1", **settings})

    async def due(
        self,
        *numbers: int | str,
        address: str | None = None,
        name: Any = "Focal Point",
        headline: str = "Bonn signed",
    ) -> None:
        """One more notification is due for each number, each to a person of its own.

        Args:
            numbers: tell notifications apart.
            address: of the person who gets all of them instead.
            name: of whoever gets them.
            headline: of all of them.
        """
        for number in numbers:
            whose = address or f"focal-{derived_id('test', number)}@example.org"
            person = await self._person(whose, name)
            id_ = number if isinstance(number, str) else derived_id("test", number)
            queued = NotificationQueued.model_construct(
                notification=id_,
                about="de-city-bonn",
                kind="CitySigned",
                event_type="coalition.membership.CitySigned.v1",
                decided=self.now,
                headline=headline,
                recipients=(Recipients(how="at once", rule=RULE, subscriptions=(person,)),),
            )
            self.queued.append(queued)
            await self.deliveries.queue([queued])

    async def queue_again(self) -> None:
        """Read all again from the beginning."""
        await self.deliveries.queue(self.queued)

    async def _person(self, address: str, name: Any) -> str:
        try:
            return (await self.subscriptions.add(newcomer(address, name))).id
        except Exists as found:
            return found.id

    async def send_due(self, mailer: Mailer) -> dict[str, int]:
        """Run a mailer until nothing is due; returns how many deliveries are in which state."""
        await self.run_until(mailer, self._nothing_due)
        return await self.counts()

    async def run_until(self, mailer: Mailer, check: Callable[[], Awaitable[bool]]) -> None:
        stopping = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(mailer.run(stopping))
            await eventually(check)
            stopping.set()

    async def sent(self) -> int:
        return (await self.counts()).get("sent", 0)

    async def all(self) -> list[Delivery]:
        found = self.database["deliveries"].find().sort("_id", 1)
        return [one async for one in read_each(Delivery, found)]

    async def _nothing_due(self) -> bool:
        return not any(
            delivery.state is DeliveryState.SENDING
            or (delivery.state is DeliveryState.QUEUED and delivery.due <= self.now)
            for delivery in await self.all()
        )


@asynccontextmanager
async def post(parts: Parts) -> AsyncIterator[Post]:
    async with mongo.connect(parts.mongodb, "tests") as client:
        here = Post(client[f"mailer_{uuid.uuid4().hex[:8]}"])
        await here.prepare()
        yield here
        await client.drop_database(here.database.name)


async def attempts(here: Post, state: str) -> Counter[int]:
    """How many deliveries in a state have been attempted how often."""
    return Counter(one.attempts for one in await here.all() if one.state == state)


async def claim(here: Post, limit: int = 1000) -> list[Claimed]:
    until = here.now + lease(here.settings())
    return (await Claims(queue_of(here.database)).take(limit, here.now, until)).claimed


async def expire(here: Post, state: DeliveryState) -> None:
    here.now += lease(here.settings())
    await here.deliveries.expire(here.now, state)
