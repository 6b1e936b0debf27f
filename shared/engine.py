"""The engine: how every service turns incoming events into decided, published ones.

Eight steps, in this order, for each batch (`Engine._begin` has 2 to 5, `Engine._finish` 6 to 8):

1. consume   up to N records
2. parse     record by record; a bad one costs only itself
3. load      the aggregates that the batch touches
4. decide    pure functions of the domain
5. append    to the journal: the moment in which a decision is made
6. project   the views
7. publish   what the entries say, and what was rejected
8. commit    the offsets, last

Steps 6 to 8 of a batch overlap with 1 to 5 of the next. Whatever crashes before 8 is delivered
again, finds its entries in the journal and goes through 6 to 8 once more: redelivery is the relay.
An error that nobody here knows how to handle ends the process without a commit.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Generic

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaError,
    RebalanceInProgressError,
)

from shared import cloudevents
from shared.cloudevents import Unreadable
from shared.decider import Decider, Refused, Route, S, Situation
from shared.journal import Entry, Journal, Key, Origin, Outcome, Published, digest
from shared.messaging import REPLAY_HEADER, Outgoing, rejected_record

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer, ConsumerRecord

    from shared.contracts.base import Event
    from shared.messaging import Publisher
    from shared.views import Views

log = structlog.get_logger()

Clock = Callable[[], datetime]
Reaction = Callable[[Sequence[Entry]], Awaitable[Sequence[Outgoing]]]

POLL_MS: Final = 500
"""How long an idle consumer waits, and so how soon it sees that it shall stop."""
_ASK_EVERY: Final = timedelta(seconds=5)
_ASK_SECONDS: Final = 3
_MAX_ROUNDS: Final = 100
"""How often one batch may lose its race for a stream before something must be wrong."""


@dataclass(frozen=True, slots=True)
class Source:
    """A topic that a service reads.

    Attributes:
        types: the event types that it understands there.
        own: whether it is the service's inbox, where an unknown type is rejected. On another
            owner's topic, a type that is none of this service's business is passed over.
    """

    topic: str
    types: Mapping[str, type[Event]]
    own: bool


@dataclass(slots=True)
class Item:
    """A record on its way through the batch."""

    record: ConsumerRecord
    origin: Origin
    key: Key
    digest: str
    route: Route
    event: Event | None = None
    refusal: Unreadable | None = None
    about: Key | None = None
    type: str = ""


@dataclass(slots=True)
class Work(Generic[S]):
    """What steps 6 to 8 have to do for a batch.

    Attributes:
        offsets: what to commit.
        entries: what to publish, each with the record that it came from.
        touched: the streams whose views are to be brought forward.
        states: their states as of this batch, where known; the others are read again.
    """

    offsets: dict[TopicPartition, int]
    entries: list[tuple[Item, Entry]] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    states: dict[str, tuple[int, S | None]] = field(default_factory=dict)


@dataclass(slots=True)
class Progress:
    """What an operator wants to know of a running engine."""

    assigned: bool = False
    polled: datetime | None = None
    records: int = 0
    batches: int = 0
    duplicates: int = 0
    redelivered: int = 0
    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))


class Engine(ConsumerRebalanceListener, Generic[S]):  # type: ignore[misc]  # aiokafka has no types
    """Runs one service's batches; see the module's text for the eight steps.

    Args:
        name: the service's; also the source of what it publishes.
        sources: the topics it reads.
        decider: its rules.
        journal: its truth.
        views: what its queries read.
        publisher: its way out to Kafka.
        react: what else is to be said, to its own inbox, because of accepted entries.
        clock: tells the time, aware, UTC.
        batch_size: records in a batch at most.
        cache_size: aggregates kept in memory at most.
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
        react: Reaction | None = None,
        clock: Clock = lambda: datetime.now(UTC),
        batch_size: int = 1000,
        cache_size: int = 20_000,
    ) -> None:
        self.name = name
        self.progress = Progress()
        self._sources = {source.topic: source for source in sources}
        self._decider = decider
        self._journal = journal
        self._views = views
        self._publisher = publisher
        self._react = react
        self._clock = clock
        self._batch_size = batch_size
        self._cache_size = cache_size
        self._cache: OrderedDict[str, tuple[int, S | None]] = OrderedDict()
        self._lock = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._tail: asyncio.Task[None] | None = None

    # --- the loop -----------------------------------------------------------------------

    async def run(self, consumer: AIOKafkaConsumer) -> None:
        """Process batches until `stop`; then finish what was begun."""
        try:
            while not self._stopping.is_set():
                fetched = await consumer.getmany(
                    timeout_ms=POLL_MS, max_records=self._batch_size
                )  # 1. consume
                await self._heard(consumer, something=bool(fetched))
                # Between a revocation and the next assignment the positions are reset: what was
                # fetched before is fetched again, by whoever owns the partition then.
                if fetched and self.progress.assigned:
                    async with self._lock:
                        await self._batch(consumer, fetched)
                await self._raise_failed_tail()
        finally:
            await self._settle()
        await self._raise_failed_tail()

    async def _heard(self, consumer: AIOKafkaConsumer, *, something: bool) -> None:
        """Note that Kafka is there; an idle consumer asks, since an empty poll does not tell."""
        now = self._clock()
        due = self.progress.polled is None or now - self.progress.polled > _ASK_EVERY
        if not something:
            if not due or not self.progress.assigned:
                return
            try:
                async with asyncio.timeout(_ASK_SECONDS):
                    await consumer.end_offsets(list(consumer.assignment())[:1])
            except (KafkaError, TimeoutError) as error:
                log.warning("kafka_silent", error=type(error).__name__)
                return
        self.progress.polled = now

    def stop(self) -> None:
        """Ask the loop to end after the batch in hand."""
        self._stopping.set()

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Finish the batch in hand and the overlapped one; the old generation commits them."""
        self.progress.assigned = False
        async with self._lock:
            await self._settle()
        self._cache.clear()
        log.info("partitions_revoked", count=len(revoked))

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Begin to work."""
        self.progress.assigned = True
        log.info("partitions_assigned", count=len(assigned))

    async def _batch(
        self, consumer: AIOKafkaConsumer, fetched: dict[TopicPartition, list[ConsumerRecord]]
    ) -> None:
        work = await self._begin(fetched)
        await self._settle()
        await self._raise_failed_tail()
        self._tail = asyncio.create_task(self._finish(consumer, work))

    async def _settle(self) -> None:
        if self._tail:
            await asyncio.wait({self._tail})

    async def _raise_failed_tail(self) -> None:
        if self._tail and self._tail.done():
            await self._tail

    async def _begin(self, fetched: dict[TopicPartition, list[ConsumerRecord]]) -> Work[S]:
        records = [record for batch in fetched.values() for record in batch]
        work = Work[S]({tp: batch[-1].offset + 1 for tp, batch in fetched.items()})
        pending = [item for item in map(self._parse, records) if item]  # 2. parse
        for _ in range(_MAX_ROUNDS):
            if not pending:
                break
            known = await self._load(pending)  # 3. load
            entries = self._decide(pending, known)  # 4. decide
            count = await self._journal.append(entries)  # 5. append
            rest = pending[count:]
            self._appended(work, pending[:count], entries[:count])
            self._remember(work, pending[:count], rest, known)
            pending = await self._stood_in_the_way(work, rest)
        else:
            msg = f"{self.name}: a batch lost its race {_MAX_ROUNDS} times"
            raise RuntimeError(msg)
        self.progress.batches += 1
        self.progress.records += len(records)
        return work

    async def _finish(self, consumer: AIOKafkaConsumer, work: Work[S]) -> None:
        await self._project(work)  # 6. project
        await self._publish(work)  # 7. publish
        await self._commit(consumer, work)  # 8. commit

    # --- 2. parse -----------------------------------------------------------------------

    def _parse(self, record: ConsumerRecord) -> Item | None:
        origin = Origin(record.topic, record.partition, record.offset)
        source = self._sources[record.topic]
        item = Item(
            record=record,
            origin=origin,
            key=Key(f"kafka:{record.topic}/{record.partition}", str(record.offset)),
            digest=digest(record.value or b""),
            route=Route(f"unread/{record.topic}/{record.partition}"),
        )
        try:
            envelope = cloudevents.read(record.headers, record.value)
            item.type = envelope.type
            item.about = Key(envelope.source, envelope.id)
            if not source.own and envelope.type not in source.types:
                return None
            event = cloudevents.parse(envelope, source.types)
            item.route = self._decider.route(event, (envelope.source, envelope.id))
        except Unreadable as refusal:
            item.refusal = refusal
            return item
        item.event = event
        item.digest = digest(envelope.data)
        replay = _replay(record)
        item.key = replace(item.about, replay=replay)
        item.about = item.about if replay else None
        return item

    # --- 3. load ------------------------------------------------------------------------

    async def _load(self, items: Sequence[Item]) -> dict[str, tuple[int, S | None]]:
        """Bring to mind what the batch touches; what it only looks at is always read afresh."""
        decided = {item.route.stream for item in items if item.event}
        looked_at = {stream for item in items if item.event for stream in item.route.looks_at}
        known = {s: self._cache[s] for s in decided if s in self._cache and s not in looked_at}
        known.update(await self._read((decided | looked_at) - known.keys()))
        return known

    async def _read(self, streams: set[str]) -> dict[str, tuple[int, S | None]]:
        known: dict[str, tuple[int, S | None]] = dict.fromkeys(streams, (0, None))
        if not streams:
            return known
        known.update(await self._views.load(streams))
        async for entry in self._journal.newer({s: known[s][0] for s in streams}):
            known[entry.stream] = (entry.version, self._fold(known[entry.stream][1], entry))
        return known

    def _fold(self, state: S | None, entry: Entry) -> S | None:
        for published in entry.events:
            state = self._decider.evolve(state, published.event)
        return state

    # --- 4. decide ----------------------------------------------------------------------

    def _decide(self, items: Sequence[Item], known: dict[str, tuple[int, S | None]]) -> list[Entry]:
        entries = []
        for item in items:
            entry = self._decide_one(item, known)
            if item.event:
                state = self._fold(known[item.route.stream][1], entry)
                known[item.route.stream] = (entry.version, state)
            entries.append(entry)
        return entries

    def _decide_one(self, item: Item, known: Mapping[str, tuple[int, S | None]]) -> Entry:
        now = self._clock()
        if item.event is None:
            return self._unread(item, now)
        version, state = known[item.route.stream]
        entry = Entry(
            key=item.key,
            stream=item.route.stream,
            version=version + 1,
            outcome=Outcome.UNCHANGED,
            recorded=now,
            digest=item.digest,
            origin=item.origin,
            type=item.type,
            about=item.about,
        )
        others = {s: known[s][1] for s in item.route.looks_at}
        situation = Situation(
            state=state,
            others={s: other for s, other in others.items() if other is not None},
            now=now,
            cause=(item.key.source, item.key.id),
        )
        try:
            events = self._decider.decide(item.event, situation)
        except Refused as refusal:
            return replace(entry, outcome=Outcome.REJECTED, reason=str(refusal), code="rule")
        if not events:
            return entry
        published = tuple(
            Published(cloudevents.derived_id(*item.key.document().values(), self.name, n), event)
            for n, event in enumerate(events)
        )
        return replace(entry, outcome=Outcome.ACCEPTED, events=published)

    def _unread(self, item: Item, now: datetime) -> Entry:
        refusal = item.refusal or Unreadable("body", "unreadable")
        return Entry(
            key=item.key,
            stream=item.route.stream,
            version=item.origin.offset,
            outcome=Outcome.REJECTED,
            recorded=now,
            digest=item.digest,
            origin=item.origin,
            type=item.type,
            reason=refusal.reason,
            code=refusal.code,
            about=item.about,
        )

    # --- 5. append ----------------------------------------------------------------------

    def _appended(self, work: Work[S], items: Sequence[Item], entries: Sequence[Entry]) -> None:
        for item, entry in zip(items, entries, strict=True):
            work.entries.append((item, entry))
            if item.event:
                work.touched.add(entry.stream)
            self.progress.outcomes[entry.outcome] += 1

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
                work.touched.add(entry.stream)
                self.progress.redelivered += 1
            elif entry.digest == item.digest:
                self.progress.duplicates += 1
            else:
                left.append(_reused(item))
        return left

    def _remember(
        self,
        work: Work[S],
        appended: Sequence[Item],
        rest: Sequence[Item],
        known: Mapping[str, tuple[int, S | None]],
    ) -> None:
        """Keep the states that the journal now holds; those that the rest touched are unsure."""
        unsure = {item.route.stream for item in rest}
        for stream in unsure:
            self._cache.pop(stream, None)
            work.states.pop(stream, None)
        for stream in {item.route.stream for item in appended if item.event} - unsure:
            work.states[stream] = self._cache[stream] = known[stream]
            self._cache.move_to_end(stream)
        while len(self._cache) > self._cache_size:
            self._cache.popitem(last=False)

    # --- 6. project, 7. publish, 8. commit --------------------------------------------------

    async def _project(self, work: Work[S]) -> None:
        states = {**work.states, **await self._read(work.touched - work.states.keys())}
        there = {s: (version, state) for s, (version, state) in states.items() if state is not None}
        if there:
            await self._views.project(there)

    async def _publish(self, work: Work[S]) -> None:
        out: list[Outgoing] = []
        for item, entry in work.entries:
            if entry.outcome is Outcome.REJECTED:
                out.append(rejected_record(self.name, item.record, entry))
            out.extend(Outgoing.published(self.name, entry, p) for p in entry.events)
        if self._react:
            out.extend(await self._react([entry for _, entry in work.entries]))
        await self._publisher.send(out)

    async def _commit(self, consumer: AIOKafkaConsumer, work: Work[S]) -> None:
        try:
            await consumer.commit(work.offsets)
        except (CommitFailedError, IllegalStateError, RebalanceInProgressError) as error:
            # The partitions are another's now, who reads the batch again and finds it decided.
            log.warning("commit_lost", error=type(error).__name__)


def _replay(record: ConsumerRecord) -> str:
    raw = next((value for name, value in record.headers if name == REPLAY_HEADER and value), b"")
    return bytes(raw[:300]).decode(errors="replace")


def _reused(item: Item) -> Item:
    """Another body under an id that is taken: rejected under its origin, lest it is lost."""
    reason = "this source has used this id before, for an event with another body"
    return replace(
        item,
        event=None,
        refusal=Unreadable("reused", reason),
        about=Key(item.key.source, item.key.id),
        key=Key(f"kafka:{item.origin.topic}/{item.origin.partition}", str(item.origin.offset)),
        route=Route(f"unread/{item.origin.topic}/{item.origin.partition}"),
    )
