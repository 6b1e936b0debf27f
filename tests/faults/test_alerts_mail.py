"""Each alert of e-mail fires on its own fault, and what its runbook says is so."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pytest

from shared.contracts import catalogue
from shared.kafka import topics
from tests.fakes.load import event_record, just_signed
from tests.faults.fleet import Fleet
from tests.faults.observed import observing
from tests.faults.operating import coalition
from tests.imap import PASSWORD, USER, dovecot
from tests.parts import eventually
from tests.post import Post
from tests.smtp import CONNECT, Moment, ScriptedServer, scripted_server, well
from tests.wishes import newcomer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.faults.observed import Observer
    from tests.faults.world import World

pytestmark = pytest.mark.faults

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


def from_now_on(greeting: str) -> Callable[[Moment], str]:
    """A server that closes the connections that are kept, and greets whoever comes back so."""
    return lambda now: greeting if now.step == CONNECT else "421 4.3.2 closing"


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


async def test_a_server_that_refuses_us_is_told_in_its_own_words(world: World) -> None:
    alert = "CoalitionMailRefused"
    async with office(world, alert) as here:
        here.server.answer = from_now_on("554 5.7.1 go away")
        await here.sign("Bonn")
        await here.seen.begins(alert)
        resting = (await here.fleet.health()).json()["mail"]["resting"]
        assert resting["text"] == "go away"
        here.server.answer = well
        await here.told()
        await here.seen.ends(alert)


async def test_e_mails_that_wait_for_a_server_are_told_and_sent_by_themselves(world: World) -> None:
    alert = "CoalitionMailBehind"
    async with office(world, alert) as here:
        here.server.answer = from_now_on("421 4.3.2 busy")
        await here.sign("Bonn")
        await here.seen.begins(alert)

        async def rests() -> bool:
            shown = (await here.fleet.ask("GET", "/metrics")).text
            return "coalition_mail_connections 0.0" in shown

        await eventually(rests)
        log = (world.logs / "notifications-0.log").read_text()
        assert "mail_resting" in log
        assert "421 4.3.2 busy" in log
        here.server.answer = well
        await here.told()
        await here.seen.ends(alert)
        assert len(here.server.taken) == len(set(here.server.taken)), "and none twice"


async def test_a_refusal_for_what_we_are_is_told_with_its_code_and_sent_when_asked(
    world: World,
) -> None:
    alert = "CoalitionMailDistrusted"
    async with office(world, alert) as here:
        here.server.answer = lambda now: "550 5.7.1 not you" if now.step == "RCPT" else None
        await here.sign("Bonn")
        await here.seen.begins(alert)
        words = ("deliveries", "list", "--state", "failed")
        said = await coalition(world, *words, fleet=here.fleet)
        assert said.count("550 5.7.1") == PEOPLE
        here.server.answer = well
        await coalition(world, "deliveries", "requeue", "--state", "failed", fleet=here.fleet)
        await here.told()


async def test_a_mailbox_that_cannot_be_read_is_told_with_the_setting(world: World) -> None:
    alert = "CoalitionMailboxFailing"
    with dovecot() as imap:
        settings = {
            "imap_host": "127.0.0.1",
            "imap_port": str(imap.port),
            "imap_username": USER,
            "imap_password": PASSWORD,
            "imap_tls": "none",
            "imap_every_seconds": "1",
            "mail_bounce_address": "bounces@example.org",
        }
        async with office(world, alert, **settings) as here:
            imap.stop()
            await here.sign("Bonn")
            await here.seen.begins(alert)
            await here.told()
            shown = (await here.fleet.health()).json()["mailbox"]["reason"]
            assert shown.startswith("COALITION_IMAP_HOST")
            imap.start()
            await here.seen.ends(alert)
