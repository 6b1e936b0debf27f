"""What the command line asks of Kafka: lag, and reading a topic from its beginning to now."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from aiokafka import ConsumerRecord


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


@asynccontextmanager
async def _consumer(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def _partitions(admin: AIOKafkaAdminClient, topics: Iterable[str]) -> list[TopicPartition]:
    described = await admin.describe_topics(list(topics))
    return [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in described
        for partition in topic["partitions"]
    ]


Groups = dict[str, tuple[str, ...]]


async def lags(bootstrap: str, groups: Groups) -> dict[str, int]:
    """The records that each consumer group has still to read on its topics, in the given order."""
    return {group: lag for group, (_, lag) in (await standings(bootstrap, groups)).items()}


async def standings(bootstrap: str, groups: Groups) -> dict[str, tuple[int, int]]:
    """How many records each consumer group has read on its topics, and how many are left."""
    async with _admin(bootstrap) as admin, _consumer(bootstrap) as consumer:
        return {g: await _standing(admin, consumer, g, topics) for g, topics in groups.items()}


async def _standing(
    admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer, group: str, topics: tuple[str, ...]
) -> tuple[int, int]:
    # Committed first: a record that arrives in between then counts as unread, never as read.
    committed = await admin.list_consumer_group_offsets(group)
    partitions = await _partitions(admin, topics)
    ends = await consumer.end_offsets(partitions)
    starts = await consumer.beginning_offsets(partitions)
    known = {tp: meta.offset for tp, meta in committed.items() if meta.offset >= 0}
    done = {tp: known.get(tp, starts[tp]) for tp in partitions}
    return sum(done.values()), sum(ends[tp] - done[tp] for tp in partitions)


async def read_all(bootstrap: str, topic: str) -> list[ConsumerRecord]:
    """The records of a topic from its beginning up to its end as it is now."""
    async with _admin(bootstrap) as admin, _consumer(bootstrap) as consumer:
        partitions = await _partitions(admin, [topic])
        ends = await consumer.end_offsets(partitions)
        consumer.assign(partitions)
        records: list[ConsumerRecord] = []
        for tp in partitions:
            while await consumer.position(tp) < ends[tp]:
                records += (await consumer.getmany(tp, timeout_ms=1000)).get(tp, [])
        return records
