"""What each service declares to FastStream: how it reads, and that it reads what is documented."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest
from faststream import AckPolicy

from cli.client import GROUPS
from cli.contracts import generate
from services import manifests
from shared.contracts import catalogue
from shared.contracts.membership import CitySigned
from shared.contracts.plans import PlanPublished
from shared.kafka.connection import Connection
from shared.publishers import NOBODY, Publisher, Publishers

SERVICES = tuple(manifests.MANIFESTS)


def declared(service: str, kafka: Connection, publishers: Publishers = NOBODY) -> Any:
    """The one subscriber that a service's broker has."""
    broker = kafka.broker()
    subscribe = importlib.import_module(f"services.{service}.subscribers").subscribe
    listener: Any = object()
    returned = subscribe(broker, kafka, listener, publishers)
    (subscriber,) = broker.subscribers
    assert returned is subscriber
    assert subscriber._listener is listener  # noqa: SLF001 - FastStream shows it nowhere else
    return subscriber


@pytest.mark.parametrize("service", SERVICES)
async def test_only_the_engine_fetches_and_commits(service: str) -> None:
    subscriber = declared(service, Connection("localhost:9092"))
    assert not subscriber.calls, "a handler would have FastStream fetch, and pass over errors"
    assert subscriber.ack_policy is AckPolicy.MANUAL, "state it: the default loses records"
    options = subscriber._connection_args  # noqa: SLF001 - likewise
    assert options["enable_auto_commit"] is False
    assert options["isolation_level"] == "read_committed"
    assert options["auto_offset_reset"] == "none", "a gap must raise, not be passed over"
    assert subscriber.specification.description


@pytest.mark.parametrize("service", SERVICES)
async def test_groups_and_topics_are_those_of_the_contracts(service: str) -> None:
    subscriber = declared(service, Connection("localhost:9092"))
    assert subscriber.group_id == f"coalition.{service}"
    assert set(subscriber.topic_names) == set(GROUPS[subscriber.group_id])
    document = json.loads((generate.CONTRACTS / "asyncapi.json").read_text())
    channels = {channel["address"] for channel in document["channels"].values()}
    undocumented = set(subscriber.topic_names) - channels
    told_nothing = set() if manifests.MANIFESTS[service].inbox else {catalogue.inbox(service)}
    assert undocumented == {catalogue.self_topic(service), *told_nothing}
    receives = {
        operation["channel"]["$ref"].rsplit("/", 1)[1]
        for operation in document["operations"].values()
        if operation["action"] == "receive"
    }
    assert (f"{service}.inbox" in receives) == bool(manifests.MANIFESTS[service].inbox)


async def test_the_inboxes_of_those_publishers_are_read_who_may_say_something_there() -> None:
    def publisher(name: str, *types: str) -> Publisher:
        return Publisher(name=name, sources=(f"urn:{name}",), types=types, coalitions=("*",))

    publishers = Publishers(
        publisher=(publisher("berlin", CitySigned.type), publisher("paris", PlanPublished.type))
    )
    for service, names in (("membership", {"berlin"}), ("plans", {"paris"}), ("notifications", {})):
        subscriber = declared(service, Connection("localhost:9092", prefix="p"), publishers)
        without = declared(service, Connection("localhost:9092", prefix="p"))
        more = set(subscriber.topic_names) - set(without.topic_names)
        assert more == {f"p.{service}.inbox.v1.{name}" for name in names}


@pytest.mark.parametrize("service", SERVICES)
async def test_an_installation_with_a_prefix_has_its_own_topics_and_group(service: str) -> None:
    subscriber = declared(service, Connection("localhost:9092", prefix="second"))
    names = [*subscriber.topic_names, subscriber.group_id]
    assert all(name.startswith("second.") for name in names), names
