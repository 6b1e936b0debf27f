"""Kafka seen from outside: where topics end, how far a group has come, when records arrived."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared.kafka.topics import described
from shared.settings import PARTITIONS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiokafka import ConsumerRecord

Offsets: TypeAlias = dict[TopicPartition, int]

_BROKERS_CLOCK: Final = {"message.timestamp.type": "LogAppendTime"}


@dataclass(frozen=True, slots=True)
class Observer:
    """Measures every competitor in the same way, by what the broker says."""

    kafka: str
    _admin: AIOKafkaAdminClient
    _consumer: AIOKafkaConsumer

    async def create(self, topic: str) -> None:
        """Make a topic on which the broker notes the time of each record; harmless if it exists."""
        if topic not in await self._admin.list_topics():
            wanted = described(topic, PARTITIONS)
            wanted.topic_configs |= _BROKERS_CLOCK
            await self._admin.create_topics([wanted])

    async def ends(self, topic: str) -> Offsets:
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        ends: Offsets = await self._consumer.end_offsets(partitions)
        return ends

    async def rewind(self, group: str, offsets: Offsets) -> None:
        """Have a group that nobody is in begin at these offsets."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.kafka, group_id=group, enable_auto_commit=False
        )
        await consumer.start()
        try:
            consumer.assign(list(offsets))
            await consumer.commit(offsets)
        finally:
            await consumer.stop()

    async def reached(self, group: str, offsets: Offsets) -> bool:
        """Whether a group has committed up to these offsets."""
        committed = await self._admin.list_consumer_group_offsets(group)
        return all(tp in committed and committed[tp].offset >= o for tp, o in offsets.items())

    async def records(self, begin: Offsets) -> AsyncIterator[ConsumerRecord]:
        """What was published since, in order within each partition."""
        ends = await self._consumer.end_offsets(list(begin))
        for partition, offset in begin.items():
            self._consumer.assign([partition])
            self._consumer.seek(partition, offset)
            while await self._consumer.position(partition) < ends[partition]:
                fetched = await self._consumer.getmany(partition, timeout_ms=1000)
                for record in fetched.get(partition, []):
                    yield record

    async def arrivals(self, begin: Offsets) -> list[float]:
        """When the broker took what was published since, in seconds, in order of time."""
        return sorted([record.timestamp / 1000 async for record in self.records(begin)])


@asynccontextmanager
async def observing(kafka: str) -> AsyncIterator[Observer]:
    """Connect an observer, for as long as the block runs."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, enable_auto_commit=False, isolation_level="read_committed"
    )
    await admin.start()
    try:
        await consumer.start()
        try:
            yield Observer(kafka, admin, consumer)
        finally:
            await consumer.stop()
    finally:
        await admin.close()
