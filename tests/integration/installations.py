"""An installation with a group and a store of its own, and whether it may read."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aiokafka import TopicPartition
from confluent_kafka import ConsumerGroupTopicPartitions
from confluent_kafka import TopicPartition as Place
from confluent_kafka.admin import (
    AdminClient,
)

from shared import mongo
from shared.contracts import catalogue
from shared.kafka import topics
from shared.kafka.connection import Connection
from shared.kafka.group import Group
from shared.kafka.producer import Outgoing, Publisher
from shared.pipeline.continuity import Continuity
from shared.pipeline.installation import Installation
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pymongo.asynchronous.database import AsyncDatabase

    from tests.parts import Parts

INBOX: Final = catalogue.inbox("plans")
PATIENCE: Final = 60.0


@dataclass(slots=True)
class Here:
    """A Kafka of its own, by its prefix, and stores that may belong to it."""

    kafka: Connection
    inbox: str
    group: str
    stores: list[AsyncDatabase[dict[str, Any]]]
    other_maker: AdminClient

    def store(self, number: int) -> AsyncDatabase[dict[str, Any]]:
        return self.stores[number]

    async def service(self, number: int = 0) -> Continuity:
        installation = Installation(self.store(number))
        await installation.prepare()
        return Continuity("plans", Group(self.kafka, self.group, [self.inbox]), installation)

    async def decided(self, number: int = 0) -> None:
        """Have a store that has decided something."""
        await self.store(number)["journal"].insert_one({"_id": str(uuid.uuid4())})

    async def produce(self, count: int, partition_key: bytes = b"k") -> TopicPartition:
        """Produce records with one key; returns where they went."""
        publisher = Publisher(self.kafka)
        try:
            await publisher.send([Outgoing(INBOX, partition_key, b"{}", [])] * count)
        finally:
            await publisher.stop()
        ends = await Group(self.kafka, "", []).extents(self.partitions)
        return max(ends, key=lambda tp: ends[tp].end)

    @property
    def partitions(self) -> list[TopicPartition]:
        return [TopicPartition(self.inbox, n) for n in range(self.kafka.partitions)]

    async def read(self, service: Continuity, tp: TopicPartition, upto: int) -> None:
        """What the engine does when it has read so far."""
        await service.advanced({tp: upto})
        group = Group(self.kafka, self.group, [self.inbox])
        await group.commit({tp: upto}, service.metadata)

    async def committed(self) -> dict[TopicPartition, tuple[int | None, str]]:
        return {**await Group(self.kafka, self.group, []).committed(self.partitions)}

    async def move(self, tp: TopicPartition, offset: int) -> None:
        """Set an offset as Kafka's own tools do."""
        place = ConsumerGroupTopicPartitions(self.group, [Place(tp.topic, tp.partition, offset)])
        futures = self.other_maker.alter_consumer_group_offsets([place])
        for future in futures.values():
            await asyncio.to_thread(future.result, 30)

    async def delete_before(self, tp: TopicPartition, offset: int) -> None:
        """What retention does."""
        futures = self.other_maker.delete_records([Place(tp.topic, tp.partition, offset)])
        for future in futures.values():
            await asyncio.to_thread(future.result, 30)

    async def make_anew(self) -> None:
        """Delete the topic, and let it be made again."""
        for future in self.other_maker.delete_topics([self.inbox]).values():
            await asyncio.to_thread(future.result, 30)

        async def is_made() -> bool:
            await topics.create_topics(self.kafka, ["plans"])
            there = await Group(self.kafka, "", [self.inbox]).partitions()
            return len(there) == self.kafka.partitions

        await eventually(is_made)


@asynccontextmanager
async def here(parts: Parts) -> AsyncIterator[Here]:
    name = f"c{uuid.uuid4().hex[:8]}"
    kafka = Connection(parts.kafka, prefix=name)
    await topics.create_topics(kafka, ["plans"])
    async with mongo.connect(parts.mongodb, name) as client:
        stores = [client[f"{name}_{n}"] for n in range(2)]
        other_maker = AdminClient({"bootstrap.servers": parts.kafka})
        yield Here(kafka, kafka.topic(INBOX), kafka.group("plans"), stores, other_maker)
        for store in stores:
            await client.drop_database(store)


async def may_read(service: Continuity) -> None:
    await service.settle(PATIENCE)
    assert service.halt is None


@asynccontextmanager
async def halted(service: Continuity, code: str) -> AsyncIterator[None]:
    """The service is halted for this reason; at the end of the block it reads on."""
    settling = asyncio.create_task(service.settle(PATIENCE))
    await eventually(lambda: is_halted(service))
    assert service.halt
    assert (service.halt.code, settling.done()) == (code, False)
    assert "plans" in service.halt.remedy
    yield
    await asyncio.wait_for(settling, PATIENCE)
    assert service.halt is None


async def is_halted(service: Continuity) -> bool:
    return service.halt is not None
