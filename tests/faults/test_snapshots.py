"""Snapshots that are dropped and made anew while events arrive; two sweepers at once."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from cli import kafka
from shared.contracts import catalogue
from shared.contracts.plans import CommitmentsOpened
from shared.kafka import topics
from tests.fakes.load import Load
from tests.faults import figures
from tests.faults.fleet import Fleet
from tests.faults.invariants import account
from tests.faults.scenario import plans_under_load
from tests.parts import eventually, store_port
from tests.wire import wire

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.faults.world import World

pytestmark = pytest.mark.faults
TOWNS: Final = 100


async def in_two_steps(_: dict[str, Any]) -> None:
    """Nothing comes between the steps of an upsert but what happens to come."""


@pytest.mark.parametrize("between", [None, in_two_steps], ids=["", "upserts in two steps"])
async def test_snapshots_dropped_and_rebuilt_while_events_arrive(
    world: World, between: Callable[[dict[str, Any]], Awaitable[None]] | None
) -> None:
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(wire(store_port(world.parts)))
        store.between = between
        parts = replace(world.parts, mongodb=store.uri) if between else world.parts
        name = "rebuild, upserts in two steps" if between else "rebuild"
        scenario = await stack.enter_async_context(plans_under_load(name, world, parts=parts))
        await scenario.pour(2000)
        async with world.database("plans") as database:
            for kind in ("plans", "commitments"):
                await database[kind].drop()
        pouring = asyncio.create_task(scenario.pour(4000))
        assert (await scenario.fleet.ask("POST", "/snapshots/rebuild")).status_code == 202
        await pouring
        await eventually(lambda: rebuilt(scenario.fleet))
        # While they were missing they were so for records, too, that had been committed before.
        scenario.watch.premature.clear()
        await scenario.check("1 drop, 1 rebuild")


async def rebuilt(fleet: Fleet) -> bool:
    answer: httpx.Response = await fleet.ask("GET", "/snapshots/rebuild")
    return not answer.json()["running"]


async def test_two_sweepers_at_once_open_each_members_commitments_once(world: World) -> None:
    began = time.monotonic()
    load = Load(seed=1, towns=TOWNS)
    await topics.create_topics(world.parts.connection, ["membership", "plans"])
    async with Fleet(world, "plans") as fleet:
        await fleet.scale(2)
        await world.produce(load.signatures())
        await world.read_down("plans")
        await world.produce([load.plan()])
        await eventually(lambda: all_open(world))
        await world.read_down("plans")
    found = await account(world, "plans")
    events = await kafka.read_all(world.parts.connection, catalogue.events("plans"))
    opened = {
        (record.key, headers["ce_id"])
        for record in events
        if (headers := dict(record.headers))["ce_type"] == CommitmentsOpened.type.encode()
    }
    if len(opened) != TOWNS:
        found.lost.append(f"{len(opened)} openings of {TOWNS}")
    figures.note(
        figures.Row(
            "two sweepers",
            events=found.produced,
            faults="2 sweepers and reactions",
            lost=len(found.lost),
            duplicates=found.duplicates,
            rejected=found.outcomes["rejected"],
            seconds=time.monotonic() - began,
        )
    )
    assert not found.lost


async def all_open(world: World) -> bool:
    held = await world.stored("plans", "commitments")
    return len(held) == TOWNS and all(one["state"] == "open" for one in held)
