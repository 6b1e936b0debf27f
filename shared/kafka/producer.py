"""Kafka: an idempotent producer that packs records into batches."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from random import choice
from typing import TYPE_CHECKING, Final, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

from shared import cloudevents
from shared.kafka.topics import MAX_RECORD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.cloudevents import Envelope, Headers


_WINDOW: Final = 2000
"""Records on their way at once, so that a huge batch does not fill the memory."""
_PLACES: Final = 50_000
"""Keys whose partition is kept in mind: the hash is pure Python and dear."""


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


class Publisher:
    """An idempotent producer (`acks=all`) that packs records into batches and waits once for all.

    Args:
        bootstrap: Kafka's addresses, `host:port` with commas between.
    """

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._producer: AIOKafkaProducer | None = None
        self._place = lru_cache(_PLACES)(DefaultPartitioner())

    async def start(self) -> None:
        """Connect."""
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            acks="all",
            enable_idempotence=True,
            max_request_size=MAX_RECORD,
            max_batch_size=128 * 1024,
        )
        try:
            await self._producer.start()
        except BaseException:
            await self._producer.stop()
            raise

    async def stop(self) -> None:
        """Send what is buffered and disconnect."""
        if self._producer:
            await self._producer.stop()

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Produce records, in order for each key, and return when Kafka has them all.

        Raises:
            aiokafka.errors.KafkaError: Kafka did not take one; some of the others may be there.
        """
        if self._producer is None:
            msg = "the publisher is not started"
            raise RuntimeError(msg)
        for start in range(0, len(records), _WINDOW):
            placed = await self._placed(self._producer, records[start : start + _WINDOW])
            await asyncio.gather(*(_deliver(self._producer, *item) for item in placed.items()))

    async def _placed(
        self, producer: AIOKafkaProducer, records: Sequence[Outgoing]
    ) -> dict[tuple[str, int], list[Outgoing]]:
        """The records by topic and partition, as Java's client would place them by their key."""
        topics = {record.topic for record in records}
        partitions = {t: tuple(sorted(await producer.partitions_for(t))) for t in topics}
        placed: dict[tuple[str, int], list[Outgoing]] = {}
        for record in records:
            there = partitions[record.topic]
            partition = choice(there) if record.key is None else self._place(record.key, there, ())  # noqa: S311 - not a secret
            placed.setdefault((record.topic, partition), []).append(record)
        return placed


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
