"""A mail server that has its limits, is set up wrong, or breaks: no e-mail pays for it."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from services.notifications.pacing import Pace
from tests.parts import eventually
from tests.post import attempts, post
from tests.smtp import CLOSE, CONNECT, MESSAGE, ScriptedServer, scripted_server, well

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.notifications.mailer import Mailer
    from tests.parts import Parts
    from tests.post import Post
    from tests.smtp import Moment, Script

QUICK: Final = 200
"""How many times as quick the mailer's rests are as in real life."""


_DAY: Final = timedelta(days=1)


def quick(most: int) -> Pace:
    return Pace(most, now=lambda: time.monotonic() * QUICK)


@asynccontextmanager
async def both(parts: Parts, answer: Script = well) -> AsyncIterator[tuple[Post, ScriptedServer]]:
    """A queue and a server; no connection is left open in the end."""
    async with post(parts) as here, scripted_server(answer) as server:

        async def none_is_open() -> bool:
            return server.open == 0

        yield here, server
        await eventually(none_is_open)


def mailer(here: Post, server: ScriptedServer, **settings: Any) -> Mailer:
    where = {"smtp_port": server.port, "smtp_client_name": "tests", **settings}
    return here.mailer(pace=quick(settings.get("mail_workers", 4)), **where)


async def all_sent(here: Post, count: int) -> bool:
    """Whether all are; where those that are left were put off, the time of some has come."""
    left = [one for one in await here.all() if one.state != "sent"]
    times = sorted(one.due for one in left)
    if left and all(one.state == "queued" for one in left) and times[0] > here.now:
        here.now = times[min(30, len(times) - 1)]
    return not left and await here.sent() == count


def each_once(server: ScriptedServer, count: int) -> bool:
    return len(server.taken) == len(set(server.taken)) == count


async def test_a_limit_of_three_connections_costs_no_e_mail(parts: Parts) -> None:
    async with both(parts) as (here, server):
        server.answer = lambda now: (
            "421 4.7.0 too many connections" if now.step == CONNECT and server.open > 3 else None
        )
        await here.due(*range(200))
        assert await here.send_due(mailer(here, server)) == {"sent": 200}
        assert each_once(server, 200)
        assert await attempts(here, "sent") == {1: 200}


@dataclass(slots=True)
class Rate:
    """So many messages in so many seconds."""

    step: str
    answer: str
    most: int = 30
    seconds: float = 60 / QUICK
    times: list[float] = field(default_factory=list)

    def __call__(self, now: Moment) -> str | None:
        time_ = time.monotonic()
        self.times = [then for then in self.times if time_ - then < self.seconds]
        if now.step == self.step and len(self.times) >= self.most:
            return self.answer
        if now.step == MESSAGE:
            self.times.append(time_)
        return None


@pytest.mark.parametrize(
    ("step", "answer", "count"),
    [
        (CONNECT, "421 4.7.0 too many connections", 100),
        ("MAIL", "450 4.7.1 too much mail from you", 400),
        ("RCPT", "452 4.5.3 too many recipients", 100),
        ("RCPT", "450 4.7.1 too many recipients from you", 100),
        (MESSAGE, "454 4.7.0 throttled: maximum sending rate exceeded", 100),
    ],
)
async def test_with_thirty_a_minute_all_arrive_in_the_end(
    parts: Parts, step: str, answer: str, count: int
) -> None:
    async with both(parts, Rate(step, answer)) as (here, server):
        await here.due(*range(count))
        running = mailer(here, server, mail_per_connection=10)

        await here.run_until(running, lambda: all_sent(here, count))
        assert each_once(server, count)
        if step != "RCPT" or answer.startswith("452"):
            assert await attempts(here, "sent") == {1: count}


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        (CONNECT, "554 5.3.2 no service here"),
        ("EHLO", "550 5.7.1 not you"),
        ("MAIL", "530 5.7.0 authentication required"),
        ("MAIL", "550 5.7.1 sender not allowed"),
        ("RCPT", "530 5.7.57 not authenticated"),
        ("DATA", "554 5.5.1 no"),
        (MESSAGE, "530 5.7.0 authentication required"),
    ],
)
async def test_what_has_to_be_mended_fails_nobody_s_e_mail_and_is_shown(
    parts: Parts, step: str, answer: str
) -> None:
    async with both(parts) as (here, server):
        server.answer = lambda now: answer if now.step == step else None
        await here.due(*range(20))
        running = mailer(here, server)

        async def has_rested() -> bool:
            return server.steps[step] >= 5

        async def shown() -> bool:
            _, ready, detail = running.condition()
            words = detail["resting"] or {}
            said = f"{words.get('code')} {words.get('enhanced')} {words.get('text')}"
            return not ready and said == answer

        await here.run_until(running, shown)
        await here.run_until(running, has_rested)
        assert await here.counts() == {"queued": 20}
        assert await attempts(here, "queued") == {0: 20}
        server.answer = well
        here.now += _DAY
        assert await here.send_due(running) == {"sent": 20}
        assert running.condition().ready
        assert each_once(server, 20)


