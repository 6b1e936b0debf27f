"""A loop that stands still is told from one that waits for Kafka or the store."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx
from fastapi import FastAPI

from shared.checks.fault import Fault
from shared.pipeline.progress import Progress
from shared.pipeline.standstill import Standstill
from shared.web.health import Health, routes


@dataclass
class World:
    """A clock, and what Kafka and the store do."""

    now: float = 0.0
    kafka: list[Fault] = field(default_factory=list)
    hangs: bool = False
    store_age: float = 0.0
    asked: int = 0

    def __post_init__(self) -> None:
        self.progress = Progress(lambda: self.now, assigned=True)
        self.still = Standstill(self.progress, self.check, lambda: self.store_age)
        self.progress.turn()

    async def check(self) -> list[Fault]:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        return self.kafka

    async def after(self, *seconds: float) -> bool:
        """What is said at the end, if it is asked after each of these."""
        said = False
        for one in seconds:
            self.now += one
            said = await self.still.lasts()
        return said


async def test_a_loop_that_takes_turns_is_well_and_nobody_is_asked() -> None:
    world = World()
    for _ in range(10):
        world.progress.turn()
        assert not await world.after(30)
    assert not world.asked


async def test_a_loop_that_takes_none_while_all_is_there_stands_still() -> None:
    assert await World().after(70, 30, 31)


async def test_it_does_not_where_kafka_or_the_store_is_away() -> None:
    away = World(kafka=[Fault("COALITION_KAFKA", "nothing listens", passes=True)])
    assert not await away.after(70, 30, 300)
    assert not await World(store_age=20).after(70, 30, 300)


async def test_it_does_not_in_the_moment_in_which_they_are_back() -> None:
    world = World(store_age=20)
    await world.after(300)
    world.store_age = 0
    assert not await world.after(1, 30)
    world.progress.turn()
    assert not await world.after(1)


async def test_it_does_not_where_kafka_hangs() -> None:
    assert not await World(hangs=True).after(70)


async def test_it_does_not_while_it_waits_for_its_partitions_or_has_not_begun() -> None:
    world = World()
    world.progress.assigned = False
    assert not await world.after(70, 70)
    world.progress = Progress(lambda: world.now, assigned=True)
    world.still = Standstill(world.progress, world.check)
    assert not await world.after(70, 70)


async def test_the_probe_fails_by_it_alone() -> None:
    world = World(store_age=100)
    app = FastAPI()
    app.include_router(routes(Health(world.progress, stands_still=world.still.lasts)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        world.now = 1000
        assert (await client.get("/healthz")).status_code == HTTPStatus.OK
        world.store_age = 0
        await world.after(1, 61)
        assert (await client.get("/healthz")).status_code == HTTPStatus.SERVICE_UNAVAILABLE
