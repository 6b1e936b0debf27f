"""A service's process: FastStream's application, with HTTP and the engine beside it."""

from __future__ import annotations

import asyncio
import faulthandler
import gc
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic

import structlog
import uvicorn
from faststream import FastStream

from shared import mongo, starting
from shared.checks.kafka import KafkaCheck
from shared.domain.decider import S
from shared.journal.store import Journal
from shared.kafka.connection import Connection
from shared.kafka.group import Group
from shared.kafka.producer import Publisher
from shared.pipeline.bounds import MEMORY
from shared.pipeline.breaker import Breaker
from shared.pipeline.continuity import Continuity
from shared.pipeline.engine import Engine
from shared.pipeline.installation import Installation
from shared.pipeline.rebuild import Rebuild
from shared.pipeline.replay import Replay
from shared.pipeline.republish import Republish
from shared.pipeline.standstill import Standstill
from shared.pipeline.traces import Traces
from shared.service import Parts, build_of
from shared.silence import StorePulse, end_when_silent
from shared.telemetry import configure_logging
from shared.web import app as web
from shared.web import continuity as continuity_routes
from shared.web import operating, rehearsing, rejected, replaying, server
from shared.web.health import Health
from shared.web.intake import own_sources
from shared.web.waiting import OutcomeWatcher

if TYPE_CHECKING:
    from fastapi import FastAPI

    from shared.manifest import Manifest
    from shared.service import Service, Worker
    from shared.settings import Settings
    from shared.tracing.spans import Spans

log = structlog.get_logger()

_WEB_SECONDS: Final = 5
"""How long a request waits for Kafka."""


