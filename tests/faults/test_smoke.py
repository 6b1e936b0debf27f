"""A small part of `make faults`, for every run of the tests."""

from __future__ import annotations

from tests.faults.moments import Moment
from tests.faults.scenario import plans_under_load
from tests.faults.world import World

MOMENTS = (
    Moment("SIGKILL", "append", "within", 3),
    Moment("SIGKILL", "commit", "before", 3),
)


async def test_kills_at_two_moments_lose_and_repeat_nothing(world: World) -> None:
    async with plans_under_load("smoke", world, towns=100) as scenario:
        scenario.fleet.moments.extend(MOMENTS)
        for instance in scenario.fleet.instances:
            instance.process and instance.process.kill()
        await scenario.pour(3000)
        await scenario.check("4 kills")
        assert scenario.fleet.kills == 4