async def test_a_busy_server_is_shown_and_leaves_the_service_ready(parts: Parts) -> None:
    async with both(parts) as (here, server):
        server.answer = lambda now: "421 4.3.2 going down" if now.step == CONNECT else None
        await here.due(1)
        running = mailer(here, server)

        async def shown() -> bool:
            return running.condition().detail["resting"] is not None

        await here.run_until(running, shown)
        assert running.condition().ready


async def test_one_greylisted_and_one_dead_address_rest_nobody_else(parts: Parts) -> None:
    async with both(parts) as (here, server):
        said = {
            "grey@example.org": "450 4.2.0 greylisted, come back in five minutes",
            "dead@example.org": "550 5.1.1 no such user",
        }
        server.answer = lambda now: said.get(now.recipient) if now.step == "RCPT" else None
        await here.due(1, address="grey@example.org")
        await here.due(2, address="dead@example.org")
        await here.due(*range(3, 23))
        running = mailer(here, server)
        assert await here.send_due(running) == {"queued": 1, "failed": 1, "sent": 20}
        assert running.condition().detail == {"connections": 4, "resting": None}
        reasons = {one.reason for one in await here.all()}
        assert reasons == {None, "not taken now: 450 4.2.0", "refused: 550 5.1.1"}
        server.answer = well
        here.now += _DAY
        assert await here.send_due(running) == {"failed": 1, "sent": 21}
        assert await attempts(here, "sent") == {1: 20, 2: 1}


async def test_an_e_mail_that_a_server_never_takes_keeps_no_other_from_being_sent(
    parts: Parts,
) -> None:
    async with both(parts) as (here, server):
        said = {"closed@example.org": CLOSE, "full@example.org": "451 4.3.0 try again"}
        server.answer = lambda now: said.get(now.recipient) if now.step == MESSAGE else None
        await here.due(1, address="closed@example.org")
        await here.due(2, address="full@example.org")
        await here.due(*range(3, 23))
        counts = await here.send_due(mailer(here, server, mail_workers=1))
        assert counts == {"unknown": 1, "queued": 1, "sent": 20}


async def test_names_and_subjects_that_no_header_could_hold_arrive(parts: Parts) -> None:
    async with both(parts) as (here, server):
        injected = "=?utf-8?q?x=0D=0ABcc:evil@example.org=0D=0A=0D=0AHello?="
        odd = ["São\x85Paulo", "=?utf-8?q?Jo=E3o?=", injected, "تونس" * 75, "x, " * 100]
        for number, text in enumerate(odd):
            address = f"person-{number}@example.org"
            await here.due(number, name=text, headline=text, address=address)
        await here.due(*range(10, 50))
        assert await here.send_due(mailer(here, server)) == {"sent": 45}
        assert each_once(server, 45)
        assert not any(b"\nBcc" in content for content in server.contents)


async def test_two_mailers_share_the_work_of_a_server_that_breaks(parts: Parts) -> None:
    async with both(parts) as (here, server):
        breaks = {"MAIL", "RCPT", "DATA"}
        server.answer = lambda now: CLOSE if now.step in breaks and now.times % 7 == 0 else None
        await here.due(*range(100))

        running = [mailer(here, server) for _ in range(2)]
        await asyncio.gather(*(here.run_until(one, lambda: all_sent(here, 100)) for one in running))
        assert each_once(server, 100)
