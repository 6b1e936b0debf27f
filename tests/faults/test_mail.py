"""E-mail when SMTP misbehaves, when services die while they send, and when all is read again."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from services.notifications.domain import Notification
from services.notifications.hand import ATTEMPT, LEASE
from services.notifications.mailer import Mailer, Smtp
from services.notifications.views import DeliveryState, NewSubscription, NotificationsViews
from shared import messaging
from shared.cloudevents import derived_id
from shared.contracts import catalogue
from shared.contracts.notifications import NotificationQueued
from shared.settings import Settings
from tests.faults import figures
from tests.faults.fleet import Fleet
from tests.faults.invariants import account
from tests.faults.load import event_record, signed
from tests.faults.moments import Moment
from tests.faults.smtp import MailServer, mail_server
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.faults.world import World

pytestmark = pytest.mark.faults

PEOPLE: Final = 2
EVENTS: Final = 1000


# --- one mailer on a real store, with a clock of ours ---------------------------------------


@dataclass(slots=True)
class Post:
    """A mailer on a real store, told the time."""

    views: NotificationsViews
    server: MailServer
    now: datetime = field(default_factory=lambda: datetime(2026, 1, 1, tzinfo=UTC))

    def mailer(self, **settings: str) -> tuple[Mailer, Smtp]:
        chosen = Settings.model_validate(
            {"smtp_host": "127.0.0.1", "smtp_port": self.server.port, **settings}
        )
        return Mailer(self.views, chosen, clock=lambda: self.now), Smtp(chosen)

    async def due(self, number: int) -> None:
        """One more notification to one person is due."""
        person, _ = await self.views.subscribe(
            NewSubscription(name="Focal Point", address="focal@example.org")
        )
        id_ = derived_id("test", number)
        queued = NotificationQueued(
            notification=id_,
            about="de-city-bonn",
            kind="CitySigned",
            headline="Bonn signed",
            subscriptions=(person.id,),
        )
        stream = f"notifications/{id_}"
        await self.views.project({stream: (1, Notification(id=id_, queued=queued))})

    async def try_once(self, mailer: tuple[Mailer, Smtp]) -> dict[str, int]:
        """Send all that is due now; returns how many deliveries are in which state."""
        while await mailer[0].send_next(mailer[1]):
            pass
        return await self.views.delivery_counts()


@asynccontextmanager
async def post(world: World) -> AsyncIterator[Post]:
    async with mail_server() as server, world.database("notifications") as database:
        views = NotificationsViews(database)
        await views.prepare()
        yield Post(views, server)


async def test_smtp_4xx_5xx_dropped_slow_and_down(world: World) -> None:
    began = time.monotonic()
    async with post(world) as here:
        mailer = here.mailer()
        await here.due(1)
        here.server.answer = "451 try again later"
        assert await here.try_once(mailer) == {"queued": 1}
        assert await here.try_once(mailer) == {"queued": 1}, "it rests before it tries again"
        here.server.answer = "250 kept"
        here.now += timedelta(minutes=1)
        assert await here.try_once(mailer) == {"sent": 1}

        await here.due(2)
        here.server.answer = "554 no such person"
        assert await here.try_once(mailer) == {"sent": 1, "failed": 1}
        here.server.answer = "250 kept"
        here.now += timedelta(days=1)
        assert await here.try_once(mailer) == {"sent": 1, "failed": 1}

        await here.due(3)
        here.server.drop = True
        counts = await here.try_once(mailer)
        assert counts == {"sent": 1, "failed": 1, "unknown": 1}, "held: it may have been taken"
        here.server.drop = False
        here.now += timedelta(days=1)
        assert await here.try_once(mailer) == counts

        here.server.banner = 0.3
        await here.due(4)
        assert (await here.try_once(here.mailer()))["sent"] == 2
        assert len(here.server.taken) == len(set(here.server.taken)) == 3
    figures.note(
        figures.Row(
            "SMTP 4xx, 5xx, drop, slow",
            events=4,
            faults="4",
            lost=0,
            emails="2 sent, 1 failed, 1 unknown",
            seconds=time.monotonic() - began,
        )
    )


async def test_smtp_down_for_an_hour_sends_each_once_when_it_is_back(world: World) -> None:
    began = time.monotonic()
    async with post(world) as here:
        nobody = here.mailer(smtp_port="1")
        for number in range(20):
            await here.due(number)
        hour = here.now + timedelta(hours=1)
        while here.now < hour:
            assert await here.try_once(nobody) == {"queued": 20}
            here.now += timedelta(minutes=5)
        back = here.mailer()
        here.now += timedelta(hours=2)
        assert await here.try_once(back) == {"sent": 20}
        assert len(set(here.server.taken)) == len(here.server.taken) == 20
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


async def test_what_a_dead_worker_had_begun_is_unknown_and_held(world: World) -> None:
    async with post(world) as here:
        await here.due(1)
        assert await here.views.begin(here.now, here.now + LEASE, 10)
        assert not await here.views.begin(here.now, here.now + LEASE, 10)
        here.now += LEASE
        assert await here.views.lapse(here.now, DeliveryState.UNKNOWN) == 1
        assert await here.try_once(here.mailer()) == {"unknown": 1}
        assert not here.server.taken


async def test_a_mailer_that_was_frozen_sends_nothing_that_it_had_begun(world: World) -> None:
    async with post(world) as here:
        for number in range(3):
            await here.due(number)
        frozen, transport = here.mailer(mail_workers="3")
        assert await frozen.send_next(transport)
        here.now += LEASE - ATTEMPT + timedelta(seconds=1)
        assert await here.try_once(here.mailer()) == {"sent": 1, "sending": 2}
        assert await frozen.send_next(transport), "they went back and were begun again"
        await here.try_once((frozen, transport))
        assert await here.views.delivery_counts() == {"sent": 3}
        assert len(set(here.server.taken)) == len(here.server.taken) == 3


async def test_what_was_begun_and_not_tried_goes_back_when_the_mailer_stops(world: World) -> None:
    async with post(world) as here:
        await here.due(1)
        begun = await here.views.begin(here.now, here.now + LEASE, 10)
        await here.views.release(begun, here.now)
        (back,) = await here.views.begin(here.now, here.now + LEASE, 10)
        assert back.attempts == 1, "it was not tried"


async def test_two_mailers_at_once_send_each_once(world: World) -> None:
    async with post(world) as here:
        for number in range(50):
            await here.due(number)
        await asyncio.gather(*(here.try_once(here.mailer()) for _ in range(2)))
        assert await here.views.delivery_counts() == {"sent": 50}
        assert len(set(here.server.taken)) == len(here.server.taken) == 50


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
    await messaging.create_topics(world.parts.kafka, ["membership", "plans", "notifications"])
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(mail_server())
        parts = replace(world.parts, smtp_host="127.0.0.1", smtp_port=server.port)
        async with world.database("notifications") as database:
            views = NotificationsViews(database)
            await views.prepare()
            for number in range(PEOPLE):
                address = f"person-{number}@example.org"
                await views.subscribe(NewSubscription(name="Somebody", address=address))
            fleet = await stack.enter_async_context(Fleet(world, "notifications", parts))
            fleet.moments.extend(MOMENTS)
            await fleet.scale(2)
            for start in range(0, EVENTS, 100):
                events = [signed(f"Town {n}") for n in range(start, start + 100)]
                await world.produce([event_record(e, e.subject, topic) for e in events])
                await world.read_down("notifications", 100)
            await world.read_down("notifications")
            await eventually(lambda: _nothing_queued(views), 120)

            await fleet.scale(0)
            await world.rewind("notifications")
            await fleet.scale(2)
            await world.read_down("notifications")
            await eventually(lambda: _nothing_queued(views), 120)
            counts = await views.delivery_counts()

        found = await account(world, "notifications")
        sent = Counter(server.taken)
        unknown = counts.get("sending", 0) + counts.get("unknown", 0)
        twice = [key for key, times in sent.items() if times > 1]
        found.lost += [f"{key} was sent twice" for key in twice]
        if counts.get("sent", 0) + unknown != EVENTS * PEOPLE:
            found.lost.append(f"{counts} of {EVENTS * PEOPLE}")
        if not counts.get("sent", 0) <= len(sent) <= EVENTS * PEOPLE:
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


async def _nothing_queued(views: NotificationsViews) -> bool:
    return not (await views.delivery_counts()).get("queued")
