"""What is committed and noted is of those partitions alone that are this process's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError

from shared.pipeline.consumer import BatchConsumer
from shared.pipeline.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OWN: Final = TopicPartition("coalition.plans.inbox.v1", 0)
LOST: Final = TopicPartition("coalition.plans.inbox.v1", 1)
Offsets = dict[TopicPartition, int]


@dataclass
class Kafka:
    """A consumer that has one partition, and a store that notes what it is told."""

    own: set[TopicPartition] = field(default_factory=lambda: {OWN})
    fails: bool = False
    noted: list[Offsets] = field(default_factory=list)
    committed: list[dict[TopicPartition, Any]] = field(default_factory=list)
    metadata: str = "ours"

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset(self.own)

    async def commit(self, offsets: dict[TopicPartition, Any]) -> None:
        if self.fails:
            raise CommitFailedError
        self.committed.append(offsets)

    async def assigned(self, partitions: Iterable[TopicPartition]) -> None:
        del partitions

    async def advanced(self, offsets: Mapping[TopicPartition, int]) -> None:
        self.noted.append({**offsets})


async def committed(kafka: Kafka) -> Kafka:
    consumer = BatchConsumer(10, Progress(lambda: 0.0), kafka)
    consumer.use(kafka)
    await consumer.commit({OWN: 7, LOST: 9})
    return kafka


async def test_a_partition_that_is_anothers_now_is_theirs_to_note() -> None:
    kafka = await committed(Kafka())
    assert kafka.noted == [{OWN: 7}]
    assert kafka.committed == [{OWN: (7, "ours")}]


async def test_where_all_are_anothers_nothing_is_noted() -> None:
    kafka = await committed(Kafka(own=set()))
    assert (kafka.noted, kafka.committed) == ([], [])


async def test_what_is_noted_stands_where_kafka_takes_no_commit() -> None:
    """It was read; that others read it again changes nothing."""
    kafka = await committed(Kafka(fails=True))
    assert (kafka.noted, kafka.committed) == ([{OWN: 7}], [])
