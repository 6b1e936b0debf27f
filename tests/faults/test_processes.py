"""Processes that are killed, frozen, restarted and scaled: nothing is lost, nothing goes back."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Final

import pytest

from tests.faults.moments import Moment
from tests.faults.scenario import plans_under_load

if TYPE_CHECKING:
    from tests.faults.fleet import Fleet
    from tests.faults.world import World

pytestmark = pytest.mark.faults

KILLS: Final = tuple(
    Moment("SIGKILL", step, when, call)
    for step, when, call in (
        ("append", "before", 3),
        ("append", "within", 2),
        ("append", "after", 3),
        ("publish", "before", 2),
        ("publish", "within", 3),
        ("publish", "after", 2),
        ("project", "before", 2),
        ("project", "within", 2),
        ("project", "after", 2),
        ("commit", "before", 2),
        ("commit", "after", 2),
    )
)
IN_A_ROW: Final = 10
FROZEN: Final = (
    Moment("SIGSTOP", "append", "before", 3),
    Moment("SIGSTOP", "publish", "before", 3),
    Moment("SIGSTOP", "project", "before", 2),
    Moment("SIGSTOP", "commit", "before", 2),
)


async def kill(fleet: Fleet) -> None:
    """Kill all instances, so that the next ones start with what is to go wrong for them."""
    for instance in fleet.instances:
        instance.send(signal.SIGKILL)


async def test_kill_9_at_every_moment_and_ten_in_a_row(world: World) -> None:
    async with plans_under_load("kill -9", world) as scenario:
        fleet = scenario.fleet
        fleet.moments.extend([*KILLS, *(Moment("SIGKILL", "append", "before", 1),) * IN_A_ROW])
        await kill(fleet)
        await scenario.pour(20_000)
        while fleet.kills < len(KILLS) + IN_A_ROW + 2:
            await scenario.pour(1000)
        await scenario.check(f"{fleet.kills} kills")
        assert fleet.failures == 0


@pytest.mark.parametrize("moment", FROZEN, ids=lambda moment: moment.step)
async def test_a_frozen_consumer_overwrites_nothing_when_it_wakes(
    world: World, moment: Moment
) -> None:
    async with plans_under_load(f"frozen before {moment.step}", world) as scenario:
        fleet = scenario.fleet
        fleet.moments.append(moment)
        fleet.instances[0].send(signal.SIGKILL)

        async def frozen() -> bool:
            return any(instance.stopped() for instance in fleet.instances)

        await scenario.pour(2000)
        while not await frozen():
            await scenario.pour(500)
        await scenario.pour(2000)
        # All is read, so its partitions are another's; what it holds is old by now.
        await world.read_down("plans")
        for instance in fleet.instances:
            instance.send(signal.SIGCONT)
        await scenario.pour(1000)
        await scenario.check("1 freeze, 1 kill")


async def test_sigterm_rolling_restart_and_scaling(world: World) -> None:
    async with plans_under_load("SIGTERM, rolling, 1-3-1", world) as scenario:
        fleet = scenario.fleet
        steps = ("append", "publish", "project", "commit")
        fleet.moments.extend(Moment("SIGTERM", step, "before", 2) for step in steps)
        await fleet.roll()
        await scenario.pour(3000)
        while fleet.moments:
            await scenario.pour(500)
        await fleet.roll()
        for count in (1, 3, 1):
            await fleet.scale(count)
            # A process that is told to end before it has begun ends at once, with another code.
            await fleet.ready()
            await scenario.pour(1500)
        await scenario.check(f"{len(fleet.exits)} SIGTERM")
        assert set(fleet.exits) == {0}
