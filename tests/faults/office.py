"""Notifications under observation, with people who are told."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from shared.contracts import catalogue
from shared.kafka import topics
from tests.fakes.load import event_record, just_signed
from tests.faults.fleet import Fleet
from tests.faults.observed import observing
from tests.parts import eventually
from tests.post import Post
from tests.smtp import ScriptedServer, scripted_server
from tests.wishes import newcomer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.faults.observed import Observer
    from tests.faults.world import World

TOPIC: Final = catalogue.events("membership")
PEOPLE: Final = 2


@dataclass(slots=True)
class Office:
    """Notifications under observation, with people who are told of every signature."""

    world: World
    fleet: Fleet
    server: ScriptedServer
    post: Post
    seen: Observer
    wanted: int = 0

    async def sign(self, town: str) -> None:
        """A town joins, and everybody is to be told."""
        event = just_signed(town)
        await self.world.produce([event_record(event, event.subject, TOPIC)])
        self.wanted += PEOPLE

    async def told(self) -> None:
        """Wait until everybody was sent all of it."""
        await eventually(self._are_told, 120)

    async def _are_told(self) -> bool:
        return (await self.post.told())["sent"] == self.wanted


@asynccontextmanager
async def office(world: World, alert: str, **settings: str) -> AsyncIterator[Office]:
    """One in which all is well so far, and the alert is silent."""
    services = ["membership", "plans", "notifications"]
    await topics.create_topics(world.parts.connection, services)
    async with scripted_server() as server, world.database("notifications") as database:
        post = Post(database)
        await post.prepare()
        for number in range(PEOPLE):
            await post.subscriptions.add(newcomer(f"person-{number}@example.org"))
        parts = replace(world.parts, smtp_host="127.0.0.1", smtp_port=server.port)
        named = {f"COALITION_{name.upper()}": value for name, value in settings.items()}
        async with Fleet(world, "notifications", parts, named) as fleet:
            await fleet.scale(1)
            await fleet.ready()
            async with observing(fleet, world.logs, 60) as seen:
                here = Office(world, fleet, server, post, seen)
                await here.sign("Nuremberg")
                await here.told()
                assert alert not in await seen.firing()
                yield here
