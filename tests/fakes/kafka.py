"""An in-memory Kafka with the consumers of one group, and a publisher."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol
from zlib import crc32

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from shared.kafka.salvage import Part, Salvaged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.cloudevents import Headers
    from shared.kafka.producer import Outgoing
    from shared.pipeline.engine import Engine
    from tests.fakes.gate import Gate

PARTITIONS: Final = 3


class PublisherPart(Protocol):
    """What an engine asks of its publisher."""

    async def send(self, records: Sequence[Outgoing]) -> None:
        """See `Publisher.send`."""


class Record(NamedTuple):
    """A record as aiokafka gives it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(slots=True)
class FakeKafka:
    """One topic to read, a group, and all that was published, by topic.

    Attributes:
        owners: which consumer has each partition.
        generation: counts how often the group was rebalanced.
        undecodable: the records, by partition and offset, at which `getmany` raises.
    """

    topic: str
    logs: list[list[Record]] = field(default_factory=lambda: [[] for _ in range(PARTITIONS)])
    committed: list[int] = field(default_factory=lambda: [0] * PARTITIONS)
    owners: list[FakeConsumer | None] = field(default_factory=lambda: [None] * PARTITIONS)
    generation: int = 0
    published: dict[str, list[Outgoing]] = field(default_factory=lambda: defaultdict(list))
    undecodable: set[tuple[int, int]] = field(default_factory=set)

    def produce(self, outgoing: Outgoing, *, undecodable: bool = False) -> None:
        """Append a record to the partition of its key."""
        partition = crc32(outgoing.key or b"") % PARTITIONS
        offset = self.append(partition, outgoing.key, outgoing.value, outgoing.headers)
        if undecodable:
            self.undecodable.add((partition, offset))

    def append(
        self,
        partition: int,
        key: bytes | None,
        value: bytes | None = None,
        headers: Headers | None = None,
    ) -> int:
        """Append a record to a partition; returns its offset."""
        log = self.logs[partition]
        log.append(Record(self.topic, partition, len(log), key, value, headers or []))
        return len(log) - 1

    def rebalance(self, owners: Sequence[FakeConsumer]) -> None:
        """Give the partitions away in turn; their old owners learn of it later."""
        self.generation += 1
        self.owners = [owners[number % len(owners)] for number in range(PARTITIONS)]


@dataclass(slots=True)
class FakePublisher:
    """Publishes record after record, so that a crash can come between two."""

    kafka: FakeKafka
    gate: Gate

    async def send(self, records: Sequence[Outgoing]) -> None:
        """See `Publisher.send`."""
        for record in records:
            await self.gate()
            self.kafka.published[record.topic].append(record)
        await self.gate()


@dataclass(slots=True, eq=False)
class FakeConsumer:
    """A member of the group; it notices a rebalance when it polls, if not before.

    Attributes:
        joining: the notice of a rebalance, in the background as aiokafka does it.
    """

    kafka: FakeKafka
    gate: Gate
    listener: Engine[Any] | None = None
    generation: int = -1
    positions: dict[int, int] = field(default_factory=dict)
    joining: asyncio.Task[None] | None = None

    def notice(self) -> None:
        """Join the group again if it was rebalanced."""
        if self.generation != self.kafka.generation and not (
            self.joining and not self.joining.done()
        ):
            self.joining = asyncio.ensure_future(self._join())

    async def getmany(
        self, *only: TopicPartition, timeout_ms: int, max_records: int
    ) -> dict[TopicPartition, list[Record]]:
        """Fetch what is there; the first call after a rebalance joins the group again."""
        del timeout_ms
        await self.gate()
        while self.generation != self.kafka.generation or (
            self.joining and not self.joining.done()
        ):
            self.notice()
            assert self.joining
            await asyncio.shield(self.joining)
        fetched: dict[TopicPartition, list[Record]] = {}
        for partition, position in self.positions.items():
            if only and TopicPartition(self.kafka.topic, partition) not in only:
                continue
            records = self.kafka.logs[partition][position : position + max_records]
            # As aiokafka does: what was drained from the partitions before is lost with it.
            if any((partition, record.offset) in self.kafka.undecodable for record in records):
                raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
            max_records -= len(records)
            self.positions[partition] += len(records)
            if records:
                fetched[TopicPartition(self.kafka.topic, partition)] = records
        return fetched

    async def _join(self) -> None:
        assert self.listener
        await self.listener.on_partitions_revoked(self.assignment())
        self.generation = self.kafka.generation
        self.positions = {
            partition: self.kafka.committed[partition]
            for partition, owner in enumerate(self.kafka.owners)
            if owner is self
        }
        await self.listener.on_partitions_assigned(self.assignment())

    async def position(self, tp: TopicPartition) -> int:
        """The place of the next record."""
        if tp.partition not in self.positions:
            raise IllegalStateError
        place: int = self.positions[tp.partition]
        return place

    def last_stable_offset(self, tp: TopicPartition) -> int:
        """The end of a partition: there are no transactions here."""
        return self.highwater(tp)

    async def commit(self, offsets: Mapping[TopicPartition, tuple[int, str]]) -> None:
        """Commit, unless the group has moved on without this member."""
        await self.gate()
        if self.generation != self.kafka.generation:
            raise CommitFailedError
        if any(tp.partition not in self.positions for tp in offsets):
            raise IllegalStateError  # as aiokafka does, and commits none of them
        for tp, (offset, _) in offsets.items():
            self.kafka.committed[tp.partition] = offset
        await self.gate()

    async def committed(self, tp: TopicPartition) -> int:
        """Where the group has come to."""
        await self.gate()
        committed: int = self.kafka.committed[tp.partition]
        return committed

    def seek(self, tp: TopicPartition, offset: int) -> None:
        """Read on from an offset."""
        if tp.partition not in self.positions:
            raise IllegalStateError
        self.positions[tp.partition] = offset

    async def end_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """The ends of partitions."""
        await self.gate()
        return {tp: self.highwater(tp) for tp in partitions}

    def paused(self) -> set[TopicPartition]:
        """No partition is halted here."""
        return set()

    def assignment(self) -> set[TopicPartition]:
        """The partitions that this member believes to have."""
        return {TopicPartition(self.kafka.topic, partition) for partition in self.positions}

    def highwater(self, tp: TopicPartition) -> int:
        """The end of a partition."""
        return len(self.kafka.logs[tp.partition])


async def salvage(consumer: FakeConsumer, tp: TopicPartition, offset: int) -> Part:
    """See `shared.kafka.salvage.read`; each batch has one record here."""
    await consumer.gate()
    record = consumer.kafka.logs[tp.partition][offset]
    bad = (tp.partition, offset) in consumer.kafka.undecodable
    taken = Salvaged(tp.topic, tp.partition, offset, record.key, error="bad" if bad else "")
    return Part([taken], offset + 1)
