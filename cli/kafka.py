"""What the command line asks of Kafka: lag, whole topics, and single records."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import CorruptRecordException

from shared.kafka import salvage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from shared.kafka.salvage import Record, Salvaged


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


@asynccontextmanager
async def _consumer(
    bootstrap: str, isolation_level: str = "read_committed"
) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level=isolation_level,
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


async def lags(bootstrap: str, groups: Groups) -> dict[str, int]:
    """The records that each consumer group has still to read on its topics, in the given order."""
    return {group: standing.lag for group, standing in (await standings(bootstrap, groups)).items()}


async def standings(bootstrap: str, groups: Groups) -> dict[str, Standing]:
    """How far each consumer group has come on its topics, in the given order."""
    async with (
        _admin(bootstrap) as admin,
        _consumer(bootstrap) as stable,
        _consumer(bootstrap, "read_uncommitted") as all_,
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
    known = {tp: meta.offset for tp, meta in committed.items() if meta.offset >= 0}
    done = {tp: known.get(tp, starts[tp]) for tp in partitions}
    last = await all_.end_offsets(partitions)
    return Standing(
        read=sum(done.values()),
        lag=sum(ends[tp] - done[tp] for tp in partitions),
        waiting=sum(last[tp] - ends[tp] for tp in partitions),
    )


async def read_one(bootstrap: str, topic: str, partition: int, offset: int) -> Salvaged | None:
    """One record, even where the client cannot decode it; None where it is no longer there."""
    tp = TopicPartition(topic, partition)
    async with _admin(bootstrap) as admin, _consumer(bootstrap) as consumer:
        if tp not in await _partitions(admin, [topic]):
            return None
        starts, ends = await consumer.beginning_offsets([tp]), await consumer.end_offsets([tp])
        if not starts[tp] <= offset < ends[tp]:
            return None
        records = (await salvage.read(consumer, tp, offset)).records
        return next((record for record in records if record.offset == offset), None)


async def read_all(bootstrap: str, topic: str) -> list[Record]:
    """The records of a topic from its beginning up to its end as it is now."""
    async with _admin(bootstrap) as admin, _consumer(bootstrap) as consumer:
        partitions = await _partitions(admin, [topic])
        ends = await consumer.end_offsets(partitions)
        consumer.assign(partitions)
        records: list[Record] = []
        for tp in partitions:
            while await consumer.position(tp) < ends[tp]:
                records += await some(consumer, tp)
        return records


async def some(consumer: AIOKafkaConsumer, tp: TopicPartition) -> list[Record]:
    """The next records of a partition, those among them that the client cannot decode, too."""
    try:
        found: list[Record] = (await consumer.getmany(tp, timeout_ms=1000)).get(tp, [])
    except (UnicodeDecodeError, CorruptRecordException):
        part = await salvage.read(consumer, tp, await consumer.position(tp))
        consumer.seek(tp, part.end)
        found = [*part.records]
    return found