class Process(Generic[S]):
    """FastStream calls `prepare`, `begin` and `finish`.

    It may call `finish` while another of them still runs, when the process is told to end during
    its start; then it cancels that one. So nothing is begun once `finish` was called.
    """

    def __init__(self, service: Service[S], parts: Parts[Settings], kafka: Connection) -> None:
        self._service = service
        self._parts = parts
        self._kafka = kafka
        self._installation = Installation(parts.database)
        self._sources = [
            replace(one, topic=kafka.topic(one.topic))
            for one in service.manifest.sources(parts.settings.publishers)
        ]
        read = [source.topic for source in self._sources]
        group = Group(kafka, kafka.group(service.manifest.name), read)
        self._continuity = Continuity(service.manifest.name, group, self._installation)
        notes, settings = parts.database["engine"], parts.settings
        stops = {
            source.topic: source.publisher is not None or settings.rejected_plain == "stop"
            for source in self._sources
            if source.is_inbox
        }
        breaker = Breaker(notes, stops, settings.rejected_window, settings.rejected_share)
        self._rebuild = Rebuild(
            service.decider, parts.journal, service.snapshots, notes, service.projections
        )
        self._republish = Republish(service.manifest.name, parts.journal, parts.publisher)
        written = self._installation.expected
        self._watcher = OutcomeWatcher(parts.journal, written, warn=service.warn)
        self._engine = self._wired_engine(breaker)
        self._pulse = StorePulse(parts.database)
        self._server = _Server(server.configured(self._application(breaker), settings))
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._failure: BaseException | None = None
        broker = kafka.broker()
        self._subscriber = service.subscribe(broker, kafka, self._engine, parts.settings.publishers)
        self.app = FastStream(
            broker,
            logger=None,
            on_startup=[self.prepare],
            after_startup=[self.begin],
            on_shutdown=[self.finish],
        )

    async def prepare(self) -> None:
        """Before the group is joined: make what must be there, answer HTTP, compare offsets."""
        await starting.prepare(self._service, self._parts, self._kafka, self._installation)
        self._start("http", self._server.serve())
        self._start("pulse", self._pulse.run(self._stopping))
        self._watch("the store", self._pulse.age)
        await self._continuity.settle(self._parts.settings.silent_seconds)
        if self._stopping.is_set():
            await asyncio.Event().wait()  # FastStream is about to cancel this
        self._start("continuity", self._continuity.watch(self._stopping))
        self._watch("Kafka", self._engine.progress.age)

    async def begin(self) -> None:
        """Once the consumer has its partitions: read, and whatever runs beside."""
        if self._stopping.is_set():
            return
        self._engine.count_from(self._continuity.generation)
        log.info("started")
        self._start("engine", self._engine.run(self._subscriber.consumer))
        own = (self._rebuild.work, self._republish.work, self._watcher.work)
        for worker in (*own, *self._service.workers):
            self._start("worker", _coroutine(worker, self._stopping))
        checks = [make(self._parts.settings) for make in self._service.manifest.checks]
        self._start("checks", starting.watch_others(checks, self._stopping))

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

    def _wired_engine(self, breaker: Breaker) -> Engine[S]:
        service, parts = self._service, self._parts
        return Engine(
            service.manifest.name,
            sources=self._sources,
            decider=service.decider,
            journal=parts.journal,
            snapshots=service.snapshots,
            projections=service.projections,
            publisher=parts.publisher,
            breaker=breaker,
            continuity=self._continuity,
            reactions=service.reactions,
            keeper=service.keeper,
            lookups=service.lookups,
            watcher=self._watcher,
            batch_size=parts.settings.batch_size,
            cache_bytes=parts.settings.cache_mb * 1_000_000 // MEMORY,
            traces=Traces(service.manifest.name, parts.spans, parts.settings.traces_sample),
        )

    def _application(self, breaker: Breaker) -> FastAPI:
        parts = self._parts
        still = Standstill(
            self._engine.progress, KafkaCheck(parts.settings, self._kafka.client), self._pulse.age
        )
        state = Health(
            self._engine.progress,
            stands_still=still.lasts,
            halted=lambda: self._continuity.halt,
            store_age=self._pulse.age,
            conditions=self._service.conditions,
        )
        app = web.build(
            self._service.manifest,
            parts.settings,
            parts.journal,
            parts.web_publisher,
            watcher=self._watcher,
            state=state,
            shown=self._service.metrics,
        )
        app.include_router(operating.routes(breaker, self._rebuild, self._republish))
        app.include_router(rehearsing.routes(self._service, parts.journal))
        app.include_router(continuity_routes.routes(self._continuity))
        kinds = tuple(self._service.snapshots.kinds)
        manifest = self._service.manifest
        whose = partial(own_sources, parts.settings.publishers)
        app.include_router(rejected.routes(manifest, parts.journal, kinds, whose))
        sources = {source.topic: source for source in self._sources}
        replay = Replay(
            manifest.name,
            sources,
            self._kafka,
            parts.journal,
            parts.web_publisher,
            lambda: self._continuity.generation,
        )
        app.include_router(replaying.routes(replay))
        app.include_router(self._service.routes)
        return app

    def _limit(self) -> None:
        """From now on, whatever hangs: be gone in time, and say in what it was."""
        seconds = self._parts.settings.stop_seconds
        asyncio.get_running_loop().call_later(seconds * 0.9, self._report_stop)
        # A thread in C: it works even where the event loop does not.
        faulthandler.dump_traceback_later(seconds, exit=True)

    def _report_stop(self) -> None:
        left = [task.get_name() for task in self._tasks if not task.done()]
        log.error("stop_takes_too_long", waiting_for=left or ["clients of Kafka or the store"])

    def _watch(self, what: str, age: Callable[[], float]) -> None:
        seconds = self._parts.settings.silent_seconds
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
            log.error("failed", task=task.get_name(), error=f"{error!r:.500}")
        self.app.exit()


class _Server(uvicorn.Server):
    """Leaves the signals to FastStream."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def _coroutine(worker: Worker, stopping: asyncio.Event) -> None:
    await worker(stopping)


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
        spans = _spans(manifest, settings)
        if spans:
            stack.push_async_callback(spans.stop)
        journal = Journal(database["journal"])
        parts = Parts(settings, database, journal, publisher, web_publisher, spans)
        process = Process(build_of(manifest)(parts), parts, kafka)
        try:
            await process.app.run()
        finally:
            await process.app.stop()
    process.raise_failure()
    log.info("stopped")


def _spans(manifest: Manifest, settings: Settings) -> Spans | None:
    """Where spans are sent, imported only where they are: OpenTelemetry takes memory."""
    if not settings.traces_endpoint:
        return None
    from shared.tracing.otlp import OtlpSpans  # noqa: PLC0415 - see above

    return OtlpSpans.to(settings.traces_endpoint, manifest.name, settings.prefix)


def collect_rarely() -> None:
    """Look for cycles seldom: the engine makes none, and looking is half of what a batch costs."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(1_000_000, 50, 100)
