"""Bounces out of a mailbox: what came to it is handed to the entrance, each message once.

How far it was read is kept in the store, and moved on only when a message was handed over: what
crashes before that is read again, and is then the same bounce. So nothing in the mailbox has to say
what was read: people may look at it, and a server that can neither move nor mark loses nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import structlog
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

from services.notifications import imap
from services.notifications.entrance import is_bounce
from services.notifications.imap import FAILURES, Folder, NoFolder
from shared import mongo
from shared.outlasting import outlasted
from shared.web.health import Condition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client.metrics_core import Metric
    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.entrance import Entrance
    from services.notifications.settings import NotificationsSettings
    from shared.checks.fault import Fault

log = structlog.get_logger()

MAILBOXES: Final = "mailboxes"


class Mailbox:
    """Reads it now and then. Any number of processes may: the same message is the same bounce.

    Args:
        database: keeps how far it was read.
        entrance: takes each message.
        settings: where it is, and how often it is looked at.
        opened: opens the folder; tests have their own.
    """

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]],
        entrance: Entrance,
        settings: NotificationsSettings,
        opened: Callable[[NotificationsSettings], Folder] = Folder,
    ) -> None:
        self._places, self._entrance = database[MAILBOXES], entrance
        self._settings, self._opened = settings, opened
        self._id = f"{settings.imap_username}@{settings.imap_host}/{settings.imap_folder}"
        self._wrong: Fault | None = None
        self._read: Counter[str] = Counter()

    async def run(self, stopping: asyncio.Event) -> None:
        """Read it until the process stops, whatever becomes of the server meanwhile."""
        while not stopping.is_set():
            await outlasted(self.look(stopping), stopping)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), self._settings.imap_every_seconds)

    async def look(self, stopping: asyncio.Event) -> None:
        """Read once all that came since."""
        try:
            folder = await asyncio.to_thread(self._opened, self._settings)
        except (*FAILURES, NoFolder) as error:
            self._note(imap.what_is_wrong(error, self._settings))
            return
        try:
            await self._all(folder, stopping)
        except FAILURES as error:
            self._note(imap.what_is_wrong(error, self._settings))
        else:
            self._note(None)
        finally:
            await asyncio.to_thread(folder.close)

    def condition(self) -> Condition:
        """What `/readyz` says: e-mail is sent all the same, so the service is ready."""
        reason = str(self._wrong) if self._wrong else None
        return Condition("mailbox", ready=True, detail={"reason": reason})

    def metrics(self) -> Iterator[Metric]:
        """What was read, and whether the mailbox can be."""
        read = CounterMetricFamily(
            "coalition_mailbox_messages",
            "Messages out of the mailbox, by outcome.",
            labels=["outcome"],
        )
        for kind, count in self._read.items():
            read.add_metric([kind], count)
        yield read
        yield GaugeMetricFamily(
            "coalition_mailbox_failing",
            "1 while the mailbox to which e-mails come back cannot be read.",
            value=int(self._wrong is not None),
        )

    async def _all(self, folder: Folder, stopping: asyncio.Event) -> None:
        last = await self._place(folder.validity)
        while numbers := await asyncio.to_thread(folder.after, last):
            for last in numbers:
                if stopping.is_set():
                    return
                await self._one(folder, last)
                await self._keep(folder.validity, last)

    async def _one(self, folder: Folder, number: int) -> None:
        """Hand a message over, and only then put it aside."""
        try:
            content = await asyncio.to_thread(folder.content, number)
            if content is None:
                return
            found = await self._entrance.take(content)
            self._read[found.kind.value] += 1
            if is_bounce(found):
                await asyncio.to_thread(folder.put_aside, number)
        except FAILURES as error:
            if imap.is_lost(error):
                raise
            # It stays where it is, for people to look at, and keeps no other waiting.
            log.warning("message_left", number=number, kind=type(error).__name__)

    async def _place(self, validity: int) -> int:
        found = await self._places.find_one({"_id": self._id, "validity": validity})
        return int(found["last"]) if found else 0

    async def _keep(self, validity: int, last: int) -> None:
        place = {"validity": validity, "last": last}
        await mongo.upsert(self._places, self._id, place)

    def _note(self, wrong: Fault | None) -> None:
        if wrong and wrong != self._wrong:
            log.warning("mailbox_not_usable", setting=wrong.setting, reason=wrong.reason)
        self._wrong = wrong
