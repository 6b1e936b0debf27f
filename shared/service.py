"""What a service is made of, and how its process lives: as FastStream's, with HTTP beside it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import structlog

from shared import mongo
from shared.domain.decider import Decider, S
from shared.journal.store import Journal
from shared.kafka.connection import Connection
from shared.kafka.producer import Publisher
from shared.manifest import Manifest
from shared.pipeline.outbound import Reacts
from shared.pipeline.projections import Projection
from shared.pipeline.repository import Lookup
from shared.pipeline.snapshots import Snapshots
from shared.process import Process
from shared.telemetry import configure_logging
from shared.web.health import Condition
from shared.web.metrics import Source

if TYPE_CHECKING:
    from aiokafka import ConsumerRebalanceListener
    from fastapi import APIRouter
    from faststream.kafka import KafkaBroker
    from faststream.kafka.subscriber.usecase import LogicSubscriber
    from pymongo.asynchronous.database import AsyncDatabase

    from shared.settings import Settings

log = structlog.get_logger()

C = TypeVar("C", bound="Settings")

Worker = Callable[[asyncio.Event], Awaitable[None]]
"""Runs beside the engine until the event is set."""
Subscribe = Callable[
    ["KafkaBroker", Connection, "ConsumerRebalanceListener"], "LogicSubscriber[Any]"
]
"""Declares what a service reads; see `services/<name>/subscribers.py`."""

_WEB_SECONDS: Final = 5
"""How long a request waits for Kafka."""


@dataclass(frozen=True, slots=True)
class Parts(Generic[C]):
    """What a service is given to build itself with.

    Attributes:
        publisher: for the engine and what runs beside it; it waits as long as a process may.
        web_publisher: for requests, which are answered within seconds.
    """

    settings: C
    database: AsyncDatabase[dict[str, Any]]
    journal: Journal
    publisher: Publisher
    web_publisher: Publisher


@dataclass(frozen=True, slots=True)
class Service(Generic[S]):
    """One service, wired: what `services/<name>/app.py` builds.

    Attributes:
        manifest: its name and events.
        subscribe: declares that it reads them.
        decider: its rules.
        snapshots: of its aggregates.
        routes: its HTTP, besides what every service has.
        projections: what it keeps for queries besides.
        reactions: what it says to its own inbox because of what it accepted.
        lookups: reads what its rules look at and no journal has, by the kind of its stream.
        workers: what else runs beside the engine.
        preparing: what else must be done before anything is read or asked.
        conditions: what its parts say of themselves in `/readyz`.
        metrics: what they show in `/metrics`, besides what every service shows.
    """

    manifest: Manifest
    subscribe: Subscribe
    decider: Decider[S]
    snapshots: Snapshots[S]
    routes: APIRouter
    projections: Sequence[Projection[S]] = ()
    reactions: Reacts | None = None
    lookups: Mapping[str, Lookup[S]] = field(default_factory=dict)
    workers: Sequence[Worker] = ()
    preparing: Sequence[Callable[[], Awaitable[None]]] = ()
    conditions: Sequence[Callable[[], Condition]] = ()
    metrics: Sequence[Source] = ()


Build = Callable[[Parts[Any]], Service[Any]]


async def run(manifest: Manifest, settings: Settings) -> None:
    """Run a service until SIGTERM or SIGINT; what was begun is finished first.

    Raises:
        Exception: whatever the engine or a worker could not handle; the process shall end with
            it, non-zero and without a commit, and be started again.
    """
    collect_rarely()
    configure_logging(
        manifest.name, level=settings.log_level, as_json=settings.log_format == "json"
    )
    kafka = Connection.of(settings, manifest.name)
    async with AsyncExitStack() as stack:
        client = mongo.connect(settings.mongodb.get_secret_value(), kafka.client)
        stack.push_async_callback(client.close)
        database = client[settings.database or f"coalition_{manifest.name}"]
        publisher = Publisher(kafka, settings.silent_seconds)
        web_publisher = Publisher(kafka, _WEB_SECONDS)
        stack.push_async_callback(publisher.stop)
        stack.push_async_callback(web_publisher.stop)
        parts = Parts(settings, database, Journal(database["journal"]), publisher, web_publisher)
        process = Process(manifest.build()(parts), parts, kafka)
        try:
            await process.app.run()
        finally:
            await process.app.stop()
    process.raise_failure()
    log.info("stopped")


def collect_rarely() -> None:
    """Look for cycles seldom: the engine makes none, and looking is half of what a batch costs."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(1_000_000, 50, 100)
