"""Topics: each service makes its own alone, as many brokers keep them as confirm them but one."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import pytest
from aiokafka.admin.config_resource import ConfigResourceType
from typer.testing import CliRunner

from cli.endpoints import Endpoints
from cli.main import app
from services.manifests import MANIFESTS
from shared import starting
from shared.contracts import catalogue
from shared.kafka import topics
from shared.kafka.connection import Connection
from shared.kafka.rights import Operation, Rights
from shared.publishers import NOBODY, Publisher, Publishers
from shared.settings import PARTITIONS, Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from aiokafka.admin import NewTopic

IN_SYNC: Final = "min.insync.replicas"


@dataclass
class Kafka:
    """Makes what it is asked for, and says how it is."""

    made: dict[str, NewTopic] = field(default_factory=dict)
    replicas: int = 1
    partitions: int = PARTITIONS

    def topic(self, name: str) -> str:
        return name

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[Kafka]:
        yield self

    async def list_topics(self) -> list[str]:
        return [*self.made]

    async def create_topics(self, new: Sequence[NewTopic]) -> Any:
        self.made |= {topic.name: topic for topic in new}
        return SimpleNamespace(topic_errors=[(topic.name, 0, None) for topic in new])

    async def describe_topics(self, names: Sequence[str]) -> list[dict[str, Any]]:
        replicas = {"replicas": [*range(self.replicas)]}
        return [
            {"topic": name, "partitions": [replicas] * self.made[name].num_partitions}
            for name in names
        ]

    async def describe_configs(self, resources: Sequence[Any]) -> list[Any]:
        found = [
            (
                0,
                "",
                ConfigResourceType.TOPIC,
                one.name,
                [*self.made[one.name].topic_configs.items()],
            )
            for one in resources
        ]
        return [SimpleNamespace(resources=found)]


class Anything:
    """Prepares whatever else there is."""

    async def prepare(self) -> None:
        pass

    async def start(self) -> None:
        pass


async def started(service: str, publishers: Publishers = NOBODY) -> set[str]:
    """The topics that a service makes where there are none."""
    kafka, nothing, manifest = Kafka(), Anything(), MANIFESTS[service]
    settings: Any = SimpleNamespace(**{**dict(Settings()), "publishers": publishers})
    parts: Any = SimpleNamespace(settings=settings, journal=nothing, publisher=nothing)
    made: Any = SimpleNamespace(
        manifest=manifest, snapshots=nothing, projections=(nothing,), preparing=(nothing.prepare,)
    )
    passed: Any = (kafka, nothing)
    await starting._make(made, parts, *passed)
    return set(kafka.made)


@pytest.mark.parametrize("service", MANIFESTS)
async def test_a_service_makes_its_own_topics_and_none_of_anothers(service: str) -> None:
    types = tuple(MANIFESTS[service].inbox)
    region = Publisher(name="region", sources=("urn:region",), types=types, coalitions=("*",))
    inboxes = {f"coalition.{service}.inbox.v1.region"} if types else set()
    made = await started(service, Publishers(publisher=(region,)))
    assert made == {*catalogue.topics(service), *inboxes}
    assert all(name.startswith(f"coalition.{service}.") for name in made)


def test_nobody_has_the_right_to_make_another_topic() -> None:
    """Where Kafka asks, an operator makes all of them."""
    table = Rights(Connection("localhost:9092"), MANIFESTS.values()).table()
    granted: set[Operation] = {right.operation for right in table}
    assert granted == {"Read", "Write", "Describe", "DescribeConfigs"}


@pytest.mark.parametrize(("replication", "in_sync"), [(1, 1), (2, 1), (3, 2), (5, 4)])
async def test_a_topic_is_made_with_both_settings_that_go_together(
    replication: int, in_sync: int
) -> None:
    kafka: Any = Kafka()
    await topics.create_topics(kafka, ["plans"], replication)
    for topic in kafka.made.values():
        assert topic.replication_factor == replication
        assert topic.topic_configs[IN_SYNC] == str(in_sync)
    kafka.replicas = replication
    assert await topics.weak(kafka, [*kafka.made]) == []


async def test_where_they_do_not_go_together_an_operator_is_advised() -> None:
    kafka: Any = Kafka()
    await topics.create_topics(kafka, ["plans"])
    kafka.replicas = 3
    inbox = catalogue.inbox("plans")
    assert f"{inbox} is on 3 brokers with {IN_SYNC}=1, not 2" in await topics.weak(kafka, [inbox])


async def test_a_topic_is_made_with_as_many_partitions_as_are_set_and_others_are_named() -> None:
    kafka: Any = Kafka(partitions=6)
    await topics.create_topics(kafka, ["plans"])
    assert {topic.num_partitions for topic in kafka.made.values()} == {6}
    assert await topics.differences(kafka, [*kafka.made], 6) == []
    inbox = catalogue.inbox("plans")
    assert await topics.differences(kafka, [inbox], 8) == [f"{inbox} has 6 partitions, not 8"]


def test_services_and_the_command_line_take_them_from_one_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COALITION_PARTITIONS", "6")
    assert Connection.of(Settings(), "plans").partitions == 6
    assert Endpoints().connection().partitions == 6
    shown = CliRunner().invoke(app, ["topics", "--json"])
    assert {topic["partitions"] for topic in json.loads(shown.stdout)} == {6}
