"""What is decided before its snapshot is written: rules see it at once, and readers are told then.

An aggregate whose snapshot is not written yet is taken from memory, however small the cache.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.web.waiting import OutcomeWatcher
from tests.fakes.engine import plans_engine
from tests.fakes.gate import Open
from tests.fakes.kafka import FakeConsumer, FakeKafka
from tests.fakes.load import INBOX, Load
from tests.fakes.store import FakeJournal, FakeSnapshots
from tests.parts import eventually
from tests.unit.fold import NOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from services.plans.domain import State
    from shared.journal.entry import Entry, Key

TOWNS, RECORDS = 6, 60


@dataclass(slots=True)
class Slow(FakeSnapshots):
    """Snapshots that are written only when they may be."""

    may: asyncio.Event = field(default_factory=asyncio.Event)

    async def project(self, states: Mapping[Stream, Versioned[State]]) -> dict[Stream, int]:
        await self.may.wait()
        return await super(Slow, self).project(states)


@dataclass(slots=True)
class Asked(FakeJournal):
    """Counts the appends that something stood in the way of."""

    times: int = 0

    async def find(self, keys: Iterable[Key]) -> dict[Key, Entry]:
        self.times += 1
        return await super(Asked, self).find(keys)


async def test_no_append_is_lost_to_a_snapshot_that_is_behind() -> None:
    load = Load(1, towns=TOWNS, duplicates=0, poison=0)
    load.plan()
    load.signatures()
    kafka, gate = FakeKafka(INBOX), Open()
    snapshots = Slow({stream: Versioned(0, state) for stream, state in load.states.items()}, gate)
    journal = Asked({}, gate)
    for record in load.more(RECORDS):
        kafka.produce(record)
    consumer = FakeConsumer(kafka, gate)
    engine = plans_engine(
        consumer,
        journal=journal,
        snapshots=snapshots,
        clock=lambda: NOW,
        batch_size=TOWNS,
        cache_bytes=1,
        part_size=2,
    )
    kafka.rebalance([consumer])

    async def all_decided() -> bool:
        return len(journal.entries) == RECORDS

    async with asyncio.TaskGroup() as group:
        group.create_task(engine.run(consumer))
        await eventually(all_decided)
        assert engine.progress.writing.count, "what is being written is behind until it is"
        assert engine.progress.behind >= engine.progress.writing.count
        assert engine.progress.behind_age()
        snapshots.may.set()
        engine.stop()
    assert engine.progress.behind == engine.progress.behind_age() == 0
    assert journal.times == 0
    assert {stream: held.state for stream, held in snapshots.documents.items()} == load.states


async def test_an_outcome_that_is_waited_for_is_told_when_its_snapshot_is_written() -> None:
    load = Load(1, towns=TOWNS, duplicates=0, poison=0)
    load.plan()
    load.signatures()
    kafka, gate = FakeKafka(INBOX), Open()
    snapshots = Slow({stream: Versioned(0, state) for stream, state in load.states.items()}, gate)
    journal = FakeJournal({}, gate)
    watcher = OutcomeWatcher(cast("Any", journal))
    consumer = FakeConsumer(kafka, gate)
    engine = plans_engine(
        consumer, journal=journal, snapshots=snapshots, clock=lambda: NOW, watcher=watcher
    )
    kafka.rebalance([consumer])
    (record,) = load.more(1)
    headers = {name: value.decode() for name, value in record.headers}

    async def is_decided() -> bool:
        return watcher.is_eager

    with watcher.waiting(headers["ce_source"], headers["ce_id"], None) as waiter:
        async with asyncio.TaskGroup() as group:
            group.create_task(engine.run(consumer))
            kafka.produce(record)
            await eventually(is_decided)
            waiting = asyncio.create_task(waiter.outcome(1000))
            await asyncio.sleep(0)
            assert not waiting.done()
            snapshots.may.set()
            entry = await asyncio.wait_for(waiting, 20)
            engine.stop()
    assert entry
    assert snapshots.documents[entry.stream].version == entry.version
