"""Steps 1 and 8: takes records from Kafka, holds their places, and commits the offsets."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import structlog
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaError,
    RebalanceInProgressError,
)

from shared.kafka import salvage
from shared.kafka.salvage import Record, is_undecodable
from shared.pipeline.batch_size import BatchSize
from shared.pipeline.bisecting import Bisecting, Salvage, seek_back
from shared.pipeline.progress import Lag

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from aiokafka import AIOKafkaConsumer, TopicPartition

    from shared.pipeline.breaker import Halt
    from shared.pipeline.progress import Progress

log = structlog.get_logger()

POLL_MS: Final = 500
"""How long an idle consumer waits."""
_ASK_EVERY: Final = 5.0
_ASK_SECONDS: Final = 3
_COMMIT_SECONDS: Final = 60
_ASSIGN_SECONDS: Final = 60
_POSITION_SECONDS: Final = 60
_STALLED_SECONDS: Final = 60


class Stalled(Exception):
    """Kafka's client has stopped to fetch; a new one may do better."""


class Continuity(Protocol):
    """Ties Kafka's offsets to the store."""

    @property
    def metadata(self) -> str:
        """What is committed beside each offset."""

    async def assigned(self, partitions: Iterable[TopicPartition]) -> Halt | None:
        """Compare what Kafka says with what the store says; a difference halts the service."""

    async def advanced(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Note the offsets that are about to be committed."""


class Polled(NamedTuple):
    """What one poll brought.

    Attributes:
        epoch: counts the revocations that came before.
        records: in order within each partition.
        offsets: the places behind them, where they have moved; behind transaction markers, too.
    """

    epoch: int
    records: list[Record]
    offsets: dict[TopicPartition, int]

    def origins(self) -> list[str]:
        """Where the records are: of each partition the first and the last offset."""
        found: dict[str, list[int]] = {}
        for record in self.records:
            found.setdefault(f"{record.topic}/{record.partition}", []).append(record.offset)
        return [
            f"{where}/{min(at)}" + (f" to {max(at)}" if len(at) > 1 else "")
            for where, at in sorted(found.items())
        ]


class BatchConsumer:
    """Polls, and knows which records are whose business after a rebalance.

    Whatever fails below a record, in fetching, unpacking or decoding it, costs that record alone.

    Args:
        batch_size: records in a poll at most; where records cannot be decoded, in each partition.
        progress: notes that Kafka is there.
        continuity: ties the offsets to the store, if anything does.
        salvage: reads a batch that the client cannot read.

    Attributes:
        size: how many records the next poll may have.
    """

    def __init__(
        self,
        batch_size: int,
        progress: Progress,
        continuity: Continuity | None = None,
        salvage: Salvage = salvage.read,
    ) -> None:
        self.size = BatchSize(batch_size)
        self._progress = progress
        self._continuity = continuity
        self._bisecting = Bisecting(batch_size, salvage)
        self._consumer: AIOKafkaConsumer = None
        self._epoch = 0
        self._taken: dict[TopicPartition, int] = {}
        self._newest: dict[TopicPartition, float] = {}
        self._waiting: dict[TopicPartition, int] = {}
        self._waiting_since = 0.0
        self._listened = asyncio.Event()
        self._mismatch: Halt | None = None

    def use(self, consumer: AIOKafkaConsumer) -> None:
        """Say which consumer it is; FastStream builds it."""
        self._consumer = consumer

    async def poll(self, stopped: Collection[str] = ()) -> Polled:
        """Take the next records; none where none came for half a second.

        Args:
            stopped: topics that are not read for now.

        Raises:
            aiokafka.errors.KafkaError: something is wrong, and not with a record.
        """
        _pause(self._consumer, stopped)
        try:
            found = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=self.size.most)
            records: list[Record] = [record for batch in found.values() for record in batch]
            self._newest |= {tp: batch[-1].timestamp / 1000 for tp, batch in found.items() if batch}
        except Exception as error:  # noqa: BLE001 - aiokafka passes on what any codec raises
            records = await self._bisecting.read(
                self._consumer, self._taken, lambda: self._epoch, error
            )
            self._progress.undecodable += sum(is_undecodable(record) for record in records)
        # The epoch is read after `getmany`, which may itself span a rebalance. At a revocation the
        # positions are reset: what was fetched before it is fetched again, by whoever owns it then.
        epoch, offsets = self._epoch, await self._moved()
        await self._listened.wait()
        return Polled(epoch, records, offsets)

    def owns(self, polled: Polled) -> bool:
        """Whether what was polled is still this process's business."""
        return polled.epoch == self._epoch and self._progress.assigned and not self._mismatch

    async def _moved(self) -> dict[TopicPartition, int]:
        """The positions that have moved since the last poll."""
        moved = {}
        # A partition that is revoked meanwhile has no position any more.
        with suppress(IllegalStateError):
            async with asyncio.timeout(_POSITION_SECONDS):
                for tp in self._consumer.assignment():
                    end = self._end(tp)
                    if end is None:
                        continue  # nothing was fetched of it yet, and to ask would wait for it
                    position = await self._consumer.position(tp)
                    self._progress.lags[tp.topic, tp.partition] = Lag(
                        max(0, end - position), self._newest.get(tp)
                    )
                    if self._taken.get(tp) != position:
                        moved[tp] = self._taken[tp] = position
        return moved

    def _end(self, tp: TopicPartition) -> int | None:
        """The end of what can be read of a partition: only open transactions are behind it."""
        if tp not in self._consumer.assignment():
            return None
        stable: int | None = self._consumer.last_stable_offset(tp)
        end: int | None = self._consumer.highwater(tp) if stable is None else stable
        return end

    def has_more(self, offsets: Mapping[TopicPartition, int]) -> bool:
        """Whether there is a backlog behind offsets."""
        if not self._progress.assigned:
            return False
        read = offsets.keys() - self._consumer.paused()
        return any((self._end(tp) or 0) > offsets[tp] for tp in read)

    async def ask(self, now: datetime) -> None:
        """Ask now and then whether Kafka is there, and has more: an empty poll does not tell.

        Raises:
            Stalled: it has had more for a minute, and sends nothing.
        """
        if self._progress.age() < _ASK_EVERY or not self._progress.assigned:
            return
        partitions = self._consumer.assignment() - self._consumer.paused()
        try:
            async with asyncio.timeout(_ASK_SECONDS):
                ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
                places = {tp: await self._consumer.position(tp) for tp in partitions}
        except (KafkaError, TimeoutError) as error:
            log.warning("kafka_silent", error=type(error).__name__)
            return
        self._progress.heard(now)
        behind = {tp: place for tp, place in places.items() if place < ends.get(tp, 0)}
        if behind != self._waiting:
            self._waiting, self._waiting_since = behind, self._progress.elapsed()
        elif behind and self._progress.elapsed() - self._waiting_since > _STALLED_SECONDS:
            where = ", ".join(f"{tp.topic}/{tp.partition}/{at}" for tp, at in behind.items())
            raise Stalled(f"no records for {_STALLED_SECONDS} s, though there are more at {where}")

    async def rest(self) -> Halt | None:
        """While halted, stay in the group and read nothing; returns why it is halted still."""
        if self._mismatch is None:
            self._consumer.resume(*self._consumer.paused())
            log.info("resumed")
            return None
        self._consumer.pause(*self._consumer.assignment())
        # A partition that was assigned in this moment is not paused yet, and is read again later.
        try:
            found = await self._consumer.getmany(timeout_ms=POLL_MS)
        except Exception as error:  # noqa: BLE001 - it is met again when records are read
            log.warning("fetch_failed", error=f"{error!r:.200}")
            found = self._consumer.assignment()
        if found:
            with suppress(IllegalStateError):  # a partition was revoked meanwhile
                async with asyncio.timeout(_POSITION_SECONDS):
                    await seek_back(self._consumer, self._taken)
        return self._mismatch

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit the places behind what is done.

        Raises:
            TimeoutError: Kafka does not answer.
        """
        metadata = ""
        async with asyncio.timeout(_COMMIT_SECONDS):
            # What is another's now is theirs to note, and would take the places of all others with
            # it at Kafka.
            own = offsets.keys() & self._consumer.assignment()
            if self._continuity and own:
                await self._continuity.advanced({tp: offsets[tp] for tp in own})
                metadata = self._continuity.metadata
            own &= self._consumer.assignment()
            try:
                if own:
                    await self._consumer.commit({tp: (offsets[tp], metadata) for tp in own})
            except (CommitFailedError, IllegalStateError, RebalanceInProgressError) as error:
                # The partitions are another's now, who reads the batch again and finds it decided.
                log.warning("commit_lost", error=type(error).__name__)
            if lost := offsets.keys() - own:
                log.warning("commit_lost", partitions=len(lost))

    def revoked(self) -> None:
        """From now on what was polled before is nobody's business."""
        self._progress.assigned = False
        self._epoch += 1
        self._taken, self._newest = {}, {}
        self._progress.lags.clear()
        self._listened.clear()

    async def assigned(self, partitions: set[TopicPartition]) -> None:
        """Begin to work, unless the offsets do not belong to the store.

        Raises:
            TimeoutError: Kafka or the store does not answer.
        """
        try:
            if self._continuity:
                async with asyncio.timeout(_ASSIGN_SECONDS):
                    self._mismatch = await self._continuity.assigned(partitions)
            self._progress.halted = self._mismatch or self._progress.halted
            self._progress.assigned = True
        finally:
            self._listened.set()


def _pause(consumer: AIOKafkaConsumer, stopped: Collection[str]) -> None:
    """Read no partition of some topics, and those of all others."""
    paused = consumer.paused()
    if stopped or paused:
        wanted = {tp for tp in consumer.assignment() if tp.topic in stopped}
        consumer.pause(*wanted - paused)
        consumer.resume(*paused - wanted)
