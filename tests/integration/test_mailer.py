"""The mailer on a real store: what it begins is sent once, or given back, or told as unknown."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import AutoReconnect

from services.notifications.mailer import LEASE, MOST, PATIENCE
from services.notifications.views import DeliveryState, Mark, NotificationsViews
from tests.parts import eventually
from tests.post import Post, Postman

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.parts import Parts


@asynccontextmanager
async def post(parts: Parts) -> AsyncIterator[Post]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(parts.mongodb, tz_aware=True)
    async with client:
        views = NotificationsViews(client[f"mailer_{uuid.uuid4().hex[:8]}"])
        await views.prepare()
        yield Post(views)
        await client.drop_database(views.database.name)


async def attempts(here: Post, state: str) -> Counter[int]:
    """How many deliveries in a state have been attempted how often."""
    page = await here.views.deliveries({"state": state}, "", 1000)
    return Counter(delivery.attempts for delivery in page.items)


async def test_many_are_sent_once_each_in_waves_that_grow(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(100))
        postman = Postman()
        assert await here.send_due(here.mailer(postman)) == {"sent": 100}
        assert len(set(postman.given)) == len(postman.given) == 100
        assert await attempts(here, "sent") == {1: 100}


async def test_two_mailers_at_once_send_each_once(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(100))
        postman = Postman()
        await asyncio.gather(*(here.send_due(here.mailer(postman)) for _ in range(2)))
        assert await here.views.delivery_counts() == {"sent": 100}
        assert len(set(postman.given)) == len(postman.given) == 100


async def test_an_address_that_cannot_be_written_costs_only_its_own_e_mails(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(1, address="jürgen@example.org")
        await here.due(2)
        assert await here.send_due(here.mailer(Postman())) == {"failed": 1, "sent": 1}


async def test_a_stop_finishes_what_is_in_hand_and_gives_the_rest_back(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(10))
        let_on, stopping = asyncio.Event(), asyncio.Event()

        async def take() -> None:
            if len(postman.given) > 1:
                await let_on.wait()

        async def some_wait_for_a_connection() -> bool:
            counts = await here.views.delivery_counts()
            return counts.get("sent") == 1 and counts["sending"] >= 5

        postman = Postman(take)
        running = asyncio.create_task(here.mailer(postman, mail_workers=2).run(stopping))
        await eventually(some_wait_for_a_connection)
        stopping.set()
        let_on.set()
        await running
        assert await here.views.delivery_counts() == {"sent": 3, "queued": 7}
        assert await attempts(here, "queued") == {0: 7}
        assert await here.send_due(here.mailer(postman)) == {"sent": 10}
        assert len(set(postman.given)) == len(postman.given) == 10


async def test_what_is_broken_off_marks_what_was_sent_and_gives_the_rest_back(
    parts: Parts,
) -> None:
    async with post(parts) as here:
        await here.due(*range(10))
        broken = Postman(broken_at(3))
        running = asyncio.create_task(here.mailer(broken, mail_workers=1).run(asyncio.Event()))
        await asyncio.wait([running])
        assert isinstance(running.exception(), ExceptionGroup)
        counts = await here.views.delivery_counts()
        assert counts == {"sent": 2, "sending": 1, "queued": 7}, "one may have been sent or not"


def broken_at(number: int) -> Callable[[], Awaitable[None]]:
    """What breaks at a letter in a way that nobody foresaw."""
    count = 0

    async def take() -> None:
        nonlocal count
        count += 1
        if count == number:
            raise ZeroDivisionError

    return take


async def test_what_hangs_keeps_nothing_else_from_being_marked(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(10))
        let_on, stopping = asyncio.Event(), asyncio.Event()

        async def take() -> None:
            if len(postman.given) in {2, 4}:
                await let_on.wait()
            if len(postman.given) == 3:
                await eventually(a_wave_is_ahead)

        async def a_wave_is_ahead() -> bool:
            """Beginning it has marked the first; this one comes too late for that."""
            return (await here.views.delivery_counts())["sending"] >= 5

        async def two_are_sent_and_two_hang() -> bool:
            return len(postman.given) == 4 and await here.sent() == 2

        postman = Postman(take)
        running = asyncio.create_task(here.mailer(postman, mail_workers=2).run(stopping))
        await eventually(two_are_sent_and_two_hang)
        stopping.set()
        let_on.set()
        await running
        assert await here.views.delivery_counts() == {"sent": 4, "queued": 6}


async def test_a_frozen_mailer_that_wakes_sends_nothing_that_may_be_anothers(
    parts: Parts,
) -> None:
    async with post(parts) as here:
        await here.due(*range(4))
        other = Postman()

        async def two_waves_are_begun() -> bool:
            return (await here.views.delivery_counts()).get("sending") == 2

        async def freeze() -> None:
            """While the first letter is on its way, another process takes all over."""
            if len(frozen.given) > 1:
                return
            await eventually(two_waves_are_begun)
            here.now += LEASE
            await here.views.lapse(here.now, DeliveryState.QUEUED)
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
        assert len(set(other.given)) == len(other.given) == 4
        assert len(frozen.given) == 2, "the one that was on its way, and the new one"


async def test_what_has_waited_too_long_for_a_connection_is_begun_anew(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(4))

        async def slow() -> None:
            here.now += PATIENCE

        postman = Postman(slow)
        assert await here.send_due(here.mailer(postman, mail_workers=1)) == {"sent": 4}
        assert len(set(postman.given)) == len(postman.given) == 4
        assert await attempts(here, "sent") == {1: 4}


async def test_a_late_mark_is_the_truth_about_what_was_given_up(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(1, 2)
        ids = await here.views.due(here.now, MOST)
        sent, unsent = await here.views.begin(ids, here.now, here.now + LEASE)
        here.now += LEASE
        assert await here.views.lapse(here.now, DeliveryState.UNKNOWN) == 2
        await here.views.mark([Mark(sent, DeliveryState.SENT, None, timedelta())], here.now)
        await here.views.release([unsent], here.now)
        assert await here.views.delivery_counts() == {"sent": 1, "queued": 1}
        (again,) = await here.views.begin(ids, here.now, here.now + LEASE)
        assert (again.id, again.attempts) == (unsent.id, 1)


async def test_a_late_mark_changes_nothing_that_was_begun_anew(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(1)
        ids = await here.views.due(here.now, MOST)
        (late,) = await here.views.begin(ids, here.now, here.now + LEASE)
        assert not await here.views.begin(ids, here.now, here.now + LEASE)
        here.now += LEASE
        await here.views.lapse(here.now, DeliveryState.QUEUED)
        (begun,) = await here.views.begin(ids, here.now, here.now + LEASE)
        await here.views.mark([Mark(late, DeliveryState.FAILED, "late", timedelta())], here.now)
        await here.views.release([late], here.now)
        assert await here.views.delivery_counts() == {"sending": 1}
        await here.views.mark([Mark(begun, DeliveryState.SENT, None, timedelta())], here.now)
        assert await here.views.delivery_counts() == {"sent": 1}


async def test_what_was_begun_is_ours_though_the_answer_was_lost(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, answers = AsyncCollection.update_many, []

    async def deaf_once(*args: Any, **more: Any) -> Any:
        answers.append(await done(*args, **more))
        if len(answers) == 1:
            raise AutoReconnect
        return answers[-1]

    async with post(parts) as here:
        await here.due(1)
        ids = await here.views.due(here.now, MOST)
        monkeypatch.setattr(AsyncCollection, "update_many", deaf_once)
        (begun,) = await here.views.begin(ids, here.now, here.now + LEASE)
        assert (begun.attempts, len(answers)) == (1, 2)


async def test_what_is_due_is_found_by_an_index(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(1)
        deliveries = here.views.database["deliveries"]
        for state in ("queued", "sending"):
            found = deliveries.find({"state": state, "due": {"$lte": here.now}})
            assert "state_1_due_1" in str((await found.explain())["queryPlanner"]["winningPlan"])
