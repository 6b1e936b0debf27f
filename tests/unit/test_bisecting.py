"""Where `getmany` fails, the record to blame is found and passed, and nothing else is lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Final

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import (
    CorruptRecordException,
    KafkaConnectionError,
    RecordTooLargeError,
    TopicAuthorizationFailedError,
    UnsupportedCodecError,
)

from shared.kafka.salvage import Part, is_undecodable
from shared.pipeline.consumer import BatchConsumer, Stalled
from shared.pipeline.progress import Progress
from tests.fakes.gate import Open
from tests.fakes.kafka import PARTITIONS, FakeConsumer, FakeKafka, salvage
from tests.fakes.load import INBOX
from tests.unit.fold import NOW

FIRST: Final = TopicPartition(INBOX, 0)
OF_A_RECORD: Final = [
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    CorruptRecordException(),
    UnsupportedCodecError(),
    RecordTooLargeError(),
    MemoryError(),
    OSError("no gzip"),
    EOFError(),
    AssertionError("double-compressed"),
]


class Listening:
    """Takes part in the group, and has no batches of its own."""

    def __init__(self, consumer: BatchConsumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, _: object) -> None:
        self._consumer.revoked()

    async def on_partitions_assigned(self, partitions: set[TopicPartition]) -> None:
        await self._consumer.assigned(partitions)


class Raising(FakeConsumer):
    """Raises this, where it would raise that a name is no text."""

    error: Exception = OF_A_RECORD[0]

    async def getmany(self, *only: Any, **named: Any) -> Any:
        try:
            return await super().getmany(*only, **named)
        except UnicodeDecodeError:
            raise self.error from None


def consuming(
    kafka: FakeKafka, error: Exception = OF_A_RECORD[0], read: Any = salvage
) -> tuple[BatchConsumer, Raising]:
    consumer = Raising(kafka, Open())
    consumer.error = error
    batches = BatchConsumer(5, Progress(), None, read)
    batches.use(consumer)
    listener: Any = Listening(batches)
    consumer.listener = listener
    kafka.rebalance([consumer])
    return batches, consumer


def filled(*undecodable: tuple[int, int]) -> FakeKafka:
    """Ten records in each partition, some of which cannot be decoded."""
    kafka = FakeKafka(INBOX)
    for partition in range(PARTITIONS):
        for offset in range(10):
            kafka.append(partition, b"%d/%d" % (partition, offset))
    kafka.undecodable |= set(undecodable)
    return kafka


async def all_of(batches: BatchConsumer, polls: int = 40) -> list[tuple[int, int, bool]]:
    return [
        (record.partition, record.offset, is_undecodable(record))
        for _ in range(polls)
        for record in (await batches.poll()).records
    ]


@pytest.mark.parametrize("error", OF_A_RECORD, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "bad",
    [
        {(0, 0)},
        {(2, 9)},
        {(0, 3), (1, 3), (2, 3)},
        {(1, offset) for offset in range(10)},
        {(partition, offset) for partition in range(PARTITIONS) for offset in range(10)},
    ],
)
async def test_each_record_is_taken_once_and_in_order(
    bad: set[tuple[int, int]], error: Exception
) -> None:
    batches, _ = consuming(filled(*bad), error)
    taken = await all_of(batches)
    for partition in range(PARTITIONS):
        assert [one[1:] for one in taken if one[0] == partition] == [
            (offset, (partition, offset) in bad) for offset in range(10)
        ]


@pytest.mark.parametrize("error", [KafkaConnectionError(), TopicAuthorizationFailedError()])
async def test_what_no_record_is_to_blame_for_skips_nothing(error: Exception) -> None:
    batches, consumer = consuming(filled((0, 0)), error)
    with pytest.raises(type(error)):
        await batches.poll()
    assert consumer.positions[0] == 0


async def test_a_salvage_that_fails_skips_nothing() -> None:
    async def fails(*_: object) -> Part:
        raise KafkaConnectionError

    batches, consumer = consuming(filled((0, 4)), read=fails)
    with pytest.raises(KafkaConnectionError):
        await batches.poll()
    assert consumer.positions[0] <= 4


async def test_a_partition_that_goes_while_a_revocation_is_under_way_does_not_end_the_process() -> (
    None
):
    """It was counted before the reading began, so nothing tells but that the partition is gone."""

    async def goes(consumer: Any, tp: TopicPartition, offset: int) -> Part:
        consumer.positions.pop(0, None)
        return await salvage(consumer, tp, offset)

    batches, _ = consuming(filled((0, 4), (1, 2)), read=goes)
    taken = await all_of(batches)
    for partition in (1, 2):
        assert [one[1] for one in taken if one[0] == partition] == list(range(10))


async def test_no_retry_is_endless() -> None:
    async def nothing(_: object, __: TopicPartition, offset: int) -> Part:
        return Part([], offset)

    batches, _ = consuming(filled((0, 0), (1, 0), (2, 0)), read=nothing)
    with pytest.raises(UnicodeDecodeError):
        await all_of(batches)


async def test_a_rebalance_while_a_batch_is_taken_apart_loses_nothing() -> None:
    """What was read for the old assignment is read again for the new one."""
    moved: list[Callable[[], None]] = []

    async def rebalanced(consumer: FakeConsumer, tp: TopicPartition, offset: int) -> Part:
        if moved:
            moved.pop()()
            consumer.notice()
            assert consumer.joining
            await consumer.joining
        return await salvage(consumer, tp, offset)

    kafka = filled((0, 4), (1, 2))
    batches, consumer = consuming(kafka, read=rebalanced)
    moved.append(lambda: kafka.rebalance([consumer]))
    taken = await all_of(batches)
    assert sorted(taken) == [
        (partition, offset, (partition, offset) in kafka.undecodable)
        for partition in range(PARTITIONS)
        for offset in range(10)
    ]


async def test_positions_behind_markers_are_committed_too() -> None:
    """Kafka's own markers are no records, but they are offsets."""
    kafka = filled()
    batches, consumer = consuming(kafka)
    await all_of(batches)
    consumer.positions[1] += 1  # as aiokafka does behind the marker of a transaction
    assert (await batches.poll()).offsets == {TopicPartition(INBOX, 1): 11}
    assert (await batches.poll()).offsets == {}


