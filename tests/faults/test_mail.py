"""E-mail when SMTP misbehaves, when services die while they send, and when all is read again."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

from services.notifications.pacing import Pace
from shared.contracts import catalogue
from shared.kafka import topics
from tests.containers import free_port
from tests.fakes.load import event_record, just_signed
from tests.faults import figures
from tests.faults.fleet import Fleet
from tests.faults.invariants import account
from tests.faults.moments import Moment
from tests.faults.proxy import proxy
from tests.faults.world import through
from tests.parts import eventually
from tests.post import Post, Postman
from tests.smtp import CLOSE, CONNECT, MESSAGE, ScriptedServer, scripted_server, well
from tests.wishes import newcomer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.faults.world import World

pytestmark = pytest.mark.faults

PEOPLE: Final = 2
EVENTS: Final = 1000


# --- one mailer on a real store, with a clock of ours ---------------------------------------


@asynccontextmanager
async def post(world: World) -> AsyncIterator[tuple[Post, ScriptedServer]]:
    async with scripted_server() as server, world.database("notifications") as database:
        here = Post(database)
        await here.prepare()
        yield here, server


async def test_smtp_4xx_5xx_dropped_slow_and_down(world: World) -> None:
    began = time.monotonic()
    async with post(world) as (here, server):
        mailer = here.mailer(smtp_port=server.port)
        await here.due(1)
        server.answer = lambda now: "450 4.2.0 greylisted" if now.step == "RCPT" else None
        assert await here.send_due(mailer) == {"queued": 1}
        assert await here.send_due(mailer) == {"queued": 1}, "it rests before it tries again"
        server.answer = well
        here.now += timedelta(minutes=1)
        assert await here.send_due(mailer) == {"sent": 1}

        await here.due(2)
        server.answer = lambda now: "554 no such person" if now.step == MESSAGE else None
        assert await here.send_due(mailer) == {"sent": 1, "failed": 1}
        server.answer = well
        here.now += timedelta(days=1)
        assert await here.send_due(mailer) == {"sent": 1, "failed": 1}

        await here.due(3)
        server.answer = lambda now: CLOSE if now.step == MESSAGE else None
        counts = await here.send_due(mailer)
        assert counts == {"sent": 1, "failed": 1, "unknown": 1}, "held: it may have been taken"
        server.answer = well
        here.now += timedelta(days=1)
        assert await here.send_due(mailer) == counts

        await here.due(4)
        server.answer = lambda now: (
            "451 4.3.0 busy" if now.step == CONNECT and now.times < 4 else None
        )
        assert (await here.send_due(here.mailer(smtp_port=server.port)))["sent"] == 2
        assert len(server.taken) == len(set(server.taken)) == 2
    figures.note(
        figures.Row(
            "SMTP 4xx, 5xx, drop, busy",
            events=4,
            faults="4",
            lost=0,
            emails="2 sent, 1 failed, 1 unknown",
            seconds=time.monotonic() - began,
        )
    )


async def test_smtp_down_for_an_hour_sends_each_once_when_it_is_back(world: World) -> None:
    began = time.monotonic()
    async with post(world) as (here, server):

        def quickly() -> float:
            """An hour goes by in some seconds."""
            return time.monotonic() * 500

        nobody = here.mailer(smtp_port=1, pace=Pace(4, now=quickly))
        await here.due(*range(20))
        hour = quickly() + 3600

        async def an_hour_is_over() -> bool:
            return quickly() > hour

        await here.run_until(nobody, an_hour_is_over)
        assert await here.counts() == {"queued": 20}
        assert {one.attempts for one in await here.all()} == {0}
        back = here.mailer(smtp_port=server.port)
        assert await here.send_due(back) == {"sent": 20}
        assert len(set(server.taken)) == len(server.taken) == 20
    figures.note(
        figures.Row(
            "SMTP down for an hour",
            events=20,
            faults="1",
            lost=0,
            emails="20 sent",
            seconds=time.monotonic() - began,
        )
    )


async def test_two_mailers_at_once_send_each_once(world: World) -> None:
    async with post(world) as (here, server):
        await here.due(*range(50))
        await asyncio.gather(*(here.send_due(here.mailer(smtp_port=server.port)) for _ in range(2)))
        assert await here.counts() == {"sent": 50}
        assert len(set(server.taken)) == len(server.taken) == 50


async def test_a_store_that_loses_its_answers_leaves_no_e_mail_unknown(world: World) -> None:
    async with AsyncExitStack() as stack:
        port = free_port()
        target = int(world.parts.mongodb.rpartition(":")[2].partition("/")[0])
        store = await stack.enter_async_context(proxy(port, target))
        bad = replace(world, parts=through(world, mongo=port))
        database = await stack.enter_async_context(bad.database("notifications"))
        here = Post(database)
        await here.prepare()
        await here.due(*range(200))

        async def take() -> None:
            if len(postman.given) in {20, 60, 100, 150}:
                await store.lose_an_answer()

        postman = Postman(take)
        assert await here.send_due(here.mailer(postman)) == {"sent": 200}
        assert len(set(postman.given)) == len(postman.given) == 200
        assert store.faults


# --- the whole service ------------------------------------------------------------------------

MOMENTS: Final = (
    Moment("SIGKILL", "append", "within", 2),
    Moment("SIGKILL", "project", "before", 2),
    Moment("SIGKILL", "publish", "before", 2),
    Moment("SIGKILL", "commit", "before", 2),
)


async def test_killed_while_sending_and_all_read_again_sends_nothing_twice(world: World) -> None:
    began = time.monotonic()
    topic = catalogue.events("membership")
    await topics.create_topics(world.parts.connection, ["membership", "plans", "notifications"])
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(scripted_server())
        parts = replace(world.parts, smtp_host="127.0.0.1", smtp_port=server.port)
        async with world.database("notifications") as database:
            here = Post(database)
            await here.prepare()
            for number in range(PEOPLE):
                address = f"person-{number}@example.org"
                await here.subscriptions.add(newcomer(address))
            # Who was being sent something gets no more until that is given up, after all waits.
            short = {"COALITION_MAIL_ANSWER_SECONDS": "30"}
            fleet = Fleet(world, "notifications", parts, settings=short)
            await stack.enter_async_context(fleet)
            fleet.moments.extend(MOMENTS)
            await fleet.scale(2)
            for start in range(0, EVENTS, 100):
                events = [just_signed(f"Town {n}") for n in range(start, start + 100)]
                await world.produce([event_record(e, e.subject, topic) for e in events])
                await world.read_down("notifications", 100)
            await world.read_down("notifications")
            await eventually(lambda: _nothing_queued(here), 420)

            await fleet.scale(0)
            await world.rewind("notifications")
            await fleet.scale(2)
            await world.read_down("notifications")
            await eventually(lambda: _nothing_queued(here), 420)
            counts, told = await here.counts(), await here.told()

        found = await account(world, "notifications")
        sent = Counter(server.taken)
        unknown = counts.get("sending", 0) + counts.get("unknown", 0)
        twice = [key for key, times in sent.items() if times > 1]
        found.lost += [f"{key} was sent twice" for key in twice]
        if told.total() != EVENTS * PEOPLE or not told.keys() <= {"sent", "sending", "unknown"}:
            found.lost.append(f"{told} of {EVENTS * PEOPLE}")
        if not counts.get("sent", 0) <= len(sent) <= counts.get("sent", 0) + unknown:
            found.lost.append(f"{len(sent)} were taken, {counts} noted")
        figures.note(
            figures.Row(
                "e-mail, kill -9, full replay",
                events=EVENTS,
                faults=f"{fleet.kills} kills, 1 replay",
                lost=len(found.lost),
                emails=f"{counts.get('sent', 0)} sent, {unknown} unknown",
                seconds=time.monotonic() - began,
            )
        )
        assert not found.lost, found.lost[:10]
        assert fleet.kills == len(MOMENTS)
        assert -signal.SIGTERM not in fleet.exits


async def _nothing_queued(here: Post) -> bool:
    return not (await here.counts()).get("queued")
