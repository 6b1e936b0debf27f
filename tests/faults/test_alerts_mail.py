"""Each alert of e-mail fires on its own fault, and what its runbook says is so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.office import PEOPLE, office
from tests.faults.operating import coalition
from tests.imap import PASSWORD, USER, dovecot
from tests.parts import eventually
from tests.smtp import CONNECT, Moment, well

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.world import World

pytestmark = pytest.mark.faults


def from_now_on(greeting: str) -> Callable[[Moment], str]:
    """A server that closes the connections that are kept, and greets whoever comes back so."""
    return lambda now: greeting if now.step == CONNECT else "421 4.3.2 closing"


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
