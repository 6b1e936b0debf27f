"""The producer on a real Kafka that refuses, and on one that is not there."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import TYPE_CHECKING

import pytest
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError

from cli import kafka as reading
from shared.kafka.connection import Connection
from shared.kafka.producer import NotDelivered, Outgoing, Publisher
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.parts import Parts


@pytest.fixture
async def topic(parts: Parts) -> str:
    name = f"t-{uuid.uuid4().hex}"
    async with parts.connection.admin() as admin:
        await admin.create_topics([NewTopic(name, 1, 1)])
    return name


@pytest.fixture
async def publisher(parts: Parts) -> AsyncIterator[Publisher]:
    made = Publisher(parts.connection, seconds=30)
    yield made
    await made.stop()


async def configure(parts: Parts, topic: str, **settings: str) -> None:
    values = {name.replace("_", "."): value for name, value in settings.items()}
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, configs=values)
    async with parts.connection.admin() as admin:
        await admin.alter_configs([resource])


def record(topic: str, value: bytes = b"{}") -> Outgoing:
    return Outgoing(topic, b"key", value, [])


async def refused(publisher: Publisher, records: list[Outgoing]) -> NotDelivered:
    """Send until Kafka, which hears of a topic's settings a little later, refuses."""
    found: list[NotDelivered] = []

    async def is_refused() -> bool:
        try:
            await publisher.send(records)
        except NotDelivered as error:
            found.append(error)
        return bool(found)

    await eventually(is_refused)
    return found[0]


async def test_what_kafka_refused_costs_no_later_record(
    parts: Parts, topic: str, publisher: Publisher
) -> None:
    await publisher.send([record(topic, b"first")])
    await configure(parts, topic, max_message_bytes="1")
    error = await refused(publisher, [record(topic, b"refused")])
    assert "MessageSizeTooLarge" in str(error)
    assert not error.unsure, "one record that was refused is not there"
    await configure(parts, topic, max_message_bytes="1000000")

    later: list[NotDelivered] = []

    async def is_taken() -> bool:
        try:
            await publisher.send([record(topic, b"last")])
        except NotDelivered as error:
            later.append(error)
            return False
        return True

    await eventually(is_taken)
    assert not [error for error in later if "OutOfOrderSequence" in str(error)]
    values = [found.value for found in await reading.read_all(parts.connection, topic)]
    assert (values[0], values[-1]) == (b"first", b"last")


async def test_of_several_records_a_refusal_leaves_it_open_which_are_there(
    parts: Parts, topic: str, publisher: Publisher
) -> None:
    await configure(parts, topic, max_message_bytes="1")
    error = await refused(publisher, [record(topic), record(topic)])
    assert (error.unsure, error.delivered) == (True, 0)


async def test_a_clock_that_is_not_kafkas_is_named(
    parts: Parts, topic: str, publisher: Publisher
) -> None:
    # What a machine whose clock is behind meets, since no record can be younger than this.
    await configure(parts, topic, message_timestamp_before_max_ms="0")
    error = await refused(publisher, [record(topic)])
    for word in ("clock", "UTC", "message.timestamp.before.max.ms"):
        assert word in str(error)


async def test_kafka_that_is_not_there_has_taken_nothing() -> None:
    publisher = Publisher(Connection("127.0.0.1:9"), seconds=30)
    with pytest.raises(NotDelivered) as told:
        await publisher.send([record("t")])
    assert (told.value.unsure, told.value.delivered) == (False, 0)
    with pytest.raises(KafkaConnectionError):
        await publisher.start()
    await publisher.stop()


async def test_kafka_that_takes_connections_and_says_nothing_is_waited_for_in_bounds() -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    publisher = Publisher(Connection(f"127.0.0.1:{port}"), seconds=0.5)
    began = time.monotonic()
    with pytest.raises(NotDelivered, match=r"no answer in 0\.5 s") as told:
        await publisher.send([record("t")])
    assert not told.value.unsure
    await publisher.stop()
    assert time.monotonic() - began < 30
    server.close()


async def test_a_prefix_stands_in_the_names_of_topics_and_nowhere_else(
    parts: Parts, topic: str
) -> None:
    here = Connection(parts.kafka, prefix="elsewhere")
    assert here.topic("coalition.plans.inbox.v1") == "elsewhere.plans.inbox.v1"
    assert here.topic("elsewhere.plans.inbox.v1") == "elsewhere.plans.inbox.v1"
    assert here.topic(topic) == topic
    assert here.group("plans") == "elsewhere.plans"
    assert parts.connection.topic("coalition.plans.inbox.v1") == "coalition.plans.inbox.v1"
