"""Kafka comes back under another address: whoever keeps to the old one is started anew."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from cli.client import GROUPS
from shared.kafka import topics
from shared.kafka.connection import Connection
from shared.kafka.group import Group
from shared.kafka.producer import Publisher
from tests.containers import free_port, kafka_container
from tests.faults.fleet import Fleet
from tests.faults.proxy import proxy
from tests.inbox import record
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.world import World

pytestmark = pytest.mark.faults

DATA: Final = "/var/lib/kafka/data"


@contextmanager
def kafka_on(port: int, volume: str) -> Iterator[None]:
    """A Kafka that advertises this port, on data that it may share with one before it."""
    container = kafka_container(
        port, KAFKA_LOG_DIRS=DATA, KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS="1000"
    )
    with container.with_volume_mapping(volume, DATA, "rw"):
        yield


@contextmanager
def volume() -> Iterator[str]:
    name = f"coalition-test-{uuid.uuid4().hex[:8]}"
    yield name
    kafka_container(free_port()).get_docker_client().client.volumes.get(name).remove()


async def found(kafka: Connection, name: str) -> None:
    publisher = Publisher(kafka)
    try:
        await publisher.send([record("CoalitionFounded", {"coalition": name, "name": name})])
    finally:
        await publisher.stop()


async def test_a_service_finds_kafka_again_under_another_address(world: World) -> None:
    bootstrap, one, two = (free_port() for _ in range(3))
    parts = replace(world.parts, kafka=f"127.0.0.1:{bootstrap}")
    settings = {"COALITION_SILENT_SECONDS": "10", "COALITION_STOP_SECONDS": "5"}
    with volume() as data:
        async with (
            proxy(bootstrap, one) as entrance,
            Fleet(world, "membership", parts, settings) as fleet,
        ):
            with kafka_on(one, data):
                await topics.create_topics(Connection(f"localhost:{one}"), ["membership", "plans"])
                await fleet.scale(1)
                await fleet.ready()
                await found(Connection(f"localhost:{one}"), "before")
                await eventually(lambda: committed(Connection(f"localhost:{one}")))
            entrance.target = two
            with kafka_on(two, data):
                await found(Connection(f"localhost:{two}"), "after")
                await eventually(lambda: committed(Connection(f"localhost:{two}")), 180)
                await fleet.ready()
                assert fleet.failures >= 1, "it was started anew"
                await fleet.scale(0)
    entries = await world.stored("membership", "journal")
    assert {entry["stream"] for entry in entries} == {"coalitions/before", "coalitions/after"}


async def committed(kafka: Connection) -> bool:
    """Whether membership has committed all that there is."""
    group = Group(kafka, "coalition.membership", GROUPS["coalition.membership"])
    partitions = await group.partitions()
    done, extents = await group.committed(partitions), await group.extents(partitions)
    return all(done[tp].offset == extents[tp].end for tp in partitions)
