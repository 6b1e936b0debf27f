"""Kafka: an idempotent producer that packs records into batches."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import lru_cache
from random import choice
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog
from aiokafka.errors import (
    BrokerResponseError,
    InvalidTimestampError,
    KafkaConnectionError,
    KafkaError,
)
from aiokafka.partitioner import DefaultPartitioner

from shared import cloudevents
from shared.kafka.topics import MAX_RECORD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiokafka import AIOKafkaProducer

    from shared.cloudevents import Envelope, Headers
    from shared.kafka.connection import Connection

log = structlog.get_logger()

_WINDOW: Final = 2000
"""Records on their way at once, so that a huge batch does not fill the memory."""
_PLACES: Final = 50_000
"""Keys whose partition is kept in mind: the hash is pure Python and dear."""
_STOP_SECONDS: Final = 5


class Outgoing(NamedTuple):
    """A record to be produced."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers

    @classmethod
    def forwarded(cls, topic: str, envelope: Envelope) -> Outgoing:
        """Somebody's event, put on a topic as it is."""
        return cls(topic, envelope.key, envelope.data, cloudevents.headers_of(envelope))


class NotDelivered(KafkaError):  # type: ignore[misc]  # aiokafka has no types
    """Kafka did not confirm all records in time, or refused some.

    Attributes:
        delivered: how many of the records Kafka has for certain, counted from the first.
        unsure: whether Kafka may have others of them, now or when it is back.
    """

    def __init__(self, message: str, *, delivered: int, unsure: bool) -> None:
        super().__init__(message)
        self.delivered = delivered
        self.unsure = unsure


class Publisher:
    """An idempotent producer (`acks=all`) that packs records into batches and waits once for all.

    A batch that was refused or not confirmed leaves a gap in the sequence by which Kafka tells
    repeats, and aiokafka never closes it: every later batch of that partition would be refused as
    out of order. So after a failure the next records go through a new producer, while the old one
    still tries to deliver what it holds.

    Args:
        kafka: where Kafka is.
        seconds: how long to wait for Kafka to confirm some thousand records.
    """

    def __init__(self, kafka: Connection, seconds: float = 60) -> None:
        self._kafka = kafka
        self._seconds = seconds
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self._retired: set[asyncio.Task[None]] = set()
        self._place = lru_cache(_PLACES)(DefaultPartitioner())

    async def start(self) -> None:
        """Connect; whoever does not, connects with the first records.

        Raises:
            aiokafka.errors.KafkaConnectionError: Kafka does not answer.
        """
        try:
            async with asyncio.timeout(self._seconds):
                await self._started()
        except TimeoutError as error:
            raise KafkaConnectionError(f"Kafka gave no answer in {self._seconds:g} s") from error

    async def stop(self) -> None:
        """Disconnect; what was not confirmed yet is given a few seconds."""
        self._retire(self._producer)
        if self._retired:
            _, left = await asyncio.wait(self._retired, timeout=_STOP_SECONDS)
            for task in left:
                log.warning("producer_left", reason="Kafka does not confirm what it was sent")
                task.cancel()

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Produce records, in order for each key, and return when Kafka has them all.

        Raises:
            NotDelivered: Kafka refused one or gave no answer in time.
        """
        for start in range(0, len(records), _WINDOW):
            await self._send(records[start : start + _WINDOW], before=start)

    async def _send(self, records: Sequence[Outgoing], before: int) -> None:
        producer, sent = None, False
        try:
            async with asyncio.timeout(self._seconds):
                producer = await self._started()
                placed = await self._placed(producer, records)
                sent = True
                await asyncio.gather(*(_deliver(producer, *item) for item in placed.items()))
        except (KafkaError, TimeoutError) as error:
            self._retire(producer)
            unsure = sent and (len(records) > 1 or not _is_refusal(error))
            raise NotDelivered(self._why(error), delivered=before, unsure=unsure) from error

    def _why(self, error: Exception) -> str:
        if isinstance(error, InvalidTimestampError):
            return (
                f"Kafka refused the records' time. This machine's clock says "
                f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, and Kafka's differs by more than the "
                "topic's message.timestamp.after.max.ms (an hour by default) or "
                "message.timestamp.before.max.ms: set the clocks right"
            )
        if isinstance(error, TimeoutError):
            return f"Kafka gave no answer in {self._seconds:g} s"
        return f"Kafka {'refused a record' if _is_refusal(error) else 'does not answer'}: {error!r}"

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = self._kafka.producer(
                    max_request_size=MAX_RECORD, max_batch_size=128 * 1024
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    def _retire(self, producer: AIOKafkaProducer | None) -> None:
        """Have a producer deliver what it holds and end, while the next one takes its place."""
        if producer is None or self._producer != producer:
            return
        self._producer = None
        task: asyncio.Task[None] = asyncio.create_task(producer.stop())
        self._retired.add(task)
        task.add_done_callback(self._retired.discard)

    async def _placed(
        self, producer: AIOKafkaProducer, records: Sequence[Outgoing]
    ) -> dict[tuple[str, int], list[Outgoing]]:
        """The records by topic and partition, as Java's client would place them by their key."""
        names = {record.topic: self._kafka.topic(record.topic) for record in records}
        partitions = {
            topic: tuple(sorted(await producer.partitions_for(name)))
            for topic, name in names.items()
        }
        placed: dict[tuple[str, int], list[Outgoing]] = {}
        for record in records:
            there = partitions[record.topic]
            partition = choice(there) if record.key is None else self._place(record.key, there, ())  # noqa: S311 - not a secret
            placed.setdefault((names[record.topic], partition), []).append(record)
        return placed


def _is_refusal(error: Exception) -> bool:
    """Whether Kafka itself said no, for good."""
    return isinstance(error, BrokerResponseError) and not error.retriable


async def _deliver(
    producer: AIOKafkaProducer, where: tuple[str, int], records: Sequence[Outgoing]
) -> None:
    """Fill batches ourselves: a future for each batch, where `send` makes one for each record."""
    topic, partition = where
    batch, sent = producer.create_batch(), []
    for record in records:
        while not batch.append(
            timestamp=None, key=record.key, value=record.value, headers=record.headers
        ):
            sent.append(await producer.send_batch(batch, topic, partition=partition))
            batch = producer.create_batch()
    sent.append(await producer.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*sent)
