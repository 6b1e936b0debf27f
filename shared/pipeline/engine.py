"""The engine: how every service turns incoming events into decided, published ones.

`Engine._process` names the eight steps in their order. Batches overlap: while one waits for the
journal, the next is read and the last is published (`stages.py`). Within a batch, deciding and
appending overlap part by part. Under a backlog, snapshots are written once for several batches, and
their offsets are held until then (`projector.py`), so the committed offset is the checkpoint of
what was written before it.

Whatever crashes before the commit is delivered again, finds its entries in the journal, and is
published and projected once more: redelivery is the relay. An error that nobody here knows how to
handle ends the process without a commit.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic

import structlog
from aiokafka import ConsumerRebalanceListener

from shared.domain.decider import Decider, S
from shared.domain.versioned import Versioned
from shared.journal.entry import Entry
from shared.kafka import salvage
from shared.pipeline.batch import Batch
from shared.pipeline.bisecting import Salvage
from shared.pipeline.consumer import BatchConsumer, Continuity, Polled
from shared.pipeline.decision import decide
from shared.pipeline.inbound import Source, read
from shared.pipeline.outbound import Outbound, Reacts
from shared.pipeline.progress import Elapsed, Progress
from shared.pipeline.projector import Projector
from shared.pipeline.repository import CACHED, Repository
from shared.pipeline.stages import Passage, Stages
from shared.pipeline.traces import Steps, Traces
from shared.pipeline.writer import JournalWriter, Watcher

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiokafka import AIOKafkaConsumer, TopicPartition

    from shared.domain.stream import Stream
    from shared.journal.store import Journal
    from shared.kafka.producer import Publisher
    from shared.pipeline.breaker import Breaker
    from shared.pipeline.projections import Keeper, Projection
    from shared.pipeline.repository import Lookup
    from shared.pipeline.snapshots import Snapshots

log = structlog.get_logger()

Clock = Callable[[], datetime]


_STAGES: Final = ("consume", "decide", "publish", "project")
_STAGE_SECONDS: Final = 300
"""How long a batch may be in one of them; then something hangs, and the process ends."""
_MAX_ROUNDS: Final = 100
"""How often one batch may lose its race for a stream before something must be wrong."""


class Engine(ConsumerRebalanceListener, Generic[S]):  # type: ignore[misc]  # aiokafka has no types
    """Runs one service's batches through the eight steps.

    Args:
        name: the service's; also the source of what it publishes.
        sources: the topics it reads.
        decider: its rules.
        journal: its truth.
        snapshots: of its aggregates.
        publisher: its way out to Kafka.
        breaker: halts an inbox when too much of it is rejected.
        projections: what it keeps for queries besides.
        reactions: what else it says because of what it accepted.
        keeper: keeps what it reads of others.
        lookups: what its rules look at and no journal has; see `Repository`.
        continuity: ties Kafka's offsets to the store.
        watcher: hears of what was appended and written.
        salvage: reads a batch that the client cannot read.
        traces: says which events are sampled, and tells of them.
        clock: tells the time, aware, UTC.
        elapsed: a clock for durations.
        batch_size: records in a batch at most.
        cache_bytes: how large the states are that are kept in memory, as JSON; see `Repository`.
        part_size: entries in one append at most.
    """

    def __init__(  # noqa: PLR0913 - the composition root names each part once
        self,
        name: str,
        *,
        sources: Sequence[Source],
        decider: Decider[S],
        journal: Journal,
        snapshots: Snapshots[S],
        publisher: Publisher,
        breaker: Breaker,
        projections: Sequence[Projection[S]] = (),
        reactions: Reacts | None = None,
        keeper: Keeper | None = None,
        lookups: Mapping[str, Lookup[S]] = MappingProxyType({}),
        continuity: Continuity | None = None,
        watcher: Watcher | None = None,
        salvage: Salvage = salvage.read,
        traces: Traces | None = None,
        clock: Clock = lambda: datetime.now(UTC),
        elapsed: Elapsed = time.monotonic,
        batch_size: int = 1000,
        cache_bytes: int = CACHED,
        part_size: int = 500,
    ) -> None:
        self.name = name
        self.progress = progress = Progress(elapsed)
        self._sources = {source.topic: source for source in sources}
        self._decider = decider
        self._breaker = breaker
        self._clock, self._part_size = clock, part_size
        self._traces = traces or Traces(name)
        self._consumer = BatchConsumer(batch_size, self.progress, continuity, salvage)
        self._repository = Repository(decider, journal, snapshots, cache_bytes, lookups)
        self._journal = JournalWriter(journal, self.progress, watcher)
        followed = [event for projection in projections for event in projection.of]
        self._outbound = Outbound[S](name, publisher, reactions, followed, keeper)
        self._projector = Projector(self._repository, snapshots, projections, progress, watcher)
        self._stages = Stages(_STAGES, _STAGE_SECONDS, self.progress)
        self._stopping = asyncio.Event()
        self._newest: tuple[Passage, asyncio.Task[Any] | None] | None = None

    async def _process(self, passage: Passage) -> None:
        """Take one batch through the eight steps, in their order."""
        async with self._traces.batch() as step, passage:
            # Not before: a task that is cancelled before it begins would never leave its stage.
            self._newest = passage, asyncio.current_task()
            if self._stopping.is_set():
                return
            with step("consume"):
                polled = await self._consumer.poll(self._breaker.stopped)  # 1. consume
            passage.origins = polled.origins
            batch = self._parse(polled, step)  # 2. parse
            await passage.on()
            if not self._consumer.owns(polled):
                return
            while batch.undecided:
                with step("load"):
                    afresh = batch.rounds > 0
                    loaded = await self._repository.load(batch.undecided, afresh=afresh)  # 3. load
                size = sum(one.weight for one in loaded.values())
                self._consumer.size.fit(len(polled.records), size)
                async with self._journal.in_parts(step) as appending:
                    for part in batch.parts(self._part_size):
                        now = self._clock()
                        with step("decide"):  # 4. decide
                            entries = decide(self.name, self._decider, part, loaded, now)
                        if not await appending.add(entries):  # 5. append
                            break
                await self._appended(batch, appending.entries, loaded)
            await self._report(batch)
            await passage.on()
            with step("publish"):
                self._traces.decided(batch, step)
                await self._outbound.publish(batch)  # 6. publish
            self._traces.published(step)
            self._projector.add(batch)
            if self._projector.may_wait(self._stages.is_busy("project"), self._consumer.has_more):
                return
            await passage.on()
            await self._finish(step)

    async def _finish(self, step: Steps) -> None:
        """Bring forward what was published, of earlier batches that waited for it, too."""
        behind = self._projector.take()
        step.link(behind.traces)
        with step("project"):
            await self._projector.project(behind)  # 7. project
            await self._outbound.react(behind)
        if behind.offsets:
            await self._breaker.trip(self._clock(), committing=True)
            with step("commit"):
                await self._consumer.commit(behind.offsets)  # 8. commit
            # Another process of this service may have halted an inbox, or an operator resumed it.
            await self._breaker.refresh()
            self.progress.inboxes = self._breaker.halts

    async def run(self, consumer: AIOKafkaConsumer) -> None:
        """Process batches until `stop`; then finish what was begun.

        Raises:
            ExceptionGroup: with what this process cannot handle.
        """
        self._consumer.use(consumer)
        await self._breaker.refresh()
        async with asyncio.TaskGroup() as batches:
            while not self._stopping.is_set():
                self.progress.turn()
                if self.progress.halted:
                    await self._drain()
                    self.progress.halted = await self._consumer.rest()
                    await self._consumer.ask(self._clock())
                    continue
                passage = await self._stages.enter("consume")
                if self._stopping.is_set() or self.progress.halted:
                    passage.leave()
                else:
                    batches.create_task(self._process(passage))
        await self._drain()

    def count_from(self, generation: int) -> None:
        """Say which generation of Kafka's topics is read, before `run`."""
        self._sources = {t: replace(s, generation=generation) for t, s in self._sources.items()}

    def stop(self) -> None:
        """Ask the loop to end after the batches in hand; what is only being read is given up."""
        self._stopping.set()
        passage, task = self._newest or (None, None)
        if passage and task and passage.stage == "consume":
            task.cancel()

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Finish the batches in hand; the old generation commits them."""
        self._consumer.revoked()
        # aiokafka swallows what a listener raises; `Stages` keeps it for the loop.
        with suppress(Exception):
            await self._drain()
        self._repository.clear()
        log.info("partitions_revoked", count=len(revoked))

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Begin to work."""
        try:
            await self._consumer.assigned(assigned)
        except Exception as error:  # noqa: BLE001 - aiokafka swallows it; the loop raises it
            self._stages.failure = self._stages.failure or error
        log.info("partitions_assigned", count=len(assigned))

    async def _drain(self) -> None:
        """Let all that was begun go through to the commit, and whatever is behind with it."""
        entered = await self._stages.enter("decide")
        async with self._traces.batch() as step, entered as passage:
            await passage.on()
            await passage.on()
            await self._finish(step)

    def _parse(self, polled: Polled, step: Steps) -> Batch[S]:
        sources, decider = self._sources, self._decider
        with step("parse"):
            found = (read(r, sources[r.topic], decider, sources) for r in polled.records)
            messages = [message for message in found if message]
            self._traces.begin(messages, sources, step)
        return Batch(polled.offsets, len(polled.records), messages)

    async def _appended(
        self, batch: Batch[S], entries: Sequence[Entry], loaded: Mapping[Stream, Versioned[S]]
    ) -> None:
        """Keep what is in the journal now, and see why the rest of the batch is not."""
        if batch.rounds >= _MAX_ROUNDS:
            msg = f"{self.name}: a batch lost its race {_MAX_ROUNDS} times"
            raise RuntimeError(msg)
        rest = batch.appended(entries)
        unsure = {message.route.stream for message in rest}
        self._repository.forget(unsure)
        touched = {entry.stream for entry in entries if entry.stream in loaded}
        states = {stream: loaded[stream] for stream in touched - unsure}
        self._repository.remember(states)
        batch.states |= {**dict.fromkeys(touched), **states}
        for entry in entries:
            self.progress.outcomes[entry.outcome] += 1
        self._breaker.count(entries)
        batch.undecided = await self._journal.sort_out(batch, rest)

    async def _report(self, batch: Batch[S]) -> None:
        """Report a batch that is in the journal; halt an inbox of which too much is rejected."""
        now = self._clock()
        if batch.records:
            self.progress.heard(now)
            self.progress.batches += 1
            self.progress.records += batch.records
            await self._breaker.trip(now)
        else:
            await self._consumer.ask(now)
            if self._breaker.halts:
                await self._breaker.refresh()
        self.progress.inboxes = self._breaker.halts
