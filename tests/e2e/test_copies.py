"""Whoever keeps a copy begins it with a snapshot and listens on: it is what the service shows."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from services import manifests
from services.membership.domain import DECIDER as MEMBERSHIP
from services.plans.domain import DECIDER as PLANS
from shared import cloudevents
from shared.contracts import catalogue
from shared.domain.decider import fold
from shared.kafka.group import Group
from shared.kafka.producer import Outgoing
from tests.e2e.region import TITLES, Region, founded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from aiokafka import ConsumerRecord

    from tests.system import System

TOWNS: Final = 60
ROUNDS: Final = 8
DECIDERS: Final[dict[str, Any]] = {"membership": MEMBERSHIP, "plans": PLANS}


def load(region: Region) -> Iterator[Outgoing]:
    """Towns that sign, are admitted and counted, and report on their commitments."""
    number = 0

    def says(service: str, name: str, town: int, **data: Any) -> Outgoing:
        nonlocal number
        number += 1
        member = {"name": f"{region.id} {town}", "country": "DE", "kind": "city"}
        headers = cloudevents.binary_headers(
            source="urn:test:copies",
            id_=f"{region.id}-{number}",
            type_=f"coalition.{service}.{name}.v1",
        )
        body = json.dumps({"coalition": region.id, "member": member, **data}).encode()
        return Outgoing(catalogue.inbox(service), f"{region.id}{town}".encode(), body, headers)

    for town in range(TOWNS):
        yield says("membership", "CitySigned", town, signed="2010")
    for turn in range(ROUNDS):
        for town in range(TOWNS):
            count = {"population": 1000 + turn, "as_of": f"{2011 + turn}"}
            yield says("membership", "PopulationCounted", town, **count)
            more = {"point": turn + 1, "status": "in progress", "as_of": f"{2012 + turn}"}
            yield says("plans", "CommitmentUpdated", town, **more)


@dataclass(slots=True)
class Copy:
    """A copy of one kind of aggregates, as another system would keep it.

    Attributes:
        begun: the sequence of each row with which it began.
        taken: the ids of the events that it took.
    """

    system: System
    service: str
    kind: str
    states: dict[str, Any] = field(default_factory=dict)
    begun: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    async def begin(self, consumer: AIOKafkaConsumer) -> None:
        """Note where the topic ends, and then read how all stand."""
        topic = catalogue.events(self.service)
        partitions = await Group(self.system.parts.connection, "a-copy", [topic]).partitions()
        consumer.assign(partitions)
        for partition, end in (await consumer.end_offsets(partitions)).items():
            consumer.seek(partition, end)
        await self.read()

    async def read(self) -> None:
        """Read how all stand."""
        model = DECIDERS[self.service].states[self.kind]
        async for row in self.rows():
            self.begun[row["stream"]] = row["sequence"]
            self.states[row["stream"]] = model.model_validate(row["state"])

    async def rows(self) -> AsyncIterator[dict[str, Any]]:
        url = f"http://127.0.0.1:{self.system.ports[self.service]}/{self.kind}/snapshot.jsonl"
        async with httpx.AsyncClient(timeout=60) as http, http.stream("GET", url) as answer:
            assert answer.headers["content-type"] == "application/jsonl"
            async for line in answer.aiter_lines():
                yield json.loads(line)

    def take(self, record: ConsumerRecord) -> None:
        """Apply an event, unless the row has it, or it was taken before."""
        envelope = cloudevents.read(record.headers, record.value)
        stream = envelope.extensions["stream"]
        if stream.partition("/")[0] != self.kind or envelope.id in self.taken:
            return
        if envelope.extensions["sequence"] <= self.begun.get(stream, ""):
            return
        self.taken.add(envelope.id)
        event = cloudevents.parse(envelope, manifests.EVENTS)
        self.states[stream] = fold(DECIDERS[self.service], self.states.get(stream), [event])


@pytest.mark.parametrize(("service", "kind"), [("membership", "members"), ("plans", "commitments")])
async def test_a_copy_begun_under_load_is_what_the_service_shows(
    coalition: System, service: str, kind: str
) -> None:
    region = founded(coalition)
    region.tell("plans", "PlanPublished", version=2, commitments=TITLES)
    records = list(load(region))
    third = len(records) // 3
    await coalition.produce(*records[:third])
    copy = Copy(coalition, service, kind)
    async with AIOKafkaConsumer(
        bootstrap_servers=coalition.parts.kafka, isolation_level="read_committed"
    ) as consumer:
        sending = asyncio.create_task(coalition.produce(*records[third : 2 * third]))
        await copy.begin(consumer)
        await sending
        # However quick the service was with the others: these come after the rows.
        await coalition.produce(*records[2 * third :])
        await coalition.settled()
        await listened(consumer, copy)
    assert copy.taken
    shown = Copy(coalition, service, kind)
    await shown.read()
    assert copy.states == shown.states
    assert sum(region.id in stream for stream in shown.states) == TOWNS


async def listened(consumer: AIOKafkaConsumer, copy: Copy) -> None:
    """Take all that there is by now."""
    ends = await consumer.end_offsets(consumer.assignment())
    for partition, end in ends.items():
        while await consumer.position(partition) < end:
            for record in (await consumer.getmany(partition, timeout_ms=1000)).get(partition, []):
                copy.take(record)


async def test_what_is_copied_is_what_is_shown_of_a_member(coalition: System) -> None:
    region = founded(coalition)
    town = {"name": region.id, "country": "DE", "kind": "city"}
    region.tell("membership", "CitySigned", member=town, signed="2010")
    id_ = f"de-city-{region.id}"
    rows = {row["stream"]: row async for row in Copy(coalition, "membership", "members").rows()}
    shown = coalition.request("membership", "GET", f"/members/{id_}").json()
    assert {**rows[f"members/{id_}"]["state"], "coalition_name": None} == {
        **shown,
        "coalition_name": None,
    }
    history = coalition.request("membership", "GET", f"/members/{id_}/history").json()["items"]
    assert rows[f"members/{id_}"]["sequence"] == history[-1]["sequence"]
