"""What fills the memory is bounded by its size, not by its number: states grow for years."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

import pytest

from services.plans.domain import DECIDER, MemberCommitments
from shared.contracts.base import MemberRef
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.pipeline.batch import Batch
from shared.pipeline.batch_size import BatchSize
from shared.pipeline.inbound import InboundMessage
from shared.pipeline.progress import Progress
from shared.pipeline.projector import Projector
from shared.pipeline.repository import Repository
from tests.fakes.engine import plans_engine
from tests.fakes.gate import Open
from tests.fakes.kafka import FakeConsumer, FakeKafka
from tests.fakes.load import INBOX, Load
from tests.fakes.store import FakeJournal, FakeSnapshots
from tests.parts import eventually
from tests.unit.fold import NOW

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from aiokafka import TopicPartition

    from services.plans.domain import State
    from tests.fakes.kafka import Record

TOWNS: Final = [Stream("commitments", f"de-town-{number}") for number in range(10)]
LARGE, SMALL, FULL = 1_000, 100, 64
STATE: Final = MemberCommitments(
    id="de-town",
    coalition="europe",
    member=MemberRef(name="Town", country="DE", kind="city"),
    state="open",
    standing="member",
)


@dataclass
class Store:
    """A journal that has nothing newer, and snapshots that note which are read."""

    size: int
    read: list[Stream] = field(default_factory=list)

    async def load(self, streams: Iterable[Stream]) -> dict[Stream, Versioned[State]]:
        found = {stream: Versioned[Any](1, STATE, self.size) for stream in streams}
        self.read += found
        return found

    async def newer(self, versions: Mapping[Stream, int]) -> AsyncIterator[Any]:
        for nothing in versions.keys() - versions.keys():
            yield nothing


def repository(store: Store, cache_bytes: int) -> Repository[State]:
    return Repository(DECIDER, cast("Any", store), cast("Any", store), cache_bytes)


async def read(store: Store, held: Repository[State], streams: Iterable[Stream]) -> set[Stream]:
    """Which of them are read from the store when events about them come."""
    store.read.clear()
    messages = [about(stream) for stream in streams]
    await held.load(messages, afresh=False)
    return set(store.read)


def about(stream: Stream) -> InboundMessage:
    message: Any = type("Message", (), {"event": STATE, "route": Route(stream)})()
    return cast("InboundMessage", message)


@dataclass
class Route:
    """Where an event leads."""

    stream: Stream
    looks_at: tuple[Stream, ...] = ()


async def kept(size: int, cache_bytes: int) -> int:
    """How many of ten aggregates are in memory after all were decided and written."""
    store = Store(size)
    held = repository(store, cache_bytes)
    states = {stream: Versioned[Any](2, STATE, size) for stream in TOWNS}
    held.remember(states)
    held.written(states, dict.fromkeys(states, size))
    return len(TOWNS) - len(await read(store, held, TOWNS))


@pytest.mark.parametrize(
    ("size", "cache_bytes", "most"),
    [(SMALL, 20 * LARGE, 10), (LARGE, 4 * LARGE, 3), (LARGE, 1, 1), (10 * LARGE, 4 * LARGE, 1)],
)
async def test_as_many_are_kept_as_their_size_allows(
    size: int, cache_bytes: int, most: int
) -> None:
    assert await kept(size, cache_bytes) == most


async def test_what_was_estimated_too_high_is_put_right_when_it_is_written() -> None:
    store = Store(SMALL)
    held = repository(store, 4 * LARGE)
    (first, *others) = TOWNS
    begun = {first: Versioned[Any](2, STATE, 3 * LARGE)}
    held.remember(begun)
    held.remember({first: Versioned[Any](3, STATE, 3 * LARGE + SMALL)})  # decided meanwhile
    held.written(begun, {first: SMALL})
    held.remember({stream: Versioned[Any](2, STATE, SMALL) for stream in others})
    assert not await read(store, held, TOWNS)


@dataclass
class Polls(FakeConsumer):
    """A consumer that notes how many records it was asked for."""

    asked: list[int] = field(default_factory=list)

    async def getmany(
        self, *only: TopicPartition, timeout_ms: int, max_records: int
    ) -> dict[TopicPartition, list[Record]]:
        self.asked.append(max_records)
        return await super().getmany(*only, timeout_ms=timeout_ms, max_records=max_records)


def test_a_batch_is_as_large_as_what_it_touches_allows() -> None:
    size = BatchSize(1000)
    assert size.most == FULL, "one that was killed for its memory does not begin as it ended"
    size.fit(3, 0)
    assert size.most == FULL, "what few records take says nothing of many"
    for expected in (128, 256, 512, 1000, 1000):
        size.fit(size.most, LARGE)
        assert size.most == expected
    size.fit(700, 3_000_000)
    assert size.most == 350
    size.fit(350, 2_000_000)
    assert size.most == 350
    for _ in range(20):
        size.fit(size.most, 3_000_000)
    assert size.most == 1


async def test_the_engine_takes_fewer_records_where_they_concern_much() -> None:
    """What the records of the first, small poll concern is large: the next one is smaller yet."""
    load = Load(1, towns=1, duplicates=0, poison=0)
    load.plan()
    load.signatures()
    kafka, gate = FakeKafka(INBOX), Open()
    large = {s: Versioned[Any](0, state, 3_000_000) for s, state in load.states.items()}
    journal = FakeJournal({}, gate)
    for record in load.more(FULL + 1):
        kafka.produce(record)
    consumer = Polls(kafka, gate)
    engine = plans_engine(
        consumer, journal=journal, snapshots=FakeSnapshots(large, gate), clock=lambda: NOW
    )
    kafka.rebalance([consumer])

    async def all_decided() -> bool:
        return len(journal.entries) == FULL + 1

    async with asyncio.TaskGroup() as group:
        group.create_task(engine.run(consumer))
        await eventually(all_decided)
        engine.stop()
    assert consumer.asked[0] == FULL
    assert FULL // 2 in consumer.asked


def test_what_waits_to_be_written_is_bounded_by_its_size() -> None:
    nothing: Any = None
    projector = Projector[Any](nothing, nothing, (), Progress(lambda: 0.0))
    projector.add(Batch(states={TOWNS[0]: Versioned[Any](1, STATE, 15_000_000), TOWNS[1]: None}))
    assert projector.may_wait(is_busy=True, has_more=lambda _: True)
    projector.add(Batch(states={TOWNS[2]: Versioned[Any](1, STATE, 2_000_000)}))
    assert not projector.may_wait(is_busy=True, has_more=lambda _: True)
