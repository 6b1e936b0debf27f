"""Kafka: how each of our clients reaches it: addresses, security, time-outs and names."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from faststream.kafka import KafkaBroker
from faststream.kafka.security import parse_security

from shared.kafka.security import Security
from shared.settings import DEFAULT_PREFIX, PARTITIONS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from shared.settings import Settings

_REQUEST_MS: Final = 10_000
"""How long a client waits for one answer of Kafka; three such waits fit into a stop."""


@dataclass(frozen=True, slots=True)
class Connection:
    """What producers, consumers, administrators and FastStream's broker have in common.

    Attributes:
        bootstrap: Kafka's addresses, `host:port` with commas between.
        client: how Kafka names the client in its logs and metrics.
        prefix: replaces the leading `coalition` in the names of topics and groups, so that two
            installations can share one Kafka. It holds no dot.
        security: how to log in and encrypt.
        partitions: what each topic is made with.
    """

    bootstrap: str
    client: str = "coalition"
    prefix: str = DEFAULT_PREFIX
    security: Security = field(default_factory=Security)
    partitions: int = PARTITIONS

    @classmethod
    def of(cls, settings: Settings, service: str) -> Connection:
        """A service's connection, as its settings have it."""
        return cls(
            settings.kafka,
            f"coalition-{service}",
            settings.prefix,
            settings.security,
            settings.partitions,
        )

    def topic(self, name: str) -> str:
        """What a topic of the contracts is called in this installation; twice is harmless."""
        rest = name.removeprefix(f"{DEFAULT_PREFIX}.")
        return name if rest == name else f"{self.prefix}.{rest}"

    def group(self, service: str) -> str:
        """The consumer group of a service."""
        return f"{self.prefix}.{service}"

    def broker(self) -> KafkaBroker:
        """FastStream's broker, for consuming only."""
        return KafkaBroker(
            self.bootstrap.split(","),
            client_id=self.client,
            request_timeout_ms=_REQUEST_MS,
            security=self.security.faststream(),
            consumer_only=True,
            allow_auto_create_topics=False,
            logger=None,
        )

    def producer(self, **more: Any) -> AIOKafkaProducer:  # noqa: ANN401 - aiokafka's options
        """An idempotent producer; not started."""
        return AIOKafkaProducer(**self._options(), **more, acks="all", enable_idempotence=True)

    @asynccontextmanager
    async def consumer(self, **more: Any) -> AsyncIterator[AIOKafkaConsumer]:  # noqa: ANN401 - likewise
        """A consumer that looks things up, and commits only what it is told to."""
        consumer = AIOKafkaConsumer(**self._options(), **more, enable_auto_commit=False)
        try:
            await consumer.start()
            yield consumer
        finally:
            await consumer.stop()

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        """An administrator."""
        admin = AIOKafkaAdminClient(**self._options())
        try:
            await admin.start()
            yield admin
        finally:
            await admin.close()

    @asynccontextmanager
    async def raw_client(self) -> AsyncIterator[AIOKafkaClient]:
        """A client for requests that no other has."""
        client = AIOKafkaClient(**self._options())
        try:
            await client.bootstrap()
            yield client
        finally:
            await client.close()

    def librdkafka(self) -> dict[str, Any]:
        """The same for clients that are made of librdkafka."""
        common = {"bootstrap.servers": self.bootstrap, "client.id": self.client}
        return common | self.security.librdkafka()

    def _options(self) -> dict[str, Any]:
        return {
            "bootstrap_servers": self.bootstrap,
            "client_id": self.client,
            "request_timeout_ms": _REQUEST_MS,
            **parse_security(self.security.faststream()),
        }
