"""The way in and out of Kafka: topics, FastStream's consumer, a pipelined producer."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from random import choice
from typing import TYPE_CHECKING, Final, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError
from aiokafka.partitioner import DefaultPartitioner
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from shared import cloudevents
from shared.contracts import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from aiokafka import ConsumerRebalanceListener, ConsumerRecord
    from faststream.kafka.subscriber.usecase import LogicSubscriber

    from shared.cloudevents import Envelope, Headers
    from shared.contracts.base import Event
    from shared.journal import Entry, Published

REPLAY_HEADER: Final = "coalition-replay-of"
"""Set by an operator's replay to the origin of the rejected record: a new try, not a repetition."""
OURS: Final = "coalition-"
"""The prefix of the headers that we add to a rejected record."""
PARTITIONS: Final = 3
MAX_RECORD: Final = 2 * 1024 * 1024
"""Bytes of a record on `rejected`: any record the inbox took, and the headers that say why not."""
_WINDOW: Final = 2000
"""Records on their way at once, so that a huge batch does not fill the memory."""
_PLACES: Final = 50_000
"""Keys whose partition is kept in mind: the hash is pure Python and dear."""


def source_of(service: str) -> str:
    """The CloudEvents source of what a service publishes."""
    return f"/coalition/{service}"


class Outgoing(NamedTuple):
    """A record to be produced."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers

    @classmethod
    def published(cls, service: str, entry: Entry, published: Published) -> Outgoing:
        """What a service tells the world about an accepted event."""
        event = published.event
        extensions = {
            "subject": event.subject,
            "time": _written(entry.recorded),
            "sequence": str(entry.version),
            "stream": entry.stream,
            "causesource": entry.key.source,
            "causeid": entry.key.id,
        }
        return cls(
            catalogue.events(service),
            event.subject.encode(),
            published.body,
            cloudevents.binary_headers(
                source=source_of(service),
                id_=published.id,
                type_=event.type,
                extensions=extensions,
            ),
        )

    @classmethod
    def told(cls, service: str, event: Event, id_: str) -> Outgoing:
        """What a service says to its own inbox, under an id made of the cause."""
        return cls(
            catalogue.inbox(service),
            event.subject.encode(),
            event.model_dump_json(exclude_none=True).encode(),
            cloudevents.binary_headers(
                source=source_of(service),
                id_=id_,
                type_=event.type,
                extensions={"subject": event.subject},
            ),
        )

    @classmethod
    def forwarded(cls, topic: str, envelope: Envelope) -> Outgoing:
        """Somebody's event, put on a topic as it is."""
        return cls(topic, envelope.key, envelope.data, cloudevents.headers_of(envelope))


@lru_cache(8)
def _written(moment: datetime) -> str:
    """A time in RFC 3339; all entries of a batch share it."""
    return moment.isoformat()


def rejected_record(service: str, record: ConsumerRecord, entry: Entry) -> Outgoing:
    """The original record with the reason beside it; readers tell repeats by the origin."""
    kept = [(k, v if v is not None else b"") for k, v in record.headers if not k.startswith(OURS)]
    reason = entry.reason.encode()[:2000]
    ours = [
        ("coalition-rejected-code", entry.code.encode()),
        ("coalition-rejected-reason", reason),
        ("coalition-rejected-origin", str(entry.origin).encode()),
        ("coalition-rejected-at", entry.recorded.isoformat().encode()),
    ]
    return Outgoing(catalogue.rejected(service), record.key, record.value, [*kept, *ours])


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


def subscriber(
    broker: KafkaBroker, topics: Iterable[str], *, group: str, listener: ConsumerRebalanceListener
) -> LogicSubscriber[object]:
    """Have FastStream build a consumer whose offsets only the engine commits."""
    built: LogicSubscriber[object] = broker.subscriber(
        *topics,
        group_id=group,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        isolation_level="read_committed",
        listener=listener,
    )
    return built


def broker(bootstrap: str, client: str) -> KafkaBroker:
    """FastStream's broker, for consuming only."""
    return KafkaBroker(
        bootstrap.split(","),
        client_id=client,
        consumer_only=True,
        allow_auto_create_topics=False,
        logger=None,
    )


async def create_topics(bootstrap: str, services: Iterable[str], replication: int = 1) -> None:
    """Create the topics of services that are not there yet; partition counts never change."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        wanted = [topic for s in services for topic in _topics(s, replication)]
        missing = [topic for topic in wanted if topic.name not in existing]
        for topic in missing:
            await _create(admin, topic)
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, topic: NewTopic) -> None:
    response = await admin.create_topics([topic])
    for _, code, *_ in response.topic_errors:
        if code not in {0, TopicAlreadyExistsError.errno}:
            msg = f"Kafka did not create {topic.name}: error {code}"
            raise RuntimeError(msg)


def _topics(service: str, replication: int) -> list[NewTopic]:
    keep = {"retention.ms": "-1"}
    large = {**keep, "max.message.bytes": str(MAX_RECORD)}
    return [
        NewTopic(catalogue.inbox(service), PARTITIONS, replication, topic_configs=keep),
        NewTopic(catalogue.events(service), PARTITIONS, replication, topic_configs=keep),
        NewTopic(catalogue.rejected(service), PARTITIONS, replication, topic_configs=large),
    ]
