"""Views that are dropped and made anew while events arrive; two sweepers at once."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

import httpx
import pytest

from cli import kafka
from shared.contracts import catalogue
from shared.contracts.plans import CommitmentsOpened
from shared.kafka import topics
from tests.faults import figures
from tests.faults.fleet import Fleet
from tests.faults.invariants import account
from tests.faults.load import Load
from tests.faults.scenario import plans_under_load
from tests.parts import eventually

if TYPE_CHECKING:
    from tests.faults.world import World

pytestmark = pytest.mark.faults
TOWNS: Final = 100


async def test_views_dropped_and_rebuilt_while_events_arrive(world: World) -> None:
    async with plans_under_load("rebuild", world) as scenario:
        await scenario.pour(2000)
        async with world.database("plans") as database:
            for kind in ("plans", "commitments"):
                await database[kind].drop()
        pouring = asyncio.create_task(scenario.pour(4000))
        assert (await scenario.fleet.ask("POST", "/views/rebuild")).status_code == 202
        await pouring
        await eventually(lambda: rebuilt(scenario.fleet))
        # While views were missing they were so for records, too, that had been committed before.
        scenario.watch.premature.clear()
        await scenario.check("1 drop, 1 rebuild")


async def rebuilt(fleet: Fleet) -> bool:
    answer: httpx.Response = await fleet.ask("GET", "/views/rebuild")
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
    events = await kafka.read_all(world.parts.kafka, catalogue.events("plans"))
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
