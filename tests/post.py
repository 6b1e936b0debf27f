"""A mailer on a real store, told the time, and what is due to be sent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from typing import TYPE_CHECKING, Any

from services.notifications.domain import Notification
from services.notifications.mailer import Mailer
from services.notifications.views import DeliveryState, NewSubscription
from shared.cloudevents import derived_id
from shared.contracts.notifications import NotificationQueued
from shared.settings import Settings
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from services.notifications.letters import Letter
    from services.notifications.smtp import Transport
    from services.notifications.views import NotificationsViews


async def at_once() -> None:
    """Take a letter without delay."""


@dataclass(slots=True)
class Postman:
    """A transport that keeps the Message-IDs it was given, each before it takes the letter."""

    take: Callable[[], Awaitable[None]] = at_once
    given: list[str] = field(default_factory=list)

    def __call__(self) -> Postman:
        return self

    async def send(self, letter: Letter) -> None:
        self.given.append(message_from_bytes(letter.content)["Message-ID"])
        await self.take()

    async def close(self) -> None:
        """There is nothing to close."""


@dataclass(slots=True)
class Post:
    """A post office that is told the time."""

    views: NotificationsViews
    now: datetime = field(default_factory=lambda: datetime(2026, 1, 1, tzinfo=UTC))

    def mailer(self, transport: Callable[[], Transport] | None = None, **settings: Any) -> Mailer:
        chosen = Settings.model_validate({"smtp_host": "127.0.0.1", **settings})
        return Mailer(self.views, chosen, transport, clock=lambda: self.now)

    async def due(self, *numbers: int, address: str = "focal@example.org") -> None:
        """One more notification to one person is due, for each number."""
        person, _ = await self.views.subscribe(NewSubscription(name="Focal Point", address=address))
        for number in numbers:
            id_ = derived_id("test", number)
            queued = NotificationQueued(
                notification=id_,
                about="de-city-bonn",
                kind="CitySigned",
                headline="Bonn signed",
                subscriptions=(person.id,),
            )
            stream = f"notifications/{id_}"
            await self.views.project({stream: (1, Notification(id=id_, queued=queued))})

    async def send_due(self, mailer: Mailer) -> dict[str, int]:
        """Run a mailer until nothing is due; returns how many deliveries are in which state."""
        stopping = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(mailer.run(stopping))
            await eventually(self._nothing_due)
            stopping.set()
        return await self.views.delivery_counts()

    async def sent(self) -> int:
        return (await self.views.delivery_counts()).get("sent", 0)

    async def _nothing_due(self) -> bool:
        page = await self.views.deliveries({}, "", 1000)
        return not any(
            delivery.state is DeliveryState.SENDING
            or (delivery.state is DeliveryState.QUEUED and delivery.due <= self.now)
            for delivery in page.items
        )
