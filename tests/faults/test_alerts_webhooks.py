"""Each alert of webhooks fires on its own fault, and ends when its runbook is followed."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.office import Office, office
from tests.faults.operating import coalition
from tests.parts import eventually
from tests.receiver import Receiver, receiver

if TYPE_CHECKING:
    from tests.faults.world import World

pytestmark = pytest.mark.faults

HOOK = "hook"


async def said(here: Office, *words: str) -> str:
    return await coalition(here.world, "webhooks", *words, fleet=here.fleet)


async def shown(here: Office) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await said(here, "show", HOOK, "--json"))
    return found


async def added(here: Office, there: Receiver) -> None:
    """A webhook that takes all so far."""
    await said(here, "add", HOOK, there.url)

    async def active() -> bool:
        return bool((await shown(here))["state"] == "active")

    await eventually(active)
    await here.sign("Erfurt")
    await eventually(lambda: arrived(there, "de-city-erfurt"))


async def arrived(there: Receiver, about: str) -> bool:
    return about in there.taken


async def test_a_receiver_that_takes_nothing_is_told_with_its_last_answer(world: World) -> None:
    alert = "CoalitionWebhookFailing"
    async with office(world, alert) as here, receiver() as there:
        await added(here, there)
        there.answer = lambda _: HTTPStatus.INTERNAL_SERVER_ERROR
        await here.sign("Bonn")
        await here.seen.begins(alert)
        assert (await shown(here))["last"] == "HTTP 500"
        there.answer = lambda _: HTTPStatus.NO_CONTENT
        await here.seen.ends(alert)
        await eventually(lambda: arrived(there, "de-city-bonn"))
        await here.told()


async def test_a_receiver_that_is_gone_is_told_and_gets_what_it_missed_when_it_is_resumed(
    world: World,
) -> None:
    alert = "CoalitionWebhookStopped"
    async with office(world, alert) as here, receiver() as there:
        await added(here, there)
        there.answer = lambda _: HTTPStatus.GONE
        await here.sign("Bonn")
        await here.seen.begins(alert)
        assert "410" in await said(here, "list")
        there.answer = lambda _: HTTPStatus.NO_CONTENT
        await said(here, "test", HOOK)
        await said(here, "resume", HOOK)
        await here.seen.ends(alert)
        await eventually(lambda: arrived(there, "de-city-bonn"))
        await here.told()
