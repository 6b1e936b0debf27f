"""A mailer on a real store, told the time, and what is due to be sent."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from typing import TYPE_CHECKING, Any

from services.notifications.deliveries import DeliveryState
from services.notifications.domain import Notification
from services.notifications.mailer import Mailer, lease
from services.notifications.settings import NotificationsSettings
from services.notifications.subscriptions import NewSubscription
from services.notifications.views import NotificationsViews
from shared import mongo
from shared.cloudevents import derived_id
from shared.contracts.notifications import NotificationQueued
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from services.notifications.deliveries import Claimed, Deliveries, Delivery
    from services.notifications.emails import Email
    from services.notifications.pacing import Pace
    from services.notifications.smtp import Transport
    from tests.parts import Parts


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

    views: NotificationsViews
    now: datetime = field(default_factory=lambda: datetime(2026, 1, 1, tzinfo=UTC))

    @property
    def deliveries(self) -> Deliveries:
        return self.views.deliveries

    def mailer(
        self,
        transport: Callable[[], Transport] | None = None,
        pace: Pace | None = None,
        **settings: Any,
    ) -> Mailer:
        chosen = self.settings(**settings)
        queues = self.views.deliveries, self.views.subscriptions
        return Mailer(*queues, chosen, transport, clock=lambda: self.now, pace=pace)

    def settings(self, **settings: Any) -> NotificationsSettings:
        return NotificationsSettings.model_validate({"smtp_host": "127.0.0.1", **settings})

    async def due(
        self,
        *numbers: int | str,
        address: str = "focal@example.org",
        name: Any = "Focal Point",
        headline: str = "Bonn signed",
    ) -> None:
        """One more notification to one person is due, for each number."""
        wanted = NewSubscription.model_construct(name=name, address=address)
        person, _ = await self.views.subscriptions.add(wanted)
        for number in numbers:
            id_ = number if isinstance(number, str) else derived_id("test", number)
            queued = NotificationQueued.model_construct(
                notification=id_,
                about="de-city-bonn",
                kind="CitySigned",
                headline=headline,
                subscriptions=(person.id,),
            )
            stream = f"notifications/{id_}"
            await self.views.project(
                {stream: (1, Notification.model_construct(id=id_, queued=queued))}
            )

    async def send_due(self, mailer: Mailer) -> dict[str, int]:
        """Run a mailer until nothing is due; returns how many deliveries are in which state."""
        await self.run_until(mailer, self._nothing_due)
        return await self.deliveries.counts()

    async def run_until(self, mailer: Mailer, check: Callable[[], Awaitable[bool]]) -> None:
        stopping = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(mailer.run(stopping))
            await eventually(check)
            stopping.set()

    async def sent(self) -> int:
        return (await self.deliveries.counts()).get("sent", 0)

    async def all(self) -> list[Delivery]:
        return (await self.deliveries.page({}, "", 2000)).items

    async def _nothing_due(self) -> bool:
        return not any(
            delivery.state is DeliveryState.SENDING
            or (delivery.state is DeliveryState.QUEUED and delivery.due <= self.now)
            for delivery in await self.all()
        )


@asynccontextmanager
async def post(parts: Parts) -> AsyncIterator[Post]:
    async with mongo.connect(parts.mongodb, "tests") as client:
        views = NotificationsViews(client[f"mailer_{uuid.uuid4().hex[:8]}"])
        await views.prepare()
        yield Post(views)
        await client.drop_database(views.database.name)


async def attempts(here: Post, state: str) -> Counter[int]:
    """How many deliveries in a state have been attempted how often."""
    return Counter(one.attempts for one in await here.all() if one.state == state)


async def claim(here: Post, limit: int = 1000) -> list[Claimed]:
    return await here.deliveries.claim(limit, here.now, here.now + lease(here.settings()))


async def expire(here: Post, state: DeliveryState) -> None:
    here.now += lease(here.settings())
    await here.deliveries.expire(here.now, state)
