"""The engine's loop takes turns, also where nothing comes; where it hangs, the probe finds it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared.pipeline.standstill import Standstill
from tests.fakes.engine import plans_engine
from tests.fakes.gate import Gate, Open
from tests.fakes.kafka import FakeConsumer, FakeKafka
from tests.fakes.load import INBOX, Load
from tests.fakes.store import FakeJournal, FakeSnapshots
from tests.parts import eventually
from tests.unit.fold import NOW

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from shared.checks.fault import Fault
    from shared.pipeline.engine import Engine


@dataclass
class World:
    """A running engine and its clock.

    Attributes:
        gate: the journal's.
    """

    gate: Gate
    now: float = 0.0
    kafka: FakeKafka = field(default_factory=lambda: FakeKafka(INBOX))

    def __post_init__(self) -> None:
        opened = Open()
        self.consumer = FakeConsumer(self.kafka, opened)
        self.engine: Engine[Any] = plans_engine(
            self.consumer,
            journal=FakeJournal({}, self.gate),
            snapshots=FakeSnapshots({}, opened),
            clock=lambda: NOW,
            elapsed=lambda: self.now,
        )
        self.still = Standstill(self.engine.progress, self.nothing_wrong)

    async def nothing_wrong(self) -> Sequence[Fault]:
        return []

    async def stands_still(self, *seconds: float) -> bool:
        """What the probe says at the end, if it asks after each of these."""
        said = False
        for one in seconds:
            self.now += one
            await asyncio.sleep(0)
            said = await self.still.lasts()
        return said


@asynccontextmanager
async def running(world: World) -> AsyncIterator[None]:
    world.kafka.rebalance([world.consumer])
    task = asyncio.create_task(world.engine.run(world.consumer))
    try:
        await eventually(lambda: is_assigned(world), 10)
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def is_assigned(world: World) -> bool:
    return world.engine.progress.assigned


async def took_a_turn(world: World) -> bool:
    return world.engine.progress.turn_age() == 0


async def test_an_idle_engine_takes_turns() -> None:
    world = World(Open())
    async with running(world):
        world.now += 500
        assert world.engine.progress.turn_age() == 500
        await eventually(lambda: took_a_turn(world), 10)
        assert not await world.still.lasts()


async def test_one_whose_batch_never_ends_stands_still() -> None:
    """Nobody is let on at the gate of its journal."""
    world = World(Gate())
    record = Load(1, towns=1).plan()
    world.kafka.append(0, record.key, record.value, record.headers)
    async with running(world):

        async def waits() -> bool:
            return bool(world.gate.waiting)

        await eventually(waits, 10)
        assert await world.stands_still(70, 30, 31)
