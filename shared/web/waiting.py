"""Whoever waits for the outcome of an event gets it once it is in the journal.

Most events are decided by the engine of the same process, which tells us of each entry. What a
replica decides is asked of the journal now and then, in one query for all who wait.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog
from pymongo.errors import PyMongoError

from shared import mongo
from shared.journal.entry import Key
from shared.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shared.journal.entry import Entry
    from shared.journal.store import Journal

log = structlog.get_logger()

MAX_WAITING: Final = 500
POLL_SECONDS: Final = 0.25
_RETRY_AFTER_SECONDS: Final = 5


class Waiter:
    """One who waits for an event's outcome.

    Attributes:
        digest: of the event that was sent: another under the same id is not what they wait for.
    """

    def __init__(self, digest: str) -> None:
        self.digest = digest
        self._outcome: asyncio.Future[Entry | None] = asyncio.get_running_loop().create_future()

    def resolve(self, entry: Entry | None) -> None:
        """End the waiting, with the outcome or without."""
        if not self._outcome.done():
            self._outcome.set_result(entry)

    async def outcome(self, seconds: float) -> Entry | None:
        """The outcome, or None where there is none within so many seconds."""
        with suppress(TimeoutError):
            return await asyncio.wait_for(self._outcome, seconds)
        return None


class OutcomeWatcher:
    """Tells those who wait for outcomes.

    Args:
        journal: where outcomes are.
        max_waiting: how many may wait at once.
    """

    def __init__(self, journal: Journal, max_waiting: int = MAX_WAITING) -> None:
        self._journal = journal
        self._max_waiting = max_waiting
        self._waiting: defaultdict[Key, list[Waiter]] = defaultdict(list)
        self._count = 0

    @contextmanager
    def waiting(self, source: str, id_: str, digest: str) -> Iterator[Waiter]:
        """Wait for an event's outcome within the block; begin before the event is sent.

        Raises:
            Problem: too many wait already; nothing was sent.
        """
        if self._count >= self._max_waiting:
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"{self._max_waiting} requests wait for outcomes already, so this event was not "
                "taken: send it again later, or without `Prefer: wait`",
                headers={"Retry-After": str(_RETRY_AFTER_SECONDS)},
            )
        key, waiter = Key(source, id_), Waiter(digest)
        self._waiting[key].append(waiter)
        self._count += 1
        try:
            yield waiter
        finally:
            self._count -= 1
            self._waiting[key].remove(waiter)
            if not self._waiting[key]:
                del self._waiting[key]

    def notify(self, entries: Iterable[Entry]) -> None:
        """Tell whoever waits for these entries, which are in the journal."""
        if not self._waiting:
            return
        for entry in entries:
            for waiter in self._waiting.get(entry.about or entry.key, ()):
                if waiter.digest == entry.digest:
                    waiter.resolve(entry)

    async def work(self, stopping: asyncio.Event) -> None:
        """Ask the journal for what other replicas decided, until the event is set."""
        while not stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), POLL_SECONDS)
            if self._waiting:
                await self._ask()
        for waiter in [one for waiters in self._waiting.values() for one in waiters]:
            waiter.resolve(None)

    async def _ask(self) -> None:
        wanted = {key: {w.digest for w in waiters} for key, waiters in self._waiting.items()}
        try:
            self.notify(await self._journal.outcomes(wanted))
        except PyMongoError as error:
            if not mongo.is_transient(error):
                raise
            log.warning("outcomes_not_read", error=type(error).__name__)
