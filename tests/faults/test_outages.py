"""Kafka and the store killed, slow, cut and deaf: services wait or restart, and nothing is lost."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from shared.mongo import RETRY_SECONDS
from tests.containers import free_port
from tests.faults.proxy import Proxy, proxy
from tests.faults.scenario import Scenario, plans_under_load
from tests.faults.world import through
from tests.parts import eventually, store_port
from tests.wire import wire

if TYPE_CHECKING:
    from tests.faults.fleet import Fleet
    from tests.faults.world import World

pytestmark = pytest.mark.faults

ROUNDS: Final = 2


def told(fleet: Fleet, what: str) -> str:
    return f"{what}; {fleet.failures} restarts"


@pytest.mark.parametrize("names", [("kafka",), ("mongo",), ("kafka", "mongo")], ids="+".join)
async def test_a_part_is_killed_and_comes_back(world: World, names: tuple[str, ...]) -> None:
    what = " and ".join(names)
    async with plans_under_load(f"{what} kill -9", world) as scenario:
        for _ in range(ROUNDS):
            await scenario.pour(1000)
            await world.produce(scenario.load.more(1000))
            await world.kill(*names)
            if "kafka" not in names:
                # What came before may be done already, and an idle service needs no store.
                await world.produce(scenario.load.more(1000))
            # Down for longer than a poll interval: until the services themselves say so.
            await eventually(scenario.fleet.unwell)
            await world.revive(*names)
        await scenario.check(told(scenario.fleet, f"{ROUNDS} kills of {what}"))


async def test_the_store_steps_down(world: World) -> None:
    async with (
        wire(store_port(world.parts)) as store,
        plans_under_load("step-down", world, parts=replace(world.parts, mongodb=store.uri)) as here,
    ):
        await here.world.produce(here.load.more(2000))
        await store.step_down(seconds=3)
        await here.pour(1000)
        await here.world.produce(here.load.more(1000))
        # Longer than a write is repeated: now the services end, without a commit.
        await store.step_down(seconds=RETRY_SECONDS + 15)
        await here.pour(1000)
        await here.check(told(here.fleet, f"2 step-downs, {store.faults} answers"))
        assert here.fleet.failures


async def test_connections_are_slow_cut_and_deaf(world: World) -> None:
    store = free_port()
    async with AsyncExitStack() as stack:
        kafka = await stack.enter_async_context(proxy(*world.proxied))
        mongo = await stack.enter_async_context(proxy(store, store_port(world.parts)))
        parts = through(world, kafka=world.proxied[0], mongo=store)
        scenario = await stack.enter_async_context(
            plans_under_load("slow, cut, deaf", world, parts=parts)
        )
        for proxied in (mongo, kafka, mongo, kafka):
            await abuse(scenario, proxied)
        await scenario.check(
            told(scenario.fleet, f"{kafka.faults} Kafka, {mongo.faults} MongoDB connections cut")
        )


async def abuse(scenario: Scenario, proxied: Proxy) -> None:
    """Make a connection slow, then cut it, then lose an answer of it, each with work to do."""
    proxied.latency = 0.02
    await scenario.pour(1000)
    proxied.latency = 0
    await scenario.world.produce(scenario.load.more(1000))
    proxied.cut()
    await scenario.world.produce(scenario.load.more(1000))
    await proxied.lose_an_answer()
