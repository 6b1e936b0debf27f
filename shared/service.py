"""What a service is made of, and how its one process runs: engine, HTTP, and its own workers."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic

import structlog
import uvicorn
from aiokafka.errors import KafkaConnectionError
from pymongo.errors import ConnectionFailure
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from shared import mongo
from shared.domain.decider import Decider, S
from shared.journal.store import Journal
from shared.kafka import connection, topics
from shared.kafka.producer import Publisher
from shared.pipeline.breaker import Breaker
from shared.pipeline.engine import Engine, Reactions
from shared.pipeline.inbound import Source
from shared.pipeline.rebuild import Rebuild
from shared.pipeline.snapshots import Views
from shared.telemetry import configure_logging
from shared.web import app as web
from shared.web import operating
from shared.web.health import Condition

if TYPE_CHECKING:
    from fastapi import APIRouter
    from pymongo.asynchronous.database import AsyncDatabase

    from shared.settings import Settings

log = structlog.get_logger()

Worker = Callable[[asyncio.Event], Awaitable[None]]
"""Runs beside the engine until the event is set."""

_START_SECONDS = 60
"""How long a starting service waits for Kafka and its store before it gives up."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a service is given to build itself with."""

    settings: Settings
    database: AsyncDatabase[dict[str, Any]]
    journal: Journal
    publisher: Publisher


@dataclass(frozen=True, slots=True)
class Service(Generic[S]):
    """One service, wired: what `services/<name>/app.py` builds.

    Attributes:
        sources: the topics it reads.
        decider: its rules.
        views: what its queries read.
        routes: its HTTP, besides what every service has.
        reactions: what it tells its own inbox because of what it accepted.
        workers: what else runs beside the engine.
        conditions: what its parts say of themselves in `/readyz`.
    """

    name: str
    sources: Sequence[Source]
    decider: Decider[S]
    views: Views[S]
    routes: APIRouter
    reactions: Reactions | None = None
    workers: Sequence[Worker] = ()
    conditions: Sequence[Callable[[], Condition]] = ()


Build = Callable[[Parts], Service[Any]]


async def run(name: str, build: Build, settings: Settings) -> None:
    """Run a service until SIGTERM or SIGINT; what was begun is finished first.

    Raises:
        Exception: whatever the engine or a worker could not handle; the process shall end with
            it, non-zero and without a commit, and be started again.
    """
    collect_rarely()
    configure_logging(name, level=settings.log_level, as_json=settings.log_format == "json")
    async with AsyncExitStack() as stack:
        client = mongo.connect(settings.mongodb.get_secret_value(), f"coalition-{name}")
        stack.push_async_callback(client.close)
        database = client[settings.database or f"coalition_{name}"]
        publisher = Publisher(settings.kafka)
        parts = Parts(settings, database, Journal(database["journal"]), publisher)
        service = build(parts)
        await _prepare(service, parts)
        await publisher.start()
        stack.push_async_callback(publisher.stop)
        await _serve(service, parts)


def collect_rarely() -> None:
    """Look for cycles seldom: the engine makes none, and looking is half of what a batch costs."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(1_000_000, 50, 100)


@retry(
    retry=retry_if_exception_type((KafkaConnectionError, ConnectionFailure)),
    wait=wait_exponential_jitter(multiplier=0.2, max=3),
    stop=stop_after_delay(_START_SECONDS),
    reraise=True,
)
async def _prepare(service: Service[S], parts: Parts) -> None:
    owners = {source.topic.split(".")[1] for source in service.sources} | {service.name}
    settings = parts.settings
    await topics.create_topics(settings.kafka, sorted(owners), settings.replication)
    await parts.journal.prepare()
    await service.views.prepare()


async def _serve(service: Service[S], parts: Parts) -> None:
    settings, notes = parts.settings, parts.database["engine"]
    breaker = Breaker(notes, settings.rejected_window, settings.rejected_share)
    rebuild = Rebuild(service.decider, parts.journal, service.views, notes)
    engine = Engine(
        service.name,
        sources=service.sources,
        decider=service.decider,
        journal=parts.journal,
        views=service.views,
        publisher=parts.publisher,
        breaker=breaker,
        reactions=service.reactions,
        batch_size=settings.batch_size,
        cache_size=settings.cache_size,
    )
    app = web.build(
        service.name,
        parts.journal,
        parts.publisher,
        engine.progress,
        settings,
        service.conditions,
    )
    app.include_router(operating.routes(breaker, rebuild, settings))
    app.include_router(service.routes)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.http_host,
            port=settings.http_port,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
    )
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_, stopping.set)
    async with asyncio.TaskGroup() as group:
        group.create_task(_consume(service, engine, settings, stopping))
        group.create_task(_answer(server, stopping))
        for worker in (rebuild.work, *service.workers):
            group.create_task(_coroutine(worker, stopping))
        await stopping.wait()
        log.info("stopping")
        engine.stop()
        server.should_exit = True
    log.info("stopped")


async def _consume(
    service: Service[S], engine: Engine[S], settings: Settings, stopping: asyncio.Event
) -> None:
    broker = connection.broker(settings.kafka, f"coalition-{service.name}")
    subscriber = connection.subscriber(
        broker,
        [source.topic for source in service.sources],
        group=f"coalition.{service.name}",
        listener=engine,
    )
    async with broker:
        await subscriber.start()
        log.info("started")
        try:
            await engine.run(subscriber.consumer)
        finally:
            stopping.set()


async def _answer(server: uvicorn.Server, stopping: asyncio.Event) -> None:
    try:
        await server.serve()
    finally:
        stopping.set()


async def _coroutine(worker: Worker, stopping: asyncio.Event) -> None:
    await worker(stopping)
