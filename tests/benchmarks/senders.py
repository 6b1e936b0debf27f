"""The two that send e-mails: `mailer` or `bare`, and how many."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import aiosmtplib
import uvloop

from services.notifications.deliveries import Deliveries
from services.notifications.delivery import Delivery, DeliveryState
from services.notifications.emails import Email, render
from services.notifications.mailer import Mailer
from services.notifications.queries import NotificationsQueries
from services.notifications.selection import Selection
from services.notifications.settings import NotificationsSettings
from services.notifications.signing import signer_of
from services.notifications.subscriptions import Subscriptions
from shared import mongo
from shared.process import collect_rarely
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from pymongo.asynchronous.database import AsyncDatabase

    Database = AsyncDatabase[dict[str, Any]]

_PATIENCE_SECONDS: Final = 600
_LOOK_SECONDS: Final = 1
"""To count takes the store's time from the mailer; the sink's clock says when all had come."""


async def own(database: Database, settings: NotificationsSettings, count: int) -> None:
    """The real one, until all are marked as sent."""
    stopping = asyncio.Event()
    mailer = Mailer(Deliveries(database), Selection(database, settings), settings)
    queries = NotificationsQueries(database)

    async def done() -> bool:
        return (await queries.counts()).get(DeliveryState.SENT, 0) >= count

    async with asyncio.TaskGroup() as group:
        group.create_task(mailer.run(stopping))
        await eventually(done, _PATIENCE_SECONDS, every=_LOOK_SECONDS)
        stopping.set()


async def bare(database: Database, settings: NotificationsSettings, count: int) -> None:
    """The same e-mails, made once, on as many connections that stay open."""
    delivery = Delivery.model_validate(await database["deliveries"].find_one())
    to = (await Subscriptions(database).find([delivery.subscription]))[delivery.subscription]
    now, signer = datetime.now(UTC), signer_of(settings)
    email = render(delivery, to, settings.mail_from, now, signer=signer)
    numbers = iter(range(count))
    async with asyncio.TaskGroup() as group:
        for _ in range(settings.mail_workers):
            group.create_task(_send_some(email, settings, numbers))


async def _send_some(email: Email, settings: NotificationsSettings, numbers: Iterator[int]) -> None:
    async with aiosmtplib.SMTP(
        hostname=settings.smtp_host, port=settings.smtp_port, start_tls=False
    ) as client:
        for _ in numbers:
            await client.sendmail(email.sender, [email.recipient], email.content)


async def main(who: str, count: int, settings: NotificationsSettings) -> None:
    """Send them."""
    async with mongo.connect(settings.mongodb.get_secret_value(), "bench") as client:
        database = client[settings.database or "bench"]
        await {"mailer": own, "bare": bare}[who](database, settings, count)


if __name__ == "__main__":
    collect_rarely()
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), NotificationsSettings()))
