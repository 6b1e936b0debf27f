"""What a service is made of, and how its process lives: as FastStream's, with HTTP beside it."""

from __future__ import annotations

import asyncio
import faulthandler
import gc
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic

import structlog
import uvicorn
from aiokafka.errors import KafkaError
from faststream import FastStream
from pymongo.errors import ConnectionFailure
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from shared import mongo
from shared.domain.decider import Decider, S
from shared.journal.store import Journal
from shared.kafka import topics
from shared.kafka.connection import Connection
from shared.kafka.producer import Publisher
from shared.pipeline.breaker import Breaker
from shared.pipeline.continuity import Continuity
from shared.pipeline.engine import Engine, Reactions
from shared.pipeline.inbound import Source
from shared.pipeline.installation import Installation
from shared.pipeline.rebuild import Rebuild
from shared.pipeline.snapshots import Views
from shared.silence import Silent, StorePulse, end_when_silent
from shared.telemetry import configure_logging
from shared.web import app as web
from shared.web import continuity as continuity_routes
from shared.web import operating

if TYPE_CHECKING:
    from aiokafka import ConsumerRebalanceListener
    from fastapi import APIRouter, FastAPI
    from faststream.kafka import KafkaBroker
    from faststream.kafka.subscriber.usecase import LogicSubscriber
    from pymongo.asynchronous.database import AsyncDatabase

    from shared.settings import Settings

log = structlog.get_logger()

Worker = Callable[[asyncio.Event], Awaitable[None]]
"""Runs beside the engine until the event is set."""
Subscribe = Callable[
    ["KafkaBroker", Connection, "ConsumerRebalanceListener"], "LogicSubscriber[Any]"
]
"""Declares what a service reads; see `services/<name>/subscribers.py`."""

_START_SECONDS = 60
"""How long a starting service waits for Kafka and its store before it gives up."""
_WEB_SECONDS = 5
"""How long a request waits for Kafka."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a service is given to build itself with.

    Attributes:
        publisher: for the engine and what runs beside it; it waits as long as a process may.
        web_publisher: for requests, which are answered within seconds.
    """

    settings: Settings
    database: AsyncDatabase[dict[str, Any]]
    journal: Journal
    publisher: Publisher
    web_publisher: Publisher


@dataclass(frozen=True, slots=True)
class Service(Generic[S]):
    """One service, wired: what `services/<name>/app.py` builds.

    Attributes:
        sources: the topics it reads.
        subscribe: declares that it reads them.
        decider: its rules.
        views: what its queries read.
        routes: its HTTP, besides what every service has.
        reactions: what it tells its own inbox because of what it accepted.
        workers: what else runs beside the engine.
    """

    name: str
    sources: Sequence[Source]
    subscribe: Subscribe
    decider: Decider[S]
    views: Views[S]
    routes: APIRouter
    reactions: Reactions | None = None
    workers: Sequence[Worker] = ()


Build = Callable[[Parts], Service[Any]]


async def run(name: str, build: Build, settings: Settings) -> None:
    """Run a service until SIGTERM or SIGINT; what was begun is finished first.

    Raises:
        Exception: whatever the engine or a worker could not handle; the process shall end with
            it, non-zero and without a commit, and be started again.
    """
    collect_rarely()
    configure_logging(name, level=settings.log_level, as_json=settings.log_format == "json")
    kafka = Connection.of(settings, name)
    async with AsyncExitStack() as stack:
        client = mongo.connect(settings.mongodb.get_secret_value(), kafka.client)
        stack.push_async_callback(client.close)
        database = client[settings.database or f"coalition_{name}"]
        publisher = Publisher(kafka, settings.silent_seconds)
        web_publisher = Publisher(kafka, _WEB_SECONDS)
        stack.push_async_callback(publisher.stop)
        stack.push_async_callback(web_publisher.stop)
        parts = Parts(settings, database, Journal(database["journal"]), publisher, web_publisher)
        process = Process(build(parts), parts, kafka)
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


