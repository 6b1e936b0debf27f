"""Whoever waits for the outcome of an event gets it once whatever they read next shows it.

A refusal changes nothing, so it is told as soon as it is in the journal. Any other outcome is told
when the snapshots and projections of its record are written.

Most events are decided by the engine of the same process, which tells us of each entry and of each
write. What a replica does is asked of the journal, and of the offsets that it notes behind what it
has written, now and then and for all who wait together.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog
from aiokafka import TopicPartition
from pymongo.errors import PyMongoError

from shared import mongo
from shared.journal.entry import Key, Outcome
from shared.web.outcomes import Outcomes, Warn
from shared.web.problems import Problem

if TYPE_CHECKING:
    from shared.journal.entry import Entry
    from shared.journal.store import Journal
    from shared.pipeline.installation import Offsets

log = structlog.get_logger()

Written = Callable[[Iterable[TopicPartition]], Awaitable["Offsets"]]
"""Says of partitions up to where all that was read of them is written, by whichever process."""

MAX_WAITING: Final = 500
POLL_SECONDS: Final = 0.25
_RETRY_AFTER_SECONDS: Final = 5


class Waiter:
    """One who waits for an event's outcome.

    Attributes:
        digest: of the event that was sent: another under the same id is not what they wait for.
            None where they wait for whatever has that id.
        entry: what is in the journal and cannot be read elsewhere yet.
    """

    def __init__(self, digest: str | None) -> None:
        self.digest = digest
        self.entry: Entry | None = None
        self._outcome: asyncio.Future[Entry | None] = asyncio.get_running_loop().create_future()

    def is_for(self, entry: Entry) -> bool:
        """Whether an entry is what they wait for."""
        return self.digest in {None, entry.digest} and not self._outcome.done()

    def decided(self, entry: Entry) -> None:
        """Note the entry; that of a refusal is the outcome, since nothing else follows."""
        if entry.outcome is Outcome.REJECTED:
            self.resolve(entry)
        else:
            self.entry = entry

    def is_within(self, offsets: Offsets) -> bool:
        """Whether the record of the entry lies before one of some offsets."""
        return self.entry is not None and self.entry.origin.offset < offsets.get(
            _partition_of(self.entry), 0
        )

    def resolve(self, entry: Entry | None) -> None:
        """End the waiting, with the outcome or without."""
        if not self._outcome.done():
            self._outcome.set_result(entry)

    async def outcome(self, seconds: float) -> Entry | None:
        """The outcome, or None where it does not show within so many seconds."""
        with suppress(TimeoutError):
            return await asyncio.wait_for(self._outcome, seconds)
        return None


async def _nothing(_: Iterable[TopicPartition]) -> Offsets:
    return {}


class OutcomeWatcher:
    """Tells those who wait for outcomes.

    Args:
        journal: where outcomes are.
        written: up to where snapshots and projections are written, also by other processes.
        max_waiting: how many may wait at once.
        warn: see `Outcomes`.

    Attributes:
        outcomes: says what is told of an entry.
    """

    def __init__(
        self,
        journal: Journal,
        written: Written = _nothing,
        max_waiting: int = MAX_WAITING,
        warn: Warn | None = None,
    ) -> None:
        self.outcomes = Outcomes(warn)
        self._journal = journal
        self._ask_written = written
        self._max_waiting = max_waiting
        self._waiting: defaultdict[Key, list[Waiter]] = defaultdict(list)
        self._count = 0

    @contextmanager
    def waiting(self, source: str, id_: str, digest: str | None) -> Iterator[Waiter]:
        """Wait for an event's outcome within the block; begin before the event is sent.

        Raises:
            Problem: too many wait already; nothing was sent. Those who only read, who may be
                anybody, leave room for half of the others.
        """
        room = self._max_waiting if digest is not None else self._max_waiting // 2
        if self._count >= room:
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"{room} requests wait for outcomes already, so nothing was taken: "
                "send it again later, or without `Prefer: wait`",
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

    @property
    def is_eager(self) -> bool:
        """Whether somebody waits for a write of what is in the journal already."""
        return bool(self._waiting) and any(waiter.entry for waiter in self._all())

    def notify(self, entries: Iterable[Entry]) -> None:
        """Note that these entries are in the journal; those who wait for a refusal are told."""
        if not self._waiting:
            return
        for entry in entries:
            for waiter in self._waiting.get(entry.about or entry.key, ()):
                if waiter.is_for(entry):
                    waiter.decided(entry)

    def written(self, offsets: Offsets) -> None:
        """Tell whoever waits for records before these offsets: reading shows them now."""
        for waiter in self._all():
            if waiter.is_within(offsets):
                waiter.resolve(waiter.entry)

    async def work(self, stopping: asyncio.Event) -> None:
        """Ask the journal for what other replicas decided, until the event is set."""
        while not stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), POLL_SECONDS)
            if self._waiting:
                await self._ask()
        for waiter in self._all():
            waiter.resolve(None)

    def _all(self) -> list[Waiter]:
        return [waiter for waiters in self._waiting.values() for waiter in waiters]

    async def _ask(self) -> None:
        wanted = {
            key: {waiter.digest for waiter in waiters}
            for key, waiters in self._waiting.items()
            if not all(waiter.entry for waiter in waiters)
        }
        try:
            if wanted:
                self.notify(await self._journal.outcomes(wanted))
            if unwritten := {_partition_of(one.entry) for one in self._all() if one.entry}:
                self.written(await self._ask_written(unwritten))
        except PyMongoError as error:
            if not mongo.is_transient(error):
                raise
            log.warning("outcomes_not_read", error=type(error).__name__)


def _partition_of(entry: Entry) -> TopicPartition:
    return TopicPartition(entry.origin.topic, entry.origin.partition)
