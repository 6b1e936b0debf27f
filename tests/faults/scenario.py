"""How every scenario with plans goes: begin, pour the load while things break, settle, check."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared.kafka import topics
from tests.fakes.load import Load
from tests.faults import figures
from tests.faults.fleet import Fleet
from tests.faults.invariants import Found, compare
from tests.faults.watch import Watch, watching

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.faults.world import World
    from tests.parts import Parts

_CHUNK: Final = 500
_AHEAD: Final = 3000
"""Records that may lie before the service: always some, so that faults meet work."""


@dataclass(slots=True)
class Scenario:
    """A plans service under load, and the model of what it must come to."""

    name: str
    world: World
    fleet: Fleet
    load: Load
    watch: Watch
    began: float

    async def pour(self, count: int) -> None:
        """Send so many records of the load, in step with the service."""
        for start in range(0, count, _CHUNK):
            await self.world.produce(self.load.more(min(_CHUNK, count - start)))
            await self.world.read_down("plans", _AHEAD)

    async def check(self, faults: str) -> Found:
        """Wait until all is read, and check all that must hold; the figures are kept."""
        await self.world.read_down("plans")
        await self.watch.look()
        found = await compare(self.world, self.load)
        found.lost += self.watch.premature
        figures.note(
            figures.Row(
                scenario=self.name,
                events=found.produced,
                faults=faults,
                lost=len(found.lost),
                repeated=found.repeated,
                duplicates=found.duplicates,
                rejected=found.outcomes["rejected"],
                seconds=time.monotonic() - self.began,
            )
        )
        assert not found.lost, found.lost[:10]
        return found


@asynccontextmanager
async def plans_under_load(  # noqa: PLR0913 - what a scenario may say of its fleet
    name: str,
    world: World,
    *,
    towns: int = 300,
    parts: Parts | None = None,
    settings: dict[str, str] | None = None,
    code: Path | None = None,
) -> AsyncIterator[Scenario]:
    """Two instances of plans, to which all towns have been made known; then it is the caller's."""
    load = Load(seed=1, towns=towns)
    await topics.create_topics(world.parts.connection, ["membership", "plans"])
    async with (
        Fleet(world, "plans", parts, settings or {}, code=code) as fleet,
        watching(world, "plans") as watch,
    ):
        began = time.monotonic()
        await fleet.scale(2)
        await world.produce([load.plan()])
        await world.read_down("plans")
        await world.produce(load.signatures())
        await world.read_down("plans")
        yield Scenario(name, world, fleet, load, watch, began)