class Deaf(Raising):
    """Its fetching has died, and it does not say so."""

    async def getmany(self, *only: Any, **named: Any) -> Any:
        await super().getmany(*only, **named)
        self.positions = dict.fromkeys(self.positions, 0)
        return {}


@pytest.mark.parametrize("records", [True, False])
async def test_a_client_that_sends_nothing_though_there_is_more_ends_the_process(
    records: bool,  # noqa: FBT001 - both cases
) -> None:
    seconds = [0.0]
    kafka = filled() if records else FakeKafka(INBOX)
    consumer = Deaf(kafka, Open())
    batches = BatchConsumer(5, Progress(lambda: seconds[0]), None, salvage)
    batches.use(consumer)
    listener: Any = Listening(batches)
    consumer.listener = listener
    kafka.rebalance([consumer])
    with pytest.raises(Stalled) if records else nullcontext() as found:
        for _ in range(20):
            await batches.poll()
            await batches.ask(NOW)
            seconds[0] += 6
    if records:
        assert f"{INBOX}/0/0" in str(found)
        assert 60 < seconds[0] < 80


async def test_kafka_is_heard_by_a_clock_that_is_never_put_back() -> None:
    seconds = [0.0]
    progress = Progress(lambda: seconds[0])
    assert progress.age() == float("inf")
    progress.heard(NOW)
    seconds[0] = 20.0
    assert progress.age() == 20.0


async def test_a_partition_that_is_lost_takes_no_other_ones_place_with_it() -> None:
    kafka = filled()
    batches, consumer = consuming(kafka)
    offsets = {TopicPartition(INBOX, partition): 5 for partition in range(PARTITIONS)}
    await batches.poll()
    del consumer.positions[2]
    await batches.commit(offsets)
    assert [kafka.committed[partition] for partition in range(PARTITIONS)] == [5, 5, 0]
