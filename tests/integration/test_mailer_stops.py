"""A mailer that is told to stop, broken off, or kept waiting: what it has in hand is never lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from pymongo.asynchronous.collection import AsyncCollection

from services.notifications.delivery import DeliveryState
from services.notifications.subscriptions import Subscriptions
from tests.parts import eventually
from tests.post import Postman, attempts, expire, post

if TYPE_CHECKING:
    from tests.parts import Parts


async def test_a_stop_finishes_what_is_in_hand_and_gives_the_rest_back(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(10))
        let_on, stopping = asyncio.Event(), asyncio.Event()

        async def take() -> None:
            if len(postman.given) > 1:
                await let_on.wait()

        async def some_wait_for_a_connection() -> bool:
            counts = await here.counts()
            return counts.get("sent") == 1 and len(postman.given) == 3

        postman = Postman(take)
        running = asyncio.create_task(here.mailer(postman, mail_workers=2).run(stopping))
        await eventually(some_wait_for_a_connection)
        stopping.set()
        let_on.set()
        await running
        assert await here.counts() == {"sent": 3, "queued": 7}
        assert await attempts(here, "queued") == {0: 7}
        assert await here.send_due(here.mailer(postman)) == {"sent": 10}
        assert len(set(postman.given)) == len(postman.given) == 10


async def test_a_stop_waits_for_no_answer_for_ever(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(10))
        stopping = asyncio.Event()

        async def take() -> None:
            if len(postman.given) == 4:
                await asyncio.Event().wait()

        async def one_hangs() -> bool:
            return len(postman.given) == 4

        postman = Postman(take)
        running = asyncio.create_task(
            here.mailer(postman, mail_workers=1, stop_seconds=1).run(stopping)
        )
        await eventually(one_hangs)
        stopping.set()
        await running
        assert await here.counts() == {"sent": 3, "unknown": 1, "queued": 6}


async def test_what_is_broken_off_records_what_was_sent_and_gives_the_rest_back(
    parts: Parts,
) -> None:
    async with post(parts) as here:
        await here.due(*range(10))
        let_on = asyncio.Event()

        async def take() -> None:
            if len(postman.given) == 3:
                running.cancel()
                await let_on.wait()

        postman = Postman(take)
        running = asyncio.create_task(
            here.mailer(postman, mail_workers=1, stop_seconds=1).run(asyncio.Event())
        )
        await asyncio.wait([running])
        assert running.cancelled()
        counts = await here.counts()
        assert counts == {"sent": 2, "unknown": 1, "queued": 7}, "one may have been sent or not"


async def test_what_is_broken_off_while_it_claims_leaves_nothing_unknown(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with post(parts) as here:
        await here.due(*range(10))
        let_on, changing = asyncio.Event(), asyncio.Event()
        change = AsyncCollection.update_many

        async def slow(*args: Any, **more: Any) -> Any:
            done = await change(*args, **more)
            if "claim" in str(args[2]):
                changing.set()
                await let_on.wait()
            return done

        monkeypatch.setattr(AsyncCollection, "update_many", slow)
        running = asyncio.create_task(here.mailer(Postman()).run(asyncio.Event()))
        await changing.wait()
        running.cancel()
        let_on.set()
        await asyncio.wait([running])
        assert running.cancelled()
        assert await here.counts() == {"queued": 10}


async def test_people_who_cannot_be_read_leave_what_was_claimed_to_others(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with post(parts) as here:
        await here.due(*range(10))

        async def broken(*_: Any) -> Any:
            raise ZeroDivisionError

        monkeypatch.setattr(Subscriptions, "find", broken)
        with pytest.raises(ZeroDivisionError):
            await here.mailer(Postman()).run(asyncio.Event())
        assert await here.counts() == {"queued": 10}


async def test_what_hangs_keeps_nothing_else_from_being_sent_or_recorded(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(10))
        let_on, stopping = asyncio.Event(), asyncio.Event()

        async def take() -> None:
            if len(postman.given) == 2:
                await let_on.wait()

        async def all_others_are_sent() -> bool:
            return await here.sent() == 9

        postman = Postman(take)
        running = asyncio.create_task(here.mailer(postman, mail_workers=2).run(stopping))
        await eventually(all_others_are_sent)
        stopping.set()
        let_on.set()
        await running
        assert await here.counts() == {"sent": 10}


async def test_a_server_that_hangs_has_no_more_in_hand_than_there_are_connections(
    parts: Parts,
) -> None:
    async with post(parts) as here:
        await here.due(*range(30))
        let_on, stopping = asyncio.Event(), asyncio.Event()
        postman = Postman(let_on.wait)

        async def both_hang() -> bool:
            return len(postman.given) == 2

        running = asyncio.create_task(here.mailer(postman, mail_workers=2).run(stopping))
        await eventually(both_hang)
        assert await here.counts() == {"sending": 2, "queued": 28}
        stopping.set()
        let_on.set()
        await running


async def test_a_frozen_mailer_that_wakes_sends_nothing_that_may_be_anothers(
    parts: Parts,
) -> None:
    async with post(parts) as here:
        await here.due(*range(4))
        other = Postman()

        async def freeze() -> None:
            """While one e-mail is on its way, another process takes all over."""
            if len(frozen.given) != 2:
                return
            await expire(here, DeliveryState.QUEUED)
            await here.send_due(here.mailer(other))
            await here.due(5)

        async def all_are_sent() -> bool:
            return await here.sent() == 5

        frozen, stopping = Postman(freeze), asyncio.Event()
        mailer = here.mailer(frozen, mail_workers=1, mail_unknown="resend")
        running = asyncio.create_task(mailer.run(stopping))
        await eventually(all_are_sent)
        stopping.set()
        await running
        first, on_its_way, new = frozen.given
        assert len(set(other.given)) == len(other.given) == 3, "of what both had in hand"
        assert on_its_way in other.given, "resend may send twice what was on its way"
        assert not {first, new} & set(other.given)
