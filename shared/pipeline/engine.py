"""The engine: how every service turns incoming events into decided, published ones.

Eight steps, in this order (`Engine._fetch` has 1 and 2, `_begin` 3 to 5, `_finish` and
`_catch_up` 6 to 8):

1. consume   up to N records
2. parse     record by record; a bad one costs only itself
3. load      the aggregates that the batch touches
4. decide    pure functions of the domain
5. append    to the journal: the moment in which a decision is made
6. publish   what the entries say, and what was rejected
7. project   the views, written behind: one write for all that batches did to an aggregate
8. commit    the offsets, last

The three overlap: while one batch waits for the journal, the next is read and the last published.
Within a batch, 4 and 5 go part after part: while the journal takes one, the next is decided.
Under a backlog, `_catch_up` does 7 and 8 once for several batches, beside all that, so the
committed offset is the checkpoint of what was written before it. Whatever crashes before 8 is
delivered again, finds its entries in the journal and goes through 6 to 8 once more: redelivery is
the relay. An error that nobody here knows how to handle ends the process without a commit.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Final, Generic, Protocol

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaError,
    RebalanceInProgressError,
)

from shared.domain.decider import Decider, S
from shared.domain.versioned import Versioned
from shared.journal.entry import Entry, Outcome
from shared.journal.store import Journal
from shared.kafka.producer import Outgoing
from shared.pipeline.decision import decide
from shared.pipeline.inbound import Item, Source, read, reused
from shared.pipeline.outbound import published_event, rejected_record
from shared.pipeline.tolerant import folded

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer

    from shared.contracts.base import Event
    from shared.kafka.producer import Publisher
    from shared.pipeline.breaker import Breaker, Halt
    from shared.pipeline.snapshots import Views

log = structlog.get_logger()

Clock = Callable[[], datetime]


class Reactions(Protocol):
    """What a service says to its own inbox because of what it accepted.

    Attributes:
        to: the events that it reacts to; only entries with one of them are kept for it.
    """

    to: tuple[type[Event], ...]

    async def react(self, entries: Sequence[Entry]) -> Sequence[Outgoing]:
        """What follows, under ids made of the cause: the same entries may come again."""


class Continuity(Protocol):
    """What ties Kafka's offsets to the store; see `shared.pipeline.continuity`."""

    @property
    def metadata(self) -> str:
        """What is committed beside each offset."""

    async def assigned(self, partitions: Iterable[TopicPartition]) -> Halt | None:
        """Why partitions must not be read, if so."""

    async def advanced(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Note what is read, before it is committed."""


POLL_MS: Final = 500
"""How long an idle consumer waits, and so how soon it sees that it shall stop."""
_ASK_EVERY: Final = 5.0
_ASK_SECONDS: Final = 3
_BEHIND: Final = timedelta(seconds=5)
_RECORDS_BEHIND: Final = 50_000
_VIEWS_BEHIND: Final = 3_000
"""How long, how many records and how many views may be behind the journal under a backlog."""
_MAX_ROUNDS: Final = 100
"""How often one batch may lose its race for a stream before something must be wrong."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Records that were fetched and read.

    Attributes:
        epoch: counts the revocations that came before.
        offsets: what to commit when they are done.
        items: one for each record; None where it is none of this service's business.
    """

    epoch: int
    offsets: dict[TopicPartition, int]
    items: list[Item | None]


@dataclass(slots=True)
class Work(Generic[S]):
    """What is left to do for a batch, or for several.

    Attributes:
        offsets: what to commit.
        entries: what to publish, each with the record that it came from.
        reacted_to: what a reaction waits for, until the views are written.
        states: the aggregates whose views are to be brought forward; None where the state has to
            be read again.
        records: how many records it stands for.
    """

    offsets: dict[TopicPartition, int] = field(default_factory=dict)
    entries: list[tuple[Item, Entry]] = field(default_factory=list)
    reacted_to: list[Entry] = field(default_factory=list)
    states: dict[str, Versioned[S] | None] = field(default_factory=dict)
    records: int = 0

    def add(self, later: Work[S]) -> None:
        """Take over what is left of a later batch, which is published already."""
        self.offsets |= later.offsets
        self.reacted_to += later.reacted_to
        self.states |= later.states
        self.records += later.records


@dataclass(slots=True)
class Progress:
    """What an operator wants to know of a running engine."""

    assigned: bool = False
    halted: Halt | None = None
    polled: datetime | None = None
    records: int = 0
    batches: int = 0
    duplicates: int = 0
    redelivered: int = 0
    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    _heard: float | None = None

    def heard(self, now: datetime) -> None:
        """Note that Kafka has just answered."""
        self.polled, self._heard = now, monotonic()

    def age(self) -> float:
        """Seconds since Kafka was last heard; infinite where it never was.

        The clock on the wall has no say in it: it may be put back by an hour.
        """
        return float("inf") if self._heard is None else monotonic() - self._heard


class Engine(ConsumerRebalanceListener, Generic[S]):  # type: ignore[misc]  # aiokafka has no types
    """Runs one service's batches; see the module's text for the eight steps.

    Args:
        name: the service's; also the source of what it publishes.
        sources: the topics it reads.
        decider: its rules.
        journal: its truth.
        views: what its queries read.
        publisher: its way out to Kafka.
        breaker: halts it when too much is rejected.
        continuity: ties Kafka's offsets to the store.
        reactions: what else it says because of what it accepted.
        clock: tells the time, aware, UTC.
        batch_size: records in a batch at most.
        cache_size: aggregates kept in memory at most, besides those whose view is to be written.
        part_size: entries in one append at most.
    """

    def __init__(  # noqa: PLR0913 - the composition root names each part once
        self,
        name: str,
        *,
        sources: Sequence[Source],
        decider: Decider[S],
        journal: Journal,
        views: Views[S],
        publisher: Publisher,
        breaker: Breaker,
        continuity: Continuity,
        reactions: Reactions | None = None,
        clock: Clock = lambda: datetime.now(UTC),
        batch_size: int = 1000,
        cache_size: int = 4_000,
        part_size: int = 500,
    ) -> None:
        self.name = name
        self.progress = Progress()
        self._sources = {source.topic: source for source in sources}
        self._decider = decider
        self._journal = journal
        self._views = views
        self._publisher = publisher
        self._breaker = breaker
        self._continuity = continuity
        self._reactions = reactions
        self._clock = clock
        self._batch_size = batch_size
        self._cache_size = cache_size
        self._part_size = part_size
        self._cache: OrderedDict[str, Versioned[S]] = OrderedDict()
        self._unwritten: dict[str, Versioned[S]] = {}
        self._lock = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._publishing: asyncio.Task[None] | None = None
        self._catching_up: asyncio.Task[None] | None = None
        self._consumer: AIOKafkaConsumer | None = None
        self._behind = Work[S]()
        self._behind_since = clock()
        self._failure: Exception | None = None
        self._epoch = 0

    # --- the loop -----------------------------------------------------------------------

    async def run(self, consumer: AIOKafkaConsumer) -> None:
        """Process batches until `stop`; then finish what was begun."""
        self._consumer = consumer
        self.progress.halted = await self._breaker.halted()
        coming: asyncio.Task[Fetched] | None = None
        try:
            while not self._stopping.is_set():
                if self.progress.halted and coming is None:
                    await self._rest(consumer)
                    continue
                fetched = await (coming or self._fetch(consumer))
                # The next records are fetched and read while these wait for the journal.
                halted = self.progress.halted
                coming = None if halted else asyncio.create_task(self._fetch(consumer))
                await self._heard(consumer, something=bool(fetched.items))
                async with self._lock:
                    await self._take(fetched)
        finally:
            if coming:
                coming.cancel()
            async with self._lock:
                await self._settle()

    async def _fetch(self, consumer: AIOKafkaConsumer) -> Fetched:
        records = await consumer.getmany(timeout_ms=POLL_MS, max_records=self._batch_size)
        return Fetched(  # 1. consume
            epoch=self._epoch,
            offsets={tp: batch[-1].offset + 1 for tp, batch in records.items()},
            items=[  # 2. parse
                read(record, self._sources[record.topic], self._decider)
                for batch in records.values()
                for record in batch
            ],
        )

    async def _take(self, fetched: Fetched) -> None:
        self._raise_failure()
        # At a revocation the positions are reset: what was fetched before it is fetched again, by
        # whoever owns the partition then. The epoch is read after `getmany`, which may itself span
        # a rebalance.
        if not fetched.items:
            await self._settle()
        elif fetched.epoch == self._epoch and self.progress.assigned:
            await self._batch(fetched)

    async def _rest(self, consumer: AIOKafkaConsumer) -> None:
        """While halted, stay in the group and read nothing, until an operator resumes."""
        async with self._lock:
            await self._settle()
        self.progress.halted = await self._breaker.halted()
        await self._heard(consumer, something=False)
        if self.progress.halted is None:
            consumer.resume(*consumer.paused())
            log.info("resumed")
            return
        consumer.pause(*consumer.assignment())
        # A partition that was assigned in this moment is not paused yet, and is read again later.
        for tp, records in (await consumer.getmany(timeout_ms=POLL_MS)).items():
            consumer.seek(tp, records[0].offset)

    async def _heard(self, consumer: AIOKafkaConsumer, *, something: bool) -> None:
        """Note that Kafka is there; an idle consumer asks, since an empty poll does not tell."""
        due = self.progress.age() > _ASK_EVERY
        if not something:
            if not due or not self.progress.assigned:
                return
            try:
                async with asyncio.timeout(_ASK_SECONDS):
                    await consumer.end_offsets(list(consumer.assignment())[:1])
            except (KafkaError, TimeoutError) as error:
                log.warning("kafka_silent", error=type(error).__name__)
                return
        self.progress.heard(self._clock())

    def stop(self) -> None:
        """Ask the loop to end after the batch in hand."""
        self._stopping.set()

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Finish the batch in hand and the overlapped one; the old generation commits them."""
        self.progress.assigned = False
        self._epoch += 1
        async with self._lock:
            try:
                await self._settle()
            except Exception as error:  # noqa: BLE001 - aiokafka swallows it; the loop raises it
                self._failure = error
        self._cache.clear()
        self._unwritten.clear()
        log.info("partitions_revoked", count=len(revoked))

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Begin to work, if the offsets fit the store; aiokafka would swallow what is raised."""
        # What is fetched meanwhile waits for the lock; were it dropped, the next commit passed it.
        self.progress.assigned = True
        async with self._lock:
            if halt := await self._continuity.assigned(assigned):
                self._failure = RuntimeError(halt.reason)
        log.info("partitions_assigned", count=len(assigned))

    async def _batch(self, fetched: Fetched) -> None:
        work = await self._begin(fetched)
        await _ended(self._publishing)
        self._raise_failure()
        self._publishing = asyncio.create_task(self._finish(work))

    async def _settle(self) -> None:
        """Bring to an end whatever was begun, up to the commit."""
        await _ended(self._publishing)
        await _ended(self._catching_up)
        self._publishing = self._catching_up = None
        await self._catch_up(self._taken())
        self._raise_failure()

    def _raise_failure(self) -> None:
        if self._failure:
            raise self._failure

    async def _begin(self, fetched: Fetched) -> Work[S]:
        work = Work[S](fetched.offsets, records=len(fetched.items))
        pending = [item for item in fetched.items if item]
        for attempt in range(_MAX_ROUNDS):
            if not pending:
                break
            known = await self._load(pending, afresh=attempt > 0)  # 3. load
            entries = await self._decide_and_append(pending, known)
            count = len(entries)
            rest = pending[count:]
            self._appended(work, pending[:count], entries)
            self._remember(work, pending[:count], rest, known)
            pending = await self._stood_in_the_way(work, rest)
        else:
            msg = f"{self.name}: a batch lost its race {_MAX_ROUNDS} times"
            raise RuntimeError(msg)
        # A batch that was fetched before the halt must not end it.
        self.progress.halted = await self._breaker.trip(self._clock()) or self.progress.halted
        self.progress.batches += 1
        self.progress.records += work.records
        return work

    async def _finish(self, work: Work[S]) -> None:
        await self._publish(work)  # 6. publish
        self._behind.add(work)
        if self._may_stay_behind():
            return
        await _ended(self._catching_up)
        self._catching_up = asyncio.create_task(self._catch_up(self._taken()))

    async def _catch_up(self, work: Work[S]) -> None:
        if work.records:
            await self._project(work)  # 7. project
            await self._commit(work)  # 8. commit
            # Another process of this service may have halted it.
            self.progress.halted = self.progress.halted or await self._breaker.halted()

    def _taken(self) -> Work[S]:
        work, self._behind, self._behind_since = self._behind, Work(), self._clock()
        return work

    def _may_stay_behind(self) -> bool:
        """Whether there is a backlog, so that the next batch can share one write of the views."""
        behind = self._behind
        if behind.records >= _RECORDS_BEHIND or len(behind.states) >= _VIEWS_BEHIND:
            return False
        if self._catching_up and not self._catching_up.done():
            return True
        if self._clock() - self._behind_since > _BEHIND:
            return False
        if self._consumer is None or self._stopping.is_set() or not self.progress.assigned:
            return False
        offsets, there = self._behind.offsets, self._consumer.assignment()
        return any(
            (self._consumer.highwater(tp) or 0) > offsets[tp] for tp in offsets.keys() & there
        )

    # --- 3. load ------------------------------------------------------------------------

    async def _load(self, items: Sequence[Item], *, afresh: bool) -> dict[str, Versioned[S]]:
        """Bring to mind what the batch touches.

        At first the view is enough for an aggregate that decides: should it be behind, then step
        5 says so, and it is read `afresh`. What is only looked at is always read afresh.
        """
        decided = {item.route.stream for item in items if item.event}
        looked_at = {stream for item in items if item.event for stream in item.route.looks_at}
        known = {s: held for s in decided - looked_at if (held := self._held(s))}
        if not afresh and (rest := decided - looked_at - known.keys()):
            known.update(await self._views_of(rest))
        known.update(await self._read((decided | looked_at) - known.keys()))
        return known

    def _held(self, stream: str) -> Versioned[S] | None:
        """What is in memory of an aggregate; its view, if not written yet, would be stale.

        One that could not be read is tried again, in case that it has been mended.
        """
        held = self._cache.get(stream) or self._unwritten.get(stream)
        return None if held and held.unreadable else held

    async def _read(self, streams: set[str]) -> dict[str, Versioned[S]]:
        """The views, and whatever the journal has that is newer."""
        known = await self._views_of(streams) if streams else {}
        async for entry in self._journal.newer({s: known[s].version for s in streams}):
            known[entry.stream] = folded(self._decider, known[entry.stream], entry)
        return known

    async def _views_of(self, streams: set[str]) -> dict[str, Versioned[S]]:
        views = await self._views.load(streams)
        return {s: Versioned(*views[s]) if s in views else Versioned() for s in streams}

    # --- 4. decide, 5. append -----------------------------------------------------------

    async def _decide_and_append(
        self, items: Sequence[Item], known: dict[str, Versioned[S]]
    ) -> list[Entry]:
        """Append part after part; while the journal takes one, the next is decided.

        Returns:
            what was appended: all, or what came before the first that stood in the way.
        """
        appended: list[Entry] = []
        writing: asyncio.Task[list[Entry]] | None = None
        for start in range(0, len(items), self._part_size):
            part = items[start : start + self._part_size]
            entries = decide(self.name, self._decider, part, known, self._clock())  # 4. decide
            if writing:
                appended += await writing
                if len(appended) < start:
                    return appended
            writing = asyncio.create_task(self._append(entries))
            await asyncio.sleep(0)  # it is under way before the next part is decided
        return appended + await writing if writing else appended

    async def _append(self, entries: list[Entry]) -> list[Entry]:
        return entries[: await self._journal.append(entries)]  # 5. append

    def _appended(self, work: Work[S], items: Sequence[Item], entries: Sequence[Entry]) -> None:
        for item, entry in zip(items, entries, strict=True):
            work.entries.append((item, entry))
            self.progress.outcomes[entry.outcome] += 1
            if item.event:
                work.states[entry.stream] = None
        self._breaker.count(entry.outcome is Outcome.REJECTED for entry in entries)

    def _remember(
        self,
        work: Work[S],
        appended: Sequence[Item],
        rest: Sequence[Item],
        known: Mapping[str, Versioned[S]],
    ) -> None:
        """Keep the states that the journal now holds; those that the rest touched are unsure."""
        unsure = {item.route.stream for item in rest}
        for stream in unsure:
            self._cache.pop(stream, None)
            self._unwritten.pop(stream, None)
        for stream in {item.route.stream for item in appended if item.event} - unsure:
            work.states[stream] = self._cache[stream] = self._unwritten[stream] = known[stream]
            self._cache.move_to_end(stream)
        while len(self._cache) > self._cache_size:
            self._cache.popitem(last=False)

    async def _stood_in_the_way(self, work: Work[S], rest: list[Item]) -> list[Item]:
        """Tell apart why the append stopped; what is left is decided again on fresh ground.

        An entry from the same origin is ours, from before a crash. One from elsewhere is the
        publisher's repetition, or another event under an id that is taken. If none of the rest
        is in the journal, then another consumer took a version that we had counted on.
        """
        if not rest:
            return []
        seen = await self._journal.find(item.key for item in rest)
        left = []
        for item in rest:
            entry = seen.get(item.key)
            if entry is None:
                left.append(item)
            elif entry.origin == item.origin:
                work.entries.append((item, entry))
                work.states[entry.stream] = None
                self.progress.redelivered += 1
            elif entry.digest == item.digest:
                self.progress.duplicates += 1
            else:
                left.append(reused(item))
        return left

    # --- 6. publish, 7. project, 8. commit --------------------------------------------------

    async def _publish(self, work: Work[S]) -> None:
        out: list[Outgoing] = []
        for item, entry in work.entries:
            if entry.outcome is Outcome.REJECTED:
                out.append(rejected_record(self.name, item.record, entry))
            out.extend(published_event(self.name, entry, p) for p in entry.events)
        await self._publisher.send(out)
        if self._reactions:
            to = {event.type for event in self._reactions.to}
            work.reacted_to = [
                entry
                for _, entry in work.entries
                if any(published.type in to for published in entry.events)
            ]

    async def _project(self, work: Work[S]) -> None:
        """Write the views; then say what follows elsewhere, since that is asked of the views."""
        unsure = {stream for stream, known in work.states.items() if known is None}
        states = {**work.states, **await self._read(unsure)}
        there = {s: (k.version, k.state) for s, k in states.items() if k and k.state is not None}
        if there:
            await self._views.project(there)
        for stream, known in work.states.items():
            if known is self._unwritten.get(stream):
                self._unwritten.pop(stream, None)
        if self._reactions and work.reacted_to:
            await self._publisher.send(await self._reactions.react(work.reacted_to))

    async def _commit(self, work: Work[S]) -> None:
        if self._consumer is None:
            return
        try:
            await self._continuity.advanced(work.offsets)
            metadata = self._continuity.metadata
            await self._consumer.commit({tp: (at, metadata) for tp, at in work.offsets.items()})
        except (CommitFailedError, IllegalStateError, RebalanceInProgressError) as error:
            # The partitions are another's now, who reads the batch again and finds it decided.
            log.warning("commit_lost", error=type(error).__name__)


async def _ended(task: asyncio.Task[None] | None) -> None:
    """Wait for overlapped work, and fail if it failed."""
    if task:
        await task
