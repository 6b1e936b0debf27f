"""Finds the record that the client cannot fetch, unpack or decode, and gets past it.

When one partition raises, aiokafka has dropped what it had drained from the others and moved their
positions. So every partition goes back to what was last taken; then each is read one record at a
time, and the batch that raises is taken apart by hand (`shared/kafka/salvage.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final, TypeAlias

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import (
    CorruptRecordException,
    IllegalStateError,
    KafkaError,
    RecordTooLargeError,
    UnsupportedCodecError,
)

from shared.kafka.salvage import Part, Record

log = structlog.get_logger()

Salvage: TypeAlias = Callable[[AIOKafkaConsumer, TopicPartition, int], Awaitable[Part]]

_READ_MS: Final = 2_000
_ROUND_SECONDS: Final = 300
_MOST_IN_VAIN: Final = 3
_OF_A_RECORD: Final = (CorruptRecordException, RecordTooLargeError, UnsupportedCodecError)
"""Among Kafka's errors those that a record is to blame for; a lost connection is not."""


class Bisecting:
    """Reads on where `getmany` has failed.

    Args:
        limit: records to read of each partition at most.
        salvage: reads a batch that the client cannot read.
    """

    def __init__(self, limit: int, salvage: Salvage) -> None:
        self._limit = limit
        self._salvage = salvage
        self._in_vain = 0

    async def read(
        self,
        consumer: AIOKafkaConsumer,
        taken: Mapping[TopicPartition, int],
        epoch: Callable[[], int],
        error: Exception,
    ) -> list[Record]:
        """Read some records of each partition, the one that `getmany` failed at among them.

        Args:
            consumer: whose `getmany` has failed.
            taken: the places behind what was taken; a partition that is not in it was not read
                since it was assigned.
            epoch: counts the revocations; what was read when one came between is read again.
            error: what `getmany` has raised.

        Raises:
            Exception: the error, where no record is to blame or there is no way past it.
            TimeoutError: Kafka does not answer.
        """
        if isinstance(error, KafkaError) and not isinstance(error, _OF_A_RECORD):
            raise error
        log.warning("fetch_failed", error=f"{error!r:.200}", do="each record is read for itself")
        lost = 0
        while True:
            is_ours = partial(_is_same, epoch, epoch())
            try:
                async with asyncio.timeout(_ROUND_SECONDS):
                    await seek_back(consumer, taken)
                    records = await self._each(consumer, is_ours)
            except IllegalStateError:
                # A partition is another's by now; by a revocation that began before, perhaps.
                if (lost := lost + is_ours()) >= _MOST_IN_VAIN:
                    raise
                continue
            if is_ours():
                self._in_vain = 0 if records else self._in_vain + 1
                if self._in_vain < _MOST_IN_VAIN:
                    return records
                raise error

    async def _each(self, consumer: AIOKafkaConsumer, is_ours: Callable[[], bool]) -> list[Record]:
        records: list[Record] = []
        ends = await consumer.end_offsets(sorted(consumer.assignment()))
        for tp, end in ends.items():
            if is_ours():
                records += await self._one_by_one(consumer, tp, end, is_ours)
        return records

    async def _one_by_one(
        self, consumer: AIOKafkaConsumer, tp: TopicPartition, end: int, is_ours: Callable[[], bool]
    ) -> list[Record]:
        """Read a partition up to the batch that raises, with that batch."""
        records: list[Record] = []
        while len(records) < self._limit:
            position = await consumer.position(tp)
            if position >= end or not is_ours():
                break
            try:
                found = await consumer.getmany(tp, timeout_ms=_READ_MS, max_records=1)
            except Exception as error:
                if isinstance(error, KafkaError) and not isinstance(error, _OF_A_RECORD):
                    raise
                part = await self._salvage(consumer, tp, await consumer.position(tp))
                if is_ours():
                    consumer.seek(tp, part.end)
                    records += part.records
                    _log(tp, part)
                break
            if not found and await consumer.position(tp) == position:
                break
            records += found.get(tp, [])
        return records


def _is_same(epoch: Callable[[], int], began: int) -> bool:
    return epoch() == began


async def seek_back(consumer: AIOKafkaConsumer, taken: Mapping[TopicPartition, int]) -> None:
    """Go back to what was last taken, or where nothing was, to what is committed.

    Raises:
        IllegalStateError: a partition was revoked meanwhile.
    """
    for tp in consumer.assignment():
        place = taken[tp] if tp in taken else await consumer.committed(tp)
        if place is None:
            await consumer.seek_to_beginning(tp)
        else:
            consumer.seek(tp, place)


def _log(tp: TopicPartition, part: Part) -> None:
    bad = [record for record in part.records if record.error]
    log.warning(
        "batch_taken_apart",
        topic=tp.topic,
        partition=tp.partition,
        records=len(part.records),
        undecodable=len(bad),
        first=bad[0].offset if bad else None,
        error=bad[0].error if bad else "",
    )
