"""What the command line asks of Kafka: lag, and whole topics."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple

from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException

from shared.kafka import salvage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from contextlib import AbstractAsyncContextManager

    from aiokafka import AIOKafkaConsumer
    from aiokafka.admin import AIOKafkaAdminClient

    from shared.kafka.connection import Connection
    from shared.kafka.salvage import Record

_SILENT_SECONDS: Final = 60
"""How long nothing may come of a partition that has more; its client itself would wait for ever."""


def _consumer(
    here: Connection, isolation_level: str = "read_committed"
) -> AbstractAsyncContextManager[AIOKafkaConsumer]:
    return here.consumer(auto_offset_reset="earliest", isolation_level=isolation_level)


async def _partitions(admin: AIOKafkaAdminClient, topics: Iterable[str]) -> list[TopicPartition]:
    described = await admin.describe_topics(list(topics))
    return [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in described
        for partition in topic["partitions"]
    ]


Groups = dict[str, tuple[str, ...]]


class Standing(NamedTuple):
    """How far a consumer group has come on its topics, in offsets.

    Attributes:
        read: what it has read.
        lag: what it could read and has not.
        waiting: what nobody can read yet, since a publisher's transaction is open before it.
    """

    read: int
    lag: int
    waiting: int


async def lags(here: Connection, groups: Groups) -> dict[str, int]:
    """The records that each consumer group has still to read on its topics, in the given order."""
    return {group: standing.lag for group, standing in (await standings(here, groups)).items()}


async def standings(here: Connection, groups: Groups) -> dict[str, Standing]:
    """How far each consumer group has come on its topics, in the given order."""
    async with (
        here.admin() as admin,
        _consumer(here) as stable,
        _consumer(here, "read_uncommitted") as all_,
    ):
        return {g: await _standing(admin, stable, all_, g, topics) for g, topics in groups.items()}


async def _standing(
    admin: AIOKafkaAdminClient,
    stable: AIOKafkaConsumer,
    all_: AIOKafkaConsumer,
    group: str,
    topics: tuple[str, ...],
) -> Standing:
    # Committed first: a record that arrives in between then counts as unread, never as read.
    committed = await admin.list_consumer_group_offsets(group)
    partitions = await _partitions(admin, topics)
    ends = await stable.end_offsets(partitions)
    starts = await stable.beginning_offsets(partitions)
    offsets = {tp: meta.offset for tp, meta in committed.items() if meta.offset >= 0}
    done = {tp: offsets.get(tp, starts[tp]) for tp in partitions}
    last = await all_.end_offsets(partitions)
    return Standing(
        read=sum(done.values()),
        lag=sum(ends[tp] - done[tp] for tp in partitions),
        waiting=sum(last[tp] - ends[tp] for tp in partitions),
    )


async def read_all(here: Connection, topic: str) -> list[Record]:
    """The records of a topic from its beginning up to its end as it is now."""
    async with here.admin() as admin, _consumer(here) as consumer:
        partitions = await _partitions(admin, [topic])
        ends = await consumer.end_offsets(partitions)
        consumer.assign(partitions)
        records: list[Record] = []
        for tp in partitions:
            async for part in up_to(consumer, tp, ends[tp]):
                records += part
        return records


async def up_to(
    consumer: AIOKafkaConsumer, tp: TopicPartition, end: int
) -> AsyncIterator[list[Record]]:
    """The records of a partition from where the consumer is up to an offset, part by part.

    Raises:
        TimeoutError: there are more, and none came for a minute.
    """
    while True:
        async with asyncio.timeout(_SILENT_SECONDS):
            place = await consumer.position(tp)
            if place >= end:
                return
            part = await some(consumer, tp)
            while not part and await consumer.position(tp) == place:
                part = await some(consumer, tp)
        yield part


async def some(consumer: AIOKafkaConsumer, tp: TopicPartition) -> list[Record]:
    """The next records of a partition, those among them that the client cannot decode, too."""
    try:
        found: list[Record] = (await consumer.getmany(tp, timeout_ms=1000)).get(tp, [])
    except (UnicodeDecodeError, CorruptRecordException):
        part = await salvage.read(consumer, tp, await consumer.position(tp))
        consumer.seek(tp, part.end)
        found = [*part.records]
    return found


async def follow(here: Connection, topic: str, *, beginning: bool) -> AsyncIterator[Record]:
    """The records of a topic as they come, after those that there are if from the `beginning`."""
    async with here.admin() as admin, _consumer(here) as consumer:
        partitions = await _partitions(admin, [topic])
        consumer.assign(partitions)
        seek = consumer.seek_to_beginning if beginning else consumer.seek_to_end
        await seek(*partitions)
        async for record in consumer:
            yield record