class Process(Generic[S]):
    """A service's process; FastStream calls `prepare`, `begin` and `finish`.

    It may call `finish` while the others still run, when it is told to end during the start. Then
    it cancels them; so they begin nothing once `finish` was called.
    """

    def __init__(self, service: Service[S], parts: Parts, kafka: Connection) -> None:
        settings, notes = parts.settings, parts.database["engine"]
        self._service = service
        self._parts = parts
        self._kafka = kafka
        self._installation = Installation(parts.database)
        read = [source.topic for source in service.sources]
        self._continuity = Continuity(kafka, service.name, read, self._installation)
        breaker = Breaker(notes, settings.rejected_window, settings.rejected_share)
        self._rebuild = Rebuild(service.decider, parts.journal, service.views, notes)
        self._engine = Engine(
            service.name,
            sources=[replace(one, topic=kafka.topic(one.topic)) for one in service.sources],
            decider=service.decider,
            journal=parts.journal,
            views=service.views,
            publisher=parts.publisher,
            breaker=breaker,
            continuity=self._continuity,
            reactions=service.reactions,
            batch_size=settings.batch_size,
            cache_size=settings.cache_size,
        )
        broker = kafka.broker()
        self._subscriber = service.subscribe(broker, kafka, self._engine)
        self._pulse = StorePulse(parts.database)
        routes = web.build(
            service.name,
            parts.journal,
            parts.web_publisher,
            self._engine.progress,
            settings,
            halted=lambda: self._continuity.halt,
            store_age=self._pulse.age,
        )
        routes.include_router(operating.routes(breaker, self._rebuild, settings))
        routes.include_router(continuity_routes.routes(self._continuity, settings))
        routes.include_router(service.routes)
        self._server = _Server(_http(routes, settings))
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._failure: BaseException | None = None
        self.app = FastStream(
            broker,
            logger=None,
            on_startup=[self.prepare],
            after_startup=[self.begin],
            on_shutdown=[self.finish],
        )

    async def prepare(self) -> None:
        """Before the group is joined: make what must be there, answer HTTP, compare offsets."""
        try:
            async with asyncio.timeout(_START_SECONDS):
                await _prepare(self._service, self._parts, self._kafka, self._installation)
        except TimeoutError as error:
            raise Silent(f"no answer of Kafka or the store in {_START_SECONDS} s") from error
        self._start("http", self._server.serve())
        self._watch()
        await self._continuity.settle(self._parts.settings.silent_seconds)
        if self._stopping.is_set():
            await asyncio.Event().wait()  # FastStream is about to cancel this

    async def begin(self) -> None:
        """Once the consumer has its partitions: read, and whatever runs beside."""
        if self._stopping.is_set():
            return
        log.info("started")
        self._start("engine", self._engine.run(self._subscriber.consumer))
        for worker in (self._rebuild.work, *self._service.workers):
            self._start("worker", _coroutine(worker, self._stopping))

    async def finish(self) -> None:
        """Have everything finish what it has begun, and wait for it; twice is harmless."""
        if not self._stopping.is_set():
            log.info("stopping")
            self._limit()
        self._stopping.set()
        self._engine.stop()
        self._server.should_exit = True
        if self._tasks:
            await asyncio.wait(self._tasks)

    def raise_failure(self) -> None:
        """Raise what ended the process, unless it was told to end."""
        if self._failure:
            raise self._failure

    def _limit(self) -> None:
        """From now on, whatever hangs: be gone in time, and say in what it was."""
        seconds = self._parts.settings.stop_seconds
        asyncio.get_running_loop().call_later(seconds * 0.9, self._report_stop)
        # A thread in C: it works even where the event loop does not.
        faulthandler.dump_traceback_later(seconds, exit=True)

    def _report_stop(self) -> None:
        left = [task.get_name() for task in self._tasks if not task.done()]
        log.error("stop_takes_too_long", running=left)

    def _watch(self) -> None:
        seconds = self._parts.settings.silent_seconds
        self._start("pulse", self._pulse.run(self._stopping))
        for what, age in (("Kafka", self._engine.progress.age), ("the store", self._pulse.age)):
            watch = end_when_silent(what, age, seconds, self._stopping)
            self._start(f"watch of {what}", watch)

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """End the process with the first of its tasks that ends; none does before it is told."""
        error = None if task.cancelled() else task.exception()
        if error and not self._failure:
            self._failure = error
            log.error("failed", task=task.get_name(), error=repr(error)[:500])
        self.app.exit()


class _Server(uvicorn.Server):
    """Leaves the signals to FastStream."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def _http(app: FastAPI, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


@retry(
    retry=retry_if_exception_type((KafkaError, ConnectionFailure)),
    wait=wait_exponential_jitter(multiplier=0.2, max=3),
    stop=stop_after_delay(_START_SECONDS),
    reraise=True,
)
async def _prepare(
    service: Service[S], parts: Parts, kafka: Connection, installation: Installation
) -> None:
    owners = {source.topic.split(".")[1] for source in service.sources} | {service.name}
    await topics.create_topics(kafka, sorted(owners), parts.settings.replication)
    await parts.journal.prepare()
    await service.views.prepare()
    await installation.prepare()
    await parts.publisher.start()


async def _coroutine(worker: Worker, stopping: asyncio.Event) -> None:
    await worker(stopping)
