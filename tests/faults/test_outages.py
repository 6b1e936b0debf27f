"""Kafka and the store killed, slow, cut and deaf: services wait or restart, and nothing is lost."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

import pytest
from pymongo.errors import OperationFailure, PyMongoError

from tests.containers import free_port
from tests.faults.proxy import Proxy, proxy
from tests.faults.scenario import Scenario, plans_under_load
from tests.faults.world import through
from tests.parts import eventually

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
    async with plans_under_load("step-down", world) as scenario:
        await world.produce(scenario.load.more(2000))
        async with world.database("plans") as database:
            try:
                await database.client.admin.command("replSetStepDown", 3, force=True)
                what = "1 step-down"
            except OperationFailure as error:
                what = f"not offered by this server: {error.details and error.details['codeName']}"
            except PyMongoError:
                what = "1 step-down"
        await scenario.pour(2000)
        await scenario.check(told(scenario.fleet, what))


async def test_connections_are_slow_cut_and_deaf(world: World) -> None:
    store = free_port()
    target = int(world.parts.mongodb.split(":")[2].partition("/")[0])
    async with AsyncExitStack() as stack:
        kafka = await stack.enter_async_context(proxy(*world.proxied))
        mongo = await stack.enter_async_context(proxy(store, target))
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
