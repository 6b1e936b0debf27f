"""The mailer on a real store: what it claims is sent once, or given back, or told as unknown."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import AutoReconnect, WriteConcernError

from services.notifications.deliveries import DeliveryState, Requeue, Result
from services.notifications.mailer import PATIENCE, lease
from services.notifications.subscriptions import NewSubscription, Subscriptions, TooMany
from shared import mongo
from tests.parts import eventually, store_port
from tests.post import Post, Postman
from tests.wire import Fault, refused, unsure, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from services.notifications.deliveries import Claimed
    from tests.parts import Parts


@asynccontextmanager
async def post(parts: Parts) -> AsyncIterator[Post]:
    async with mongo.connect(parts.mongodb, "tests") as client:
        here = Post(client[f"mailer_{uuid.uuid4().hex[:8]}"])
        await here.prepare()
        yield here
        await client.drop_database(here.database.name)


async def attempts(here: Post, state: str) -> Counter[int]:
    """How many deliveries in a state have been attempted how often."""
    return Counter(one.attempts for one in await here.all() if one.state == state)


async def claim(here: Post, limit: int = 1000) -> list[Claimed]:
    return await here.deliveries.claim(limit, here.now, here.now + lease(here.settings()))


async def expire(here: Post, state: DeliveryState) -> None:
    here.now += lease(here.settings())
    await here.deliveries.expire(here.now, state)


async def test_many_are_sent_once_each(parts: Parts) -> None:
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
        assert await here.counts() == {"sent": 100}
        assert len(set(postman.given)) == len(postman.given) == 100


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"address": "jürgen@example.org"}, "the address is not ASCII"),
        ({"address": "no address at all"}, "cannot be written: EmailSyntaxError"),
        ({"headline": "Bonn", "number": "ü"}, "cannot be written: UnicodeEncodeError"),
    ],
)
async def test_an_e_mail_that_cannot_be_written_costs_only_itself(
    parts: Parts, bad: dict[str, Any], reason: str
) -> None:
    async with post(parts) as here:
        await here.due(*range(10))
        await here.due(bad.pop("number", 10), **{"address": "bad@example.org", **bad})
        await here.due(*range(20, 30))
        assert await here.send_due(here.mailer(Postman())) == {"failed": 1, "sent": 20}
        (failed,) = (one for one in await here.all() if one.state == "failed")
        assert failed.reason == reason


async def test_what_is_raised_for_one_e_mail_costs_only_itself(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(10))
        postman = Postman(raising_at(3), in_doubt=False)
        assert await here.send_due(here.mailer(postman)) == {"failed": 1, "sent": 9}


async def test_what_is_raised_after_the_message_leaves_that_one_unknown(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(10))
        postman = Postman(raising_at(3))
        assert await here.send_due(here.mailer(postman)) == {"unknown": 1, "sent": 9}


def raising_at(number: int) -> Callable[[], Awaitable[None]]:
    """What breaks at an e-mail in a way that nobody foresaw."""
    count = 0

    async def take() -> None:
        nonlocal count
        count += 1
        if count == number:
            raise ZeroDivisionError

    return take


async def test_a_subscription_that_is_gone_cancels_what_is_due(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(1)
        (delivery,) = await here.all()
        assert await here.subscriptions.remove(delivery.subscription)
        assert await here.send_due(here.mailer(Postman())) == {"cancelled": 1}


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


async def test_no_more_subscriptions_are_taken_than_one_decision_can_hold(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notifications.subscriptions.MAX_SUBSCRIPTIONS", 2)
    async with post(parts) as here:
        people = [NewSubscription(name="N", address=f"p{n}@example.org") for n in range(3)]
        add = here.subscriptions.add
        assert [(await add(person))[1] for person in people[:2]] == [True, True]
        assert (await add(people[0]))[1] is False
        with pytest.raises(TooMany):
            await add(people[2])


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


async def test_what_has_waited_too_long_for_a_connection_is_claimed_anew(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(4))

        async def slow() -> None:
            here.now += PATIENCE

        postman = Postman(slow)
        assert await here.send_due(here.mailer(postman, mail_workers=1)) == {"sent": 4}
        assert len(set(postman.given)) == len(postman.given) == 4
        assert await attempts(here, "sent") == {1: 4}


async def test_what_a_dead_process_had_claimed_is_unknown_and_held(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(1, 2)
        await claim(here, 1)
        await expire(here, DeliveryState.UNKNOWN)
        postman = Postman()
        assert await here.send_due(here.mailer(postman)) == {"unknown": 1, "sent": 1}
        assert len(postman.given) == 1


async def test_a_late_result_is_the_truth_about_what_was_given_up(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(1, 2)
        sent, unsent = await claim(here)
        await expire(here, DeliveryState.UNKNOWN)
        assert await here.counts() == {"unknown": 2}
        late = [Result(sent, DeliveryState.SENT, attempts=1), Result(unsent, DeliveryState.QUEUED)]
        await here.deliveries.record(late, here.now)
        assert await here.counts() == {"sent": 1, "queued": 1}
        (again,) = await claim(here)
        assert (again.id, again.attempts) == (unsent.id, 0)


async def test_a_late_result_changes_nothing_that_was_claimed_anew(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(1)
        (late,) = await claim(here)
        assert not await claim(here)
        await expire(here, DeliveryState.QUEUED)
        (claimed,) = await claim(here)
        for state in (DeliveryState.FAILED, DeliveryState.QUEUED):
            await here.deliveries.record([Result(late, state, "late")], here.now)
        assert await here.counts() == {"sending": 1}
        await here.deliveries.record([Result(claimed, DeliveryState.SENT)], here.now)
        assert await here.counts() == {"sent": 1}


@pytest.mark.parametrize("error", [AutoReconnect(), WriteConcernError("stepped down", 11602)])
async def test_what_was_claimed_is_ours_though_the_store_did_not_say_so_for_certain(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    done, answers = AsyncCollection.update_many, []

    async def uncertain_once(*args: Any, **more: Any) -> Any:
        answers.append(await done(*args, **more))
        if len(answers) == 1:
            raise error
        return answers[-1]

    async with post(parts) as here:
        await here.due(1, 2)
        monkeypatch.setattr(AsyncCollection, "update_many", uncertain_once)
        assert [one.attempts for one in await claim(here)] == [0, 0]
        assert len(answers) == 2


WAYS: Final = [
    *(Fault("update", answer, done=done) for answer in (unsure(), None) for done in (True, False)),
    Fault("update", unsure(189, "PrimarySteppedDown")),
    Fault("update", refused(), done=False),
]


@pytest.mark.parametrize("times", [1, 4])
@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_a_store_that_does_not_say_for_certain_leaves_no_e_mail_unknown(
    parts: Parts, way: Fault, times: int
) -> None:
    async with wire(store_port(parts)) as double, post(replace(parts, mongodb=double.uri)) as here:
        await here.due(*range(48))
        postman = Postman()
        double.plan(replace(way, times=times))
        assert await here.send_due(here.mailer(postman)) == {"sent": 48}
        assert len(set(postman.given)) == len(postman.given) == 48
        assert await attempts(here, "sent") == {1: 48}
        assert double.faults == times


async def test_failed_and_unknown_are_queued_again_all_or_some(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(6))
        ends = [DeliveryState.SENT, *[DeliveryState.FAILED] * 3, *[DeliveryState.UNKNOWN] * 2]
        claimed = await claim(here)
        results = [Result(one, end, "why") for one, end in zip(claimed, ends, strict=True)]
        await here.deliveries.record(results, here.now)

        async def requeue(**which: Any) -> int:
            return await here.deliveries.requeue(Requeue(**which), here.now)

        assert await requeue(ids=(claimed[0].id, claimed[1].id)) == 1, "what was sent stays"
        assert await requeue(state="unknown", ids=(claimed[2].id,)) == 0
        assert await requeue(state="unknown") == 2
        assert await requeue(state="failed") == 2
        assert await here.counts() == {"sent": 1, "queued": 5}
        assert not any(one.reason for one in await here.all() if one.state == "queued")
        assert await here.send_due(here.mailer(Postman())) == {"sent": 6}


async def test_what_is_due_is_found_by_an_index(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(1)
        deliveries = here.database["deliveries"]
        for state in ("queued", "sending"):
            found = deliveries.find({"state": state, "due": {"$lte": here.now}})
            assert "state_1_due_1" in str((await found.explain())["queryPlanner"]["winningPlan"])
