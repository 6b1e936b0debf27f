"""An aggregate whose view is still to be written is taken from memory, however small the cache."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.plans.domain import Plans
from services.plans.subscribers import SOURCES
from shared.breaker import Breaker
from shared.engine import Engine
from shared.journal import Outcome
from tests.faults.fakes import (
    FakeConsumer,
    FakeJournal,
    FakeKafka,
    FakePublisher,
    FakeViews,
    Gate,
    NoNotes,
)
from tests.faults.load import INBOX, Load
from tests.parts import eventually
from tests.unit.fold import NOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from services.plans.domain import State
    from shared.journal import Entry, Key

TOWNS, RECORDS = 6, 60


class Open(Gate):
    """Nobody waits at it."""

    async def __call__(self) -> None:
        await asyncio.sleep(0)


@dataclass(slots=True)
class Slow(FakeViews):
    """Views that are never done with writing."""

    async def project(self, states: Mapping[str, tuple[int, State]]) -> None:
        del states
        await asyncio.Event().wait()


@dataclass(slots=True)
class Asked(FakeJournal):
    """Counts the appends that something stood in the way of."""

    times: int = 0

    async def find(self, keys: Iterable[Key]) -> dict[Key, Entry]:
        self.times += 1
        return await super(Asked, self).find(keys)


async def test_no_append_is_lost_to_a_view_that_is_behind() -> None:
    load = Load(1, towns=TOWNS, duplicates=0, poison=0)
    load.plan()
    load.signatures()
    kafka, gate = FakeKafka(INBOX), Open()
    views = Slow({s: (0, state) for s, state in load.states.items()}, gate)
    journal = Asked({}, gate)
    for record in load.more(RECORDS):
        kafka.produce(record)
    consumer = FakeConsumer(kafka, gate)
    notes: Any = NoNotes()
    parts: dict[str, Any] = {
        "journal": journal,
        "views": views,
        "publisher": FakePublisher(kafka, gate),
    }
    engine = Engine(
        "plans",
        sources=SOURCES,
        decider=Plans(),
        breaker=Breaker(notes, share=1),
        clock=lambda: NOW,
        batch_size=TOWNS,
        cache_size=1,
        part_size=2,
        **parts,
    )
    consumer.listener = engine
    kafka.rebalance([consumer, consumer])
    running = asyncio.ensure_future(engine.run(consumer))

    async def all_decided() -> bool:
        return sum(engine.progress.outcomes.values()) >= RECORDS

    await eventually(all_decided)
    running.cancel()
    assert engine.progress.outcomes[Outcome.ACCEPTED] > TOWNS
    assert journal.times == 0
