"""A service's events topic made anew from its journal, after Kafka was lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from shared.pipeline.outbound import published_event
from shared.waits import first

if TYPE_CHECKING:
    from shared.journal.store import Journal
    from shared.kafka.producer import Outgoing, Publisher

log = structlog.get_logger()

_AT_ONCE: Final = 500


class Republish:
    """Publishes all that was ever published, in order within each aggregate, under the same ids.

    Whoever has read it before knows it by its id. What this code does not know the type of is
    published as it is.

    Args:
        service: whose events they are.

    Attributes:
        published: how many events this run, or the last one, has published.
    """

    def __init__(self, service: str, journal: Journal, publisher: Publisher) -> None:
        self._service = service
        self._journal = journal
        self._publisher = publisher
        self._asked = asyncio.Event()
        self._busy = False
        self.published = 0

    @property
    def running(self) -> bool:
        """Whether one is under way, or asked for."""
        return self._busy or self._asked.is_set()

    def ask(self) -> None:
        """Have all events published again soon."""
        self._asked.set()

    async def work(self, stopping: asyncio.Event) -> None:
        """Publish them when it is asked for."""
        while await first(self._asked, stopping) is self._asked:
            self._busy, self.published = True, 0
            self._asked.clear()
            await self._run(stopping)
            self._busy = False

    async def _run(self, stopping: asyncio.Event) -> None:
        part: list[Outgoing] = []
        async for entry in self._journal.all_of():
            if entry.unreadable:
                log.error("not_republished", stream=entry.stream, version=entry.version)
            part += [published_event(self._service, entry, one) for one in entry.events]
            if len(part) >= _AT_ONCE:
                await self._send(part)
                part = []
            if stopping.is_set():
                return
        await self._send(part)
        log.info("republished", count=self.published)

    async def _send(self, part: list[Outgoing]) -> None:
        await self._publisher.send(part)
        self.published += len(part)
