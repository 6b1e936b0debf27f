"""Kafka: how far a consumer group has read its topics, and setting its offsets from outside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    GroupCoordinatorNotAvailableError,
    TopicAuthorizationFailedError,
)
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from shared.kafka import topics

if TYPE_CHECKING:
    from shared.kafka.connection import Connection

log = structlog.get_logger()

_once_there_is_a_coordinator = retry(
    retry=retry_if_exception_type(GroupCoordinatorNotAvailableError),
    wait=wait_exponential_jitter(multiplier=0.2, max=3),
    stop=stop_after_delay(30),
    reraise=True,
)


class GroupIsActive(Exception):
    """The consumer group has members, and nobody else may set its offsets."""


class Committed(NamedTuple):
    """A committed offset, if there is one, and the text that was committed beside it."""

    offset: int | None
    metadata: str


class Extent(NamedTuple):
    """The first offset that is there, and the one that the next record will have."""

    begin: int
    end: int


class Group:
    """A consumer group as it is seen by who does not belong to it.

    Args:
        kafka: where Kafka is.
        name: the group's.
        read: the topics that it reads.
    """

    def __init__(self, kafka: Connection, name: str, read: Iterable[str]) -> None:
        self.name = name
        self._kafka = kafka
        self._topics = sorted(read)

    async def partitions(self) -> list[TopicPartition]:
        """What there is to read."""
        async with self._kafka.admin() as admin:
            described = await admin.describe_topics(self._topics)
        return [
            TopicPartition(topic["topic"], partition["partition"])
            for topic in described
            for partition in topic["partitions"]
        ]

    async def differences(self) -> list[str]:
        """How its topics differ from what the services rely on; see `topics.differences`."""
        async with self._kafka.admin() as admin:
            try:
                return await topics.differences(admin, self._topics, self._kafka.partitions)
            except TopicAuthorizationFailedError as error:
                log.warning("topics_not_examined", error=repr(error))
                return []

    async def committed(
        self, partitions: Iterable[TopicPartition]
    ) -> dict[TopicPartition, Committed]:
        """Its offsets."""
        async with self._kafka.admin() as admin:
            found = await admin.list_consumer_group_offsets(self.name)
        valid = {tp: Committed(*one) for tp, one in found.items() if one.offset >= 0}
        return {tp: valid.get(tp, Committed(None, "")) for tp in partitions}

    @_once_there_is_a_coordinator
    async def is_active(self) -> bool:
        """Whether somebody reads with it; a Kafka that is new is given time to know of groups."""
        async with self._kafka.admin() as admin:
            described = await admin.describe_consumer_groups([self.name])
        return any(group[5] for response in described for group in response.groups)

    async def extents(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, Extent]:
        """What is there of partitions."""
        async with self._kafka.consumer() as consumer:
            begin = await consumer.beginning_offsets(list(partitions))
            end = await consumer.end_offsets(list(partitions))
        return {tp: Extent(begin[tp], end[tp]) for tp in partitions}

    async def commit(self, offsets: Mapping[TopicPartition, int], metadata: str) -> None:
        """Set its offsets.

        Raises:
            GroupIsActive: somebody reads with it.
        """
        async with self._kafka.consumer(group_id=self.name) as consumer:
            consumer.assign(list(offsets))
            try:
                await consumer.commit({tp: (at, metadata) for tp, at in offsets.items()})
            except CommitFailedError as error:
                raise GroupIsActive(f"the consumer group {self.name} has members") from error
