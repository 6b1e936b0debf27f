"""A Kafka and a store of its own for one scenario, that can be killed, and what they hold."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, KafkaError
from pymongo import AsyncMongoClient

from cli.client import GROUPS
from shared.kafka.producer import Outgoing, Publisher
from shared.settings import PARTITIONS
from tests import containers
from tests.parts import Parts, eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path
    from typing import Self

    from pymongo.asynchronous.database import AsyncDatabase
    from testcontainers.core.container import DockerContainer

SETTLE_SECONDS: Final = 240


@dataclass(slots=True)
class World:
    """Where one scenario takes place.

    Attributes:
        parts: the addresses of Kafka, the store and SMTP.
        logs: a folder for the services' output.
        session_ms: how soon Kafka gives up a silent consumer.
        proxied: the port that Kafka advertises to those who come through a proxy, and the port
            that the proxy leads to.
        containers: by name, `kafka` and `mongo`; none on the embedded lane.
        admin: an administrator's connection to Kafka, while `connected`.
        reader: a consumer that belongs to no group, while `connected`.
    """

    parts: Parts
    logs: Path
    session_ms: int
    proxied: tuple[int, int] = (0, 0)
    containers: dict[str, DockerContainer] = field(default_factory=dict)
    admin: AIOKafkaAdminClient = field(init=False)
    reader: AIOKafkaConsumer = field(init=False)

    async def kill(self, *names: str) -> None:
        """Kill parts with -9."""
        for name in names:
            await asyncio.to_thread(self.containers[name].get_wrapped_container().kill)

    async def revive(self, *names: str) -> None:
        """Start killed parts again, on the same ports and data."""
        for name in names:
            await asyncio.to_thread(self.containers[name].get_wrapped_container().start)

    def pause(self, *names: str) -> None:
        """Freeze parts: they keep their connections and answer nothing."""
        for name in names:
            self.containers[name].get_wrapped_container().pause()

    def unpause(self, *names: str) -> None:
        """Let frozen parts go on."""
        for name in names:
            self.containers[name].get_wrapped_container().unpause()

    # --- Kafka --------------------------------------------------------------------------

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Self]:
        """Keep one connection for all that is asked: what opens many, loses one now and then."""
        self.admin = AIOKafkaAdminClient(bootstrap_servers=self.parts.kafka)
        self.reader = AIOKafkaConsumer(bootstrap_servers=self.parts.kafka, enable_auto_commit=False)
        try:
            await self.admin.start()
            await self.reader.start()
            yield self
        finally:
            await self.reader.stop()
            await self.admin.close()

    async def produce(self, records: Sequence[Outgoing]) -> None:
        """Send records as an outside producer does, which waits while Kafka is down."""

        async def connected() -> bool:
            try:
                await publisher.start()
            except KafkaConnectionError:
                await publisher.stop()
                return False
            return True

        publisher = Publisher(self.parts.connection)
        await eventually(connected)
        try:
            await publisher.send(records)
        finally:
            await publisher.stop()

    async def committed(self, service: str) -> dict[TopicPartition, int]:
        """The offsets that a service has committed."""
        offsets = await self.admin.list_consumer_group_offsets(f"coalition.{service}")
        return {tp: meta.offset for tp, meta in offsets.items() if meta.offset >= 0}

    async def lag(self, service: str) -> int:
        """How many records a service has still to commit."""
        done = await self.committed(service)
        ends = await self.reader.end_offsets(await self._partitions(service))
        return sum(end - done.get(tp, 0) for tp, end in ends.items())

    async def _partitions(self, service: str) -> list[TopicPartition]:
        described = await self.admin.describe_topics(list(GROUPS[f"coalition.{service}"]))
        return [
            TopicPartition(topic["topic"], partition["partition"])
            for topic in described
            for partition in topic["partitions"]
        ]

    async def size(self, topic: str) -> int:
        """How many records a topic has taken."""
        partitions = [TopicPartition(topic, n) for n in range(PARTITIONS)]
        return sum((await self.reader.end_offsets(partitions)).values())

    async def read_down(self, service: str, to: int = 0) -> None:
        """Wait until a service has no more than so many records before it."""

        async def little_left() -> bool:
            try:
                return await self.lag(service) <= to
            except (KafkaError, TimeoutError):
                return False  # Kafka may be what is broken

        await eventually(little_left, SETTLE_SECONDS)

    async def configure(self, topic: str, **settings: str) -> None:
        """Change a topic's settings; the others return to their defaults."""
        values = {name.replace("_", "."): value for name, value in settings.items()}
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, configs=values)
        await self.admin.alter_configs([resource])

    async def rewind(self, service: str) -> None:
        """Set all offsets of a service that is down to zero."""

        async def took() -> bool:
            try:
                await consumer.commit(dict.fromkeys(partitions, 0))
            except KafkaError:
                return False  # the last member has not gone yet
            return True

        partitions = await self._partitions(service)
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.parts.kafka,
            group_id=f"coalition.{service}",
            enable_auto_commit=False,
        )
        try:
            await consumer.start()
            consumer.assign(partitions)
            await eventually(took)
        finally:
            await consumer.stop()

    # --- the store ----------------------------------------------------------------------

    @asynccontextmanager
    async def database(self, service: str) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
        """A service's own database."""
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            self.parts.mongodb, tz_aware=True, serverSelectionTimeoutMS=3000
        )
        async with client:
            yield client[f"coalition_{service}"]

    async def stored(self, service: str, collection: str) -> list[dict[str, Any]]:
        """All documents of a collection."""
        async with self.database(service) as database:
            return [document async for document in database[collection].find()]


@contextmanager
def in_containers(logs: Path) -> Iterator[World]:
    """A new Kafka and a new store, each in a container."""
    port, proxy, behind, store = (containers.free_port() for _ in range(4))
    kafka = containers.kafka_container(
        port,
        KAFKA_LISTENERS=f"PLAINTEXT://:{port},PROXIED://:{behind},CONTROLLER://:9093",
        KAFKA_ADVERTISED_LISTENERS=f"PLAINTEXT://localhost:{port},PROXIED://127.0.0.1:{proxy}",
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP=(
            "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT"
        ),
        KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS="1000",
    ).with_bind_ports(behind, behind)
    mongo = containers.mongo_container(store)
    with ExitStack() as stack:
        stack.enter_context(kafka)
        stack.enter_context(mongo)
        uri = f"mongodb://127.0.0.1:{store}/?directConnection=true"
        containers.initiate(uri)
        parts = Parts(f"localhost:{port}", uri, "localhost", 9, "")
        yield World(parts, logs, 3000, (proxy, behind), {"kafka": kafka, "mongo": mongo})


def through(world: World, *, kafka: int | None = None, mongo: int | None = None) -> Parts:
    """The parts as seen through proxies on these ports."""
    parts = world.parts
    if kafka:
        parts = replace(parts, kafka=f"127.0.0.1:{kafka}")
    if mongo:
        parts = replace(parts, mongodb=f"mongodb://127.0.0.1:{mongo}/?directConnection=true")
    return parts
