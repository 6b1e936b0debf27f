"""Kafka: what there is of a group's topics, how far it has committed, and setting its offsets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError

if TYPE_CHECKING:
    from aiokafka.admin import AIOKafkaAdminClient

    from shared.kafka.connection import Connection

Stamped = Mapping[TopicPartition, tuple[int, str]]
"""Offsets to commit, each with a text beside it."""


class GroupIsActive(Exception):
    """The consumer group has members, and nobody else may set its offsets."""


async def partitions(admin: AIOKafkaAdminClient, topics: Iterable[str]) -> list[TopicPartition]:
    """The partitions of topics."""
    return [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in await admin.describe_topics(list(topics))
        for partition in topic["partitions"]
    ]


async def committed(
    admin: AIOKafkaAdminClient, group: str, wanted: Iterable[TopicPartition]
) -> dict[TopicPartition, tuple[int | None, str]]:
    """The offset of a group on each partition, and the text beside it."""
    found = await admin.list_consumer_group_offsets(group)
    known = {tp: (one.offset, one.metadata) for tp, one in found.items() if one.offset >= 0}
    return {tp: known.get(tp, (None, "")) for tp in wanted}


async def commit(kafka: Connection, group: str, offsets: Stamped) -> None:
    """Set the offsets of a group that nobody reads with.

    Raises:
        GroupIsActive: somebody does.
    """
    async with kafka.consumer(group_id=group) as consumer:
        consumer.assign(list(offsets))
        try:
            await consumer.commit(dict(offsets))
        except CommitFailedError as error:
            raise GroupIsActive(f"the consumer group {group} has members") from error
