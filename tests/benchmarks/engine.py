"""`make bench`: the plans service beside a bare loop, on the same broker and store, in one run.

The bare loop is what the parts allow: fetch, validate, one write of a document per member, publish,
commit; with no journal, no idempotence and no rules. Quote the ratio, not the rates.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import AsyncMongoClient, UpdateOne
from rich.console import Console
from rich.table import Table

from services.plans.app import build
from services.plans.views import PlansViews
from shared import messaging
from shared.breaker import Breaker
from shared.contracts import catalogue
from shared.contracts.base import MemberRef
from shared.contracts.plans import CommitmentUpdated, PlanPublished
from shared.engine import Engine
from shared.journal import Journal
from shared.messaging import Outgoing, Publisher
from shared.service import Parts as ServiceParts
from shared.service import collect_rarely
from shared.settings import Settings
from tests.conftest import embedded_parts, on_docker
from tests.containers import start
from tests.parts import Parts

SOURCE = "urn:bench"
NOTE = "Office opened, first cases heard, figures to be published in the yearly report of the city."


def members(count: int) -> list[MemberRef]:
    return [MemberRef(name=f"Town {n}", country="DE", kind="city") for n in range(count)]


def update(member: MemberRef, number: int) -> Outgoing:
    event = CommitmentUpdated.model_validate(
        {
            "member": {"id": member.key},
            "point": number % 10 + 1,
            "status": "in progress" if number % 2 else "planned",
            "as_of": "2024-05",
            "note": f"{NOTE} {number}",
        }
    )
    return Outgoing.told("plans", event, str(uuid.uuid4()))


async def create(parts: Parts, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=parts.kafka)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 3, 1)])
    await admin.close()


@contextlib.asynccontextmanager
async def consuming(parts: Parts, topic: str, group: str, **more: Any) -> Any:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=parts.kafka,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await consumer.start()
    consumer.subscribe([topic], **more)
    try:
        yield consumer
    finally:
        await consumer.stop()


async def limit(parts: Parts, publisher: Publisher, database: Any, count: int, batch: int) -> float:
    """The bare loop's rate, in events a second."""
    topic = f"bench-{uuid.uuid4().hex}"
    await create(parts, topic)
    async with consuming(parts, catalogue.inbox("plans"), topic) as consumer:
        done, began = 0, 0.0
        while done < count:
            fetched = await consumer.getmany(timeout_ms=500, max_records=batch)
            began = began or (time.perf_counter() if fetched else 0.0)
            records = [record for records in fetched.values() for record in records]
            if not records:
                continue
            events = [CommitmentUpdated.model_validate_json(r.value) for r in records]
            newest = {event.subject: event for event in events}
            writes = [
                UpdateOne({"_id": k}, {"$set": e.model_dump(mode="json")}, upsert=True)
                for k, e in newest.items()
            ]
            await database["limit"].bulk_write(writes, ordered=False)
            await publisher.send(
                [
                    Outgoing(topic, e.subject.encode(), e.model_dump_json().encode(), [])
                    for e in events
                ]
            )
            await consumer.commit()
            done += len(records)
        return done / (time.perf_counter() - began)


async def ours(parts: Parts, publisher: Publisher, database: Any, count: int, batch: int) -> float:
    """The engine's rate with the plans service's rules and views, in events a second."""
    journal = Journal(database["journal"])
    await journal.prepare()
    service = build(ServiceParts(Settings(), database, journal, publisher))
    await service.views.prepare()
    engine = Engine(
        "plans",
        sources=service.sources,
        decider=service.decider,
        journal=journal,
        views=service.views,
        publisher=publisher,
        breaker=Breaker(database["engine"]),
        batch_size=batch,
    )
    inbox, group = catalogue.inbox("plans"), uuid.uuid4().hex
    async with consuming(parts, inbox, group, listener=engine) as consumer:
        running = asyncio.create_task(engine.run(consumer))
        while not engine.progress.records:  # noqa: ASYNC110 - the engine tells nobody when it has read something
            await asyncio.sleep(0.001)
        began, first = time.perf_counter(), engine.progress.records
        while engine.progress.records < count:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.005)
        engine.stop()
        await running
        return (count - first) / (time.perf_counter() - began)


async def open_all(database: Any, towns: list[MemberRef]) -> None:
    """Give each member its open commitments, as views that the journal has nothing newer for."""
    shape = PlansViews(database).shape
    plan = PlanPublished(coalition="bench", version=1, commitments=("A commitment",) * 10)
    held = [{"point": n, "title": t} for n, t in enumerate(plan.commitments, 1)]
    await database["commitments"].insert_many(
        [
            {
                "_id": town.key,
                "id": town.key,
                "coalition": "bench",
                "member": town.model_dump(),
                "state": "open",
                "plan_version": 1,
                "version": 0,
                "shape": shape,
                "commitments": held,
            }
            for town in towns
        ]
    )


async def bench(parts: Parts, count: int, towns: int) -> dict[str, dict[str, float]]:
    await messaging.create_topics(parts.kafka, ["plans"])
    publisher = Publisher(parts.kafka)
    await publisher.start()
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(parts.mongodb, tz_aware=True)
    names = members(towns)
    await publisher.send([update(names[n % towns], n) for n in range(count)])
    results: dict[str, dict[str, float]] = {}
    for batch in (500, 2000):
        database = client[f"bench_{batch}"]
        await open_all(database, names)
        bare = await limit(parts, publisher, database, count, batch)
        rate = await ours(parts, publisher, database, count, batch)
        results[str(batch)] = {"limit": bare, "ours": rate, "ratio": rate / bare}
    await client.close()
    await publisher.stop()
    return results


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--events", type=int, default=30_000)
    words.add_argument("--members", type=int, default=3_000)
    asked = words.parse_args()
    collect_rarely()
    with tempfile.TemporaryDirectory() as folder:
        where = start() if on_docker() else embedded_parts(Path(folder))
        with where as parts:
            results = uvloop.run(bench(parts, asked.events, asked.members))
    table = Table("Batch", "Bare loop /s", "Ours /s", "Ratio", title=f"{asked.events} events")
    for batch, row in results.items():
        table.add_row(batch, f"{row['limit']:.0f}", f"{row['ours']:.0f}", f"{row['ratio']:.2f}")
    Console().print(table)
    Path(".coalition").mkdir(exist_ok=True)
    Path(".coalition/bench.json").write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
