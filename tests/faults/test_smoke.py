"""A small part of `make faults`, for every run of the tests."""

from __future__ import annotations

import signal

from tests.faults.moments import Moment
from tests.faults.scenario import plans_under_load
from tests.faults.world import World

MOMENTS = (
    Moment("SIGKILL", "append", "within", 3),
    Moment("SIGKILL", "commit", "before", 1),
)


async def test_kills_at_two_moments_lose_and_repeat_nothing(world: World) -> None:
    async with plans_under_load("smoke", world, towns=100) as scenario:
        scenario.fleet.moments.extend(MOMENTS)
        for instance in scenario.fleet.instances:
            instance.send(signal.SIGKILL)
        await scenario.pour(2000)
        while scenario.fleet.kills < len(MOMENTS) + 2:
            await scenario.pour(500)
        await scenario.check(f"{scenario.fleet.kills} kills")
