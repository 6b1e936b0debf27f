"""Kafka or the store frozen: seen from outside, and by whoever tells a service to end."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Final

import httpx
import pytest

from shared.kafka import topics
from tests.faults.fleet import Fleet
from tests.faults.scenario import plans_under_load
from tests.parts import eventually

if TYPE_CHECKING:
    from tests.faults.world import World

pytestmark = pytest.mark.faults

STOP_SECONDS: Final = 15
SETTINGS: Final = {"COALITION_STOP_SECONDS": str(STOP_SECONDS)}
A_FEW_SECONDS: Final = 15
"""Five, and what a busy machine adds."""


async def post(fleet: Fleet, name: str, **headers: str) -> httpx.Response:
    """Found a coalition over HTTP, under an id made of its name."""
    port = fleet.instances[0].port
    async with httpx.AsyncClient(timeout=60) as client:
        return await client.post(
            f"http://127.0.0.1:{port}/events/CoalitionFounded",
            json={"coalition": name, "name": name},
            headers={"Authorization": "Bearer test-token", "Idempotency-Key": name, **headers},
        )


async def test_kafka_that_is_frozen_is_answered_for_within_seconds(world: World) -> None:
    await topics.create_topics(world.parts.connection, ["membership", "plans"])
    async with Fleet(world, "membership", settings=SETTINGS) as fleet:
        await fleet.scale(1)
        await fleet.ready()
        assert (await post(fleet, "before", Prefer="wait=20")).status_code == 200
        world.pause("kafka")
        answers = []
        for name in ("first", "second", "third"):
            began = time.monotonic()
            answers.append(await post(fleet, name, Prefer="wait=20"))
            assert time.monotonic() - began < A_FEW_SECONDS
        for answer in answers:
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["retry-after"]
        assert [answer.json()["taken"] for answer in answers] == ["unknown", "no", "no"]
        await eventually(fleet.unwell)
        world.unpause("kafka")
        await fleet.ready()

        async def is_taken(name: str) -> bool:
            return (await post(fleet, name, Prefer="wait=20")).status_code == 200

        for name in ("first", "second", "third"):
            await eventually(lambda name=name: is_taken(name))  # type: ignore[misc]
        assert fleet.exits == [], "it was waited for, and nothing had to be started again"
    decided = [
        entry["stream"]
        for entry in await world.stored("membership", "journal")
        if entry["outcome"] == "accepted"
    ]
    assert sorted(decided) == [f"coalitions/{n}" for n in ("before", "first", "second", "third")]


@pytest.mark.parametrize("part", ["kafka", "mongo"])
async def test_sigterm_is_obeyed_in_time_whatever_hangs(world: World, part: str) -> None:
    async with plans_under_load(f"SIGTERM, {part} frozen", world, settings=SETTINGS) as scenario:
        fleet = scenario.fleet
        await world.produce(scenario.load.more(1000))
        world.pause(part)
        if part == "mongo":
            await world.produce(scenario.load.more(1000))
        before, began = len(fleet.exits), time.monotonic()
        for instance in fleet.instances:
            instance.send(signal.SIGTERM)
        await eventually(lambda: _ended(fleet, before + 2), STOP_SECONDS + 30)
        assert time.monotonic() - began < STOP_SECONDS + A_FEW_SECONDS
        world.unpause(part)
        await scenario.pour(1000)
        await scenario.check(f"{part} frozen, 2 SIGTERM")
        assert any(code for code in fleet.exits[before : before + 2]), "it had to leave something"


async def _ended(fleet: Fleet, times: int) -> bool:
    return len(fleet.exits) >= times


async def test_a_part_that_is_silent_for_too_long_ends_the_process(world: World) -> None:
    await topics.create_topics(world.parts.connection, ["membership", "plans"])
    settings = {**SETTINGS, "COALITION_SILENT_SECONDS": "10"}
    for part in ("kafka", "mongo"):
        async with Fleet(world, "plans", settings=settings) as fleet:
            await fleet.scale(1)
            await fleet.ready()
            world.pause(part)
            await eventually(lambda: _ended(fleet, 1), 120)
            world.unpause(part)
            assert fleet.exits[0] > 0
            await fleet.ready()


async def test_a_service_whose_inbox_is_halted_is_not_ended_for_its_silence(world: World) -> None:
    """It polls nothing from there, but Kafka answers it."""
    settings = {
        "COALITION_SILENT_SECONDS": "10",
        "COALITION_REJECTED_WINDOW": "100",
        "COALITION_REJECTED_PLAIN": "stop",
    }
    async with plans_under_load("halted, silent", world, settings=settings) as scenario:
        fleet = scenario.fleet
        await fleet.scale(1)
        await world.produce(scenario.load.poisoned(400))

        async def is_halted() -> bool:
            try:
                return bool((await fleet.health()).json()["inboxes"])
            except httpx.HTTPError:
                return False

        await eventually(is_halted)
        before, heard = len(fleet.exits), time.monotonic()

        async def is_halted_for_long() -> bool:
            assert await is_halted()
            return time.monotonic() - heard > 25

        await eventually(is_halted_for_long)
        assert (await fleet.health()).json()["kafka"] is True
        assert len(fleet.exits) == before
