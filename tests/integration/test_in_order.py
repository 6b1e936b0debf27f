"""Of one person's e-mails the earlier one is handed over before the later, whoever sends them."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from services.notifications.claims import Claims, Taken
from services.notifications.deliveries import queue_of
from services.notifications.delivery import HOLD, Claimed, DeliveryState, Result
from services.notifications.mailer import lease
from services.notifications.outcomes import WAITS, unsent, waiting
from services.notifications.pacing import Pace
from tests.post import Postman, claim, post
from tests.smtp import CLOSE, MESSAGE, scripted_server, well

if TYPE_CHECKING:
    from typing import Any

    import pytest

    from tests.parts import Parts
    from tests.post import Post
    from tests.smtp import Moment, Script, ScriptedServer

PEOPLE: Final = [f"person-{number}@example.org" for number in range(5)]


async def due_to_all(here: Post, count: int) -> None:
    """So many notifications, each to all people."""
    for number in range(count):
        for person in PEOPLE:
            await here.due(f"{number:03}-{person[7]}", address=person)


def orders(server: ScriptedServer) -> dict[str, list[str]]:
    """What each person got, in order."""
    found = defaultdict(list)
    for recipient, message_id in server.taken:
        found[recipient].append(message_id)
    return found


def in_order(server: ScriptedServer, count: int) -> bool:
    got = orders(server)
    return all(len(got[one]) == count and got[one] == sorted(got[one]) for one in PEOPLE)


async def test_many_connections_hand_over_to_each_person_in_order(parts: Parts) -> None:
    async with post(parts) as here, scripted_server() as server:
        await due_to_all(here, 20)
        mailer = here.mailer(smtp_port=server.port, mail_workers=8)
        assert await here.send_due(mailer) == {"sent": 100}
        assert in_order(server, 20)


async def test_three_mailers_hand_over_to_each_person_in_order(parts: Parts) -> None:
    async with post(parts) as here, scripted_server() as server:
        await due_to_all(here, 20)

        async def all_sent() -> bool:
            here.now += timedelta(milliseconds=50)
            return await here.sent() == 100

        mailers = [here.mailer(smtp_port=server.port, mail_workers=2) for _ in range(3)]
        await asyncio.gather(*(here.run_until(one, all_sent) for one in mailers))
        assert in_order(server, 20)


async def test_a_server_that_breaks_and_puts_off_swaps_nothing(parts: Parts) -> None:
    async with post(parts) as here, scripted_server() as server:
        tries = Counter[str]()

        def third_time_lucky(now: Moment) -> str | None:
            if now.step != "RCPT":
                return None
            tries[now.recipient] += 1
            return {1: "450 4.2.0 later", 2: CLOSE}.get(tries[now.recipient] % 3)

        server.answer = third_time_lucky
        await due_to_all(here, 6)

        async def all_sent() -> bool:
            here.now += timedelta(seconds=20)
            return await here.sent() == 30

        running = [here.mailer(smtp_port=server.port, pace=Pace(4, quickly)) for _ in range(2)]
        await asyncio.gather(*(here.run_until(one, all_sent) for one in running))
        assert in_order(server, 6)


def quickly() -> float:
    """A second goes by in a millisecond."""
    return time.monotonic() * 1000


async def test_one_that_is_put_off_keeps_the_later_ones_waiting_for_an_hour_only(
    parts: Parts,
) -> None:
    async with post(parts) as here, scripted_server() as server:
        await here.due("1-stuck", address=PEOPLE[0])
        await here.due("2-later", address=PEOPLE[0])
        server.answer = lambda now: "450 4.2.0 later" if now.step == "RCPT" else None
        running = here.mailer(smtp_port=server.port, mail_workers=1)
        assert await here.send_due(running) == {"queued": 2}
        first, later = sorted(await here.all(), key=lambda one: one.place)
        assert (first.deferrals, later.deferrals) == (1, 0)
        assert later.reason == WAITS
        assert later.due == first.due, "it is looked at again when the first one is tried again"
        assert server.steps["RCPT"] == 1

        begun = here.now
        while here.now < begun + HOLD:
            assert (await here.all())[1].deferrals == 0
            here.now += timedelta(minutes=10)
            await here.send_due(running)
        server.answer = well
        here.now = (await here.all())[1].due
        await here.send_due(running)
        assert "2-later" in str(server.taken)


async def test_one_that_is_refused_or_unknown_lets_the_later_ones_go(parts: Parts) -> None:
    for answer in ("550 5.1.1 nobody", CLOSE):
        async with post(parts) as here, scripted_server() as server:
            step = MESSAGE if answer == CLOSE else "RCPT"
            server.answer = first_at(step, answer)
            for number in range(3):
                await here.due(f"{number}", address=PEOPLE[0])
            running = here.mailer(smtp_port=server.port, pace=Pace(1, quickly))
            counts = await here.send_due(running)
            assert counts["sent"] == 2
            (got,) = orders(server).values()
            assert [one[1] for one in got] == ["1", "2"]


def first_at(step: str, answer: str) -> Script:
    return lambda now: answer if now.step == step and now.times == 1 else None


async def test_what_another_mailer_has_in_hand_comes_first(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(1, 2, address=PEOPLE[0])
        await here.due(3, address=PEOPLE[1])
        (first,) = await claim(here, 1)
        postman = Postman()
        running = here.mailer(postman)

        async def the_free_one_is_sent() -> bool:
            return await here.sent() == 1

        await here.run_until(running, the_free_one_is_sent)
        assert await here.counts() == {"sending": 1, "queued": 1, "sent": 1}
        await here.deliveries.record([Result(first, DeliveryState.SENT)], here.now)
        here.now += timedelta(seconds=2)
        assert await here.send_due(running) == {"sent": 3}


async def test_two_that_claim_from_one_person_at_once_agree_who_goes_on(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with post(parts) as here:
        await here.due(1, 2, address=PEOPLE[0])
        until = here.now + lease(here.settings())
        one, two = Claims(queue_of(here.database)), Claims(queue_of(here.database))
        written, check = asyncio.Event(), asyncio.Event()
        in_order = one._in_order  # noqa: SLF001 - between its write and its look

        async def late(*args: Any) -> Taken[Claimed]:
            written.set()
            await check.wait()
            return await in_order(*args)

        monkeypatch.setattr(one, "_in_order", late)
        slow = asyncio.create_task(one.take(1, here.now, until))
        await written.wait()
        quick = await two.take(1, here.now, until)
        check.set()
        assert [each.place for each in (await slow).claimed] == [(await here.all())[0].place]
        assert not quick.claimed
        assert len(quick.waiting) == 1


async def test_one_that_is_given_back_comes_first_also_by_a_clock_that_is_behind(
    parts: Parts,
) -> None:
    async with post(parts) as here:
        await here.due(1, 2, address=PEOPLE[0])
        behind = here.now
        until = behind + lease(here.settings())
        (first,) = await claim(here, 1)
        here.now += timedelta(milliseconds=300)
        await here.deliveries.record([unsent(first)], here.now)
        found = await Claims(queue_of(here.database)).take(10, behind, until)
        assert not found.claimed
        assert [rest for _, rest in found.waiting] == [timedelta(milliseconds=300)]
        await here.deliveries.record([waiting(*one) for one in found.waiting], here.now)
        here.now += timedelta(milliseconds=300)
        assert [one.place for one in await claim(here)] == sorted(
            one.place for one in await here.all()
        )


async def test_what_is_queued_together_has_its_order_by_the_journal(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(50), address=PEOPLE[0])
        places = [one.place for one in await claim(here)]
        assert places == sorted(set(places))
