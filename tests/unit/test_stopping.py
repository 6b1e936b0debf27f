"""An engine that is told to stop stops, in whatever moment it is told."""

from __future__ import annotations

import asyncio

import pytest

from tests.fakes.engine import plans_engine
from tests.fakes.gate import Open
from tests.fakes.kafka import FakeConsumer, FakeKafka
from tests.fakes.load import INBOX
from tests.fakes.store import FakeJournal, FakeSnapshots
from tests.unit.fold import NOW

STEPS = 40
"""More than an idle engine takes from one poll to the next."""


@pytest.mark.parametrize("steps", range(STEPS))
async def test_it_stops_at_every_step(steps: int) -> None:
    kafka, gate = FakeKafka(INBOX), Open()
    consumer = FakeConsumer(kafka, gate)
    engine = plans_engine(
        consumer,
        journal=FakeJournal({}, gate),
        snapshots=FakeSnapshots({}, gate),
        clock=lambda: NOW,
    )
    kafka.rebalance([consumer])
    running = asyncio.create_task(engine.run(consumer))
    for _ in range(steps):
        await asyncio.sleep(0)
    engine.stop()
    async with asyncio.timeout(10):
        await running
