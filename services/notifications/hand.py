"""The deliveries in hand: begun and marked many at a time, since a write for each is dear."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from services.notifications.views import Begun, Ended, NotificationsViews, Subscription

log = structlog.get_logger()

ATTEMPT: Final = timedelta(minutes=5)
"""Longer than any attempt takes: its time-outs end it before."""
LEASE: Final = timedelta(minutes=6)
"""How long what was begun is in hand; an attempt starts while it can still end within it."""
LARGEST: Final = 400
_LINGER_SECONDS: Final = 0.02
"""How long the end of an attempt waits for others, to be marked with them."""
_WAVE: Final = timedelta(milliseconds=100)

Taken = tuple["Begun", "Subscription | None"]


def resized(size: int, took: timedelta, least: int) -> int:
    """How many deliveries to begin at once, so that a wave is sent in about a tenth of a second.

    What is begun and not marked is unknown after a crash, so a slow server gets small waves.

    Args:
        size: of the last wave.
        took: how long it was in hand.
        least: the number of workers.
    """
    if took < _WAVE:
        return min(size * 2, LARGEST)
    return max(size // 2, least) if took > 2 * _WAVE else size


class Hand:
    """Begins deliveries a wave ahead of the workers, and marks how their attempts ended.

    Args:
        workers: how many send; the size of the first wave.
        clock: tells the time, aware, UTC.
    """

    def __init__(
        self, views: NotificationsViews, workers: int, clock: Callable[[], datetime]
    ) -> None:
        self._views = views
        self._workers = workers
        self._clock = clock
        self._size = workers
        self._full_since: datetime | None = None
        self._waiting: deque[Taken] = deque()
        self._ended: list[Ended] = []
        self._filling: asyncio.Task[int] | None = None
        self._marking: asyncio.Task[None] | None = None

    async def next(self) -> Taken | None:
        """The next delivery that is due, begun; None where there is none.

        One whose lease is nearly over, since those before it took so long or the process was
        frozen, goes back untried: it may be another's in a moment.
        """
        while (taken := await self._pop()) is not None:
            if taken[0].due - self._clock() >= ATTEMPT:
                return taken
            await self._views.release([taken[0]], self._clock())
        return None

    async def _pop(self) -> Taken | None:
        """One of those in hand; None only when a look at the store has found nothing due."""
        if self._filling is None and len(self._waiting) <= self._size // 2:
            self._filling = asyncio.create_task(self._fill())
        while (filling := self._filling) and (filling.done() or not self._waiting):
            found = await filling
            if self._filling is filling:
                self._filling = None
            if found and not self._waiting:  # the other workers were quicker
                self._filling = self._filling or asyncio.create_task(self._fill())
        return self._waiting.popleft() if self._waiting else None

    async def _fill(self) -> int:
        now = self._clock()
        if self._full_since:
            self._size = resized(self._size, now - self._full_since, self._workers)
        begun = await self._views.begin(now, now + LEASE, self._size)
        self._full_since = now if len(begun) == self._size else None
        people = await self._views.subscribed(b.subscription for b in begun) if begun else {}
        self._waiting.extend((b, people.get(b.subscription)) for b in begun)
        return len(begun)

    async def ended(self, ended: Ended) -> None:
        """Note how an attempt ended; it is marked with all that end while a write is under way."""
        self._ended.append(ended)
        if self._marking and self._marking.done():
            await self._marking  # it fails here if it failed
            self._marking = None
        if self._marking is None:
            self._marking = asyncio.create_task(self._mark())

    async def _mark(self) -> None:
        while self._ended:
            await asyncio.sleep(_LINGER_SECONDS)
            ended, self._ended = self._ended, []
            await self._views.mark(ended)
            log.info("attempts_ended", count=len(ended))

    async def settle(self) -> None:
        """Return when all that ended is marked."""
        if self._marking:
            await self._marking

    async def close(self) -> None:
        """Mark what ended, and give back what was not tried."""
        if self._filling:
            await self._filling
        await self.settle()
        await self._views.release([begun for begun, _ in self._waiting], self._clock())
        self._waiting.clear()
