"""Webhooks arrive, signed and in order, whatever their receivers do; and nobody waits for them."""

from __future__ import annotations

import asyncio
import json
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
from pymongo.asynchronous.cursor import AsyncCursor

from services.notifications.claims import Claims
from services.notifications.webhooks.deliveries import queue_of
from services.notifications.webhooks.delivery import DAY
from services.notifications.webhooks.posting import HttpPoster
from shared import cloudevents
from shared.contracts.notifications import WebhookStopped
from tests.hooks import hooks
from tests.receiver import CLOSE, HANG, HUGE, REDIRECT, receiver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.kafka.producer import Outgoing
    from tests.parts import Parts
    from tests.receiver import Message, Receiver

CITIES: Final = ("de-city-bonn", "de-city-berlin", "de-city-weimar")


def said(out: Sequence[Outgoing]) -> list[WebhookStopped]:
    return [WebhookStopped.model_validate_json(one.value or b"") for one in out]


def in_order(there: Receiver, ids: Sequence[str], abouts: Sequence[str]) -> bool:
    expected: dict[str, list[str]] = {about: [] for about in abouts}
    for id_, about in zip(ids, abouts, strict=True):
        expected[about].append(id_)
    # What arrived once more, since its answer was lost, is where it was.
    return all([*dict.fromkeys(there.taken[one])] == expected[one] for one in expected)


async def test_an_event_arrives_as_it_was_published_and_signed(parts: Parts) -> None:
    async with hooks(parts) as here, receiver() as there:
        secret = await here.register(there.url)
        (id_,) = await here.due("de-city-bonn")
        await here.run_until(lambda: here.sent(1), here.sender())
        (message,) = there.got
        assert message.id == id_
        assert message.headers["content-type"].startswith("application/cloudevents+json")
        headers = [(name, value.encode()) for name, value in message.headers.items()]
        envelope = cloudevents.read(headers, message.body.encode())
        assert (envelope.id, envelope.source) == (id_, "/coalition/membership")
        assert json.loads(envelope.data)["member"]["id"] == "de-city-bonn"
        with pytest.raises(Exception, match="too old"):
            message.verify(secret)  # this clock of ours is in January


@pytest.mark.parametrize("seed", range(2))
async def test_of_each_member_in_order_by_three_senders_to_a_receiver_that_fails(
    parts: Parts, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret

    def flaky(message: Message) -> int:
        return chance.choice((204, 204, 204, 500, CLOSE)) if message.times < 4 else 200

    async with hooks(parts) as here, receiver(flaky) as there:
        await here.register(there.url)
        abouts = [chance.choice(CITIES) for _ in range(40)]
        ids = await here.due(*abouts)
        senders = [here.sender() for _ in range(3)]
        await here.run_until(lambda: here.sent(40), *senders, step=5)
        assert in_order(there, ids, abouts)


BODY: Final = '{"subject": "de-city-bonn"}'
BAD: Final = {
    "500": (500, "HTTP 500"),
    "closes": (CLOSE, "the connection broke: RemoteProtocolError"),
    "hangs": (HANG, "no answer in 1 s"),
    "redirects": (REDIRECT, "HTTP 307: redirects are not followed"),
}


@pytest.mark.parametrize("bad", BAD)
async def test_a_bad_receiver_is_asked_again_and_gets_it_under_the_same_id(
    parts: Parts, bad: str
) -> None:
    answer, reason = BAD[bad]
    async with hooks(parts) as here, receiver() as elsewhere, receiver() as there:
        there.location = elsewhere.url
        there.answer = lambda message: answer if message.times == 1 else 204
        await here.register(there.url)
        (id_,) = await here.due("de-city-bonn")

        async def failed() -> bool:
            found = await here.database["webhook_deliveries"].find_one({"attempts": 1})
            return found is not None and found["reason"] == reason

        await here.run_until(failed, here.sender(webhook_answer_seconds=1))
        here.now += timedelta(seconds=10)
        here.seconds += 100
        there.release.set()
        await here.run_until(lambda: here.sent(1), here.sender())
        assert {one.id for one in there.got} == {id_}
        assert len(there.got) == 2
        assert not elsewhere.got


async def test_an_answer_without_end_is_read_no_further(parts: Parts) -> None:
    async with hooks(parts) as here, receiver(lambda _: HUGE) as there:
        await here.register(there.url)
        await here.due("de-city-bonn")
        await here.run_until(lambda: here.sent(1), here.sender())
        assert len(there.got) == 1


async def test_nothing_is_sent_to_a_private_address(parts: Parts) -> None:
    async with hooks(parts) as here, receiver() as there:
        for number, host in enumerate(("127.0.0.1", "localhost")):
            await here.register(f"http://{host}:{there.port}/hook", id_=f"hook-{number}")
            await here.due("de-city-bonn", to=f"hook-{number}")

        async def refused() -> bool:
            found = await here.database["webhook_deliveries"].find({"attempts": 1}).to_list()
            return len(found) == 2 and all("no public address" in one["reason"] for one in found)

        await here.run_until(refused, here.sender(webhook_networks=""))
        assert not there.got


async def test_410_stops_it_at_once(parts: Parts) -> None:
    async with hooks(parts) as here, receiver(lambda _: 410) as there:
        await here.register(there.url)
        await here.due(*CITIES)

        async def stopped() -> bool:
            return bool(here.said)

        await here.run_until(stopped, here.sender())
        (event,) = said(here.said)
        assert (event.webhook, event.reason, event.last) == ("hook", "gone", "HTTP 410")
        assert (await here.counts())["queued"] == 3, "what waits is kept"


async def test_it_is_stopped_after_a_day_in_which_nothing_was_taken(parts: Parts) -> None:
    async with hooks(parts) as here, receiver(lambda _: 500) as there:
        await here.register(there.url)
        await here.due(*CITIES)
        begun = here.now

        async def stopped() -> bool:
            return bool(here.said)

        await here.run_until(stopped, here.sender(), step=600)
        event = said(here.said)[0]
        assert (event.reason, event.last) == ("failed for a day", "HTTP 500")
        assert len({dict(one.headers)["ce_id"] for one in here.said}) == 1, "said again, it is one"
        assert here.now - begun >= DAY
        assert await here.counts() == {"queued": 3}


async def test_one_event_that_is_never_taken_is_given_up_after_a_day_and_the_others_go_on(
    parts: Parts,
) -> None:
    async with hooks(parts) as here, receiver() as there:
        await here.register(there.url)
        first, *_ = await here.due("de-city-bonn", "de-city-bonn")
        there.answer = lambda message: 400 if message.id == first else 204

        async def given_up() -> bool:
            if not there.taken["de-city-bonn"]:
                await here.due("de-city-berlin")
            return (await here.counts())["failed"] == 1

        await here.run_until(given_up, here.sender(), step=900)
        assert not here.said
        assert there.taken["de-city-berlin"]
        await here.run_until(_is(lambda: bool(there.taken["de-city-bonn"])), here.sender(), step=60)


def _is(check: Any) -> Any:
    async def checked() -> bool:
        return bool(check())

    return checked


async def test_one_that_hangs_keeps_no_other_waiting(parts: Parts) -> None:
    async with hooks(parts) as here, receiver(lambda _: HANG) as slow, receiver() as quick:
        await here.register(slow.url, "slow")
        await here.register(quick.url, "quick")
        await here.due(*[f"de-city-{n}" for n in range(50)], to="slow")
        await here.due(*[f"de-city-{n}" for n in range(50)], to="quick")
        await here.run_until(lambda: here.sent(50), here.sender())
        assert len(quick.got) == 50
        assert slow.most == 4, "as many at a time as it is said to bear"


async def test_what_was_sent_and_not_recorded_when_its_process_died_is_sent_again_as_the_same(
    parts: Parts,
) -> None:
    async with hooks(parts) as here, receiver() as there:
        await here.register(there.url)
        first, second = await here.due("de-city-bonn", "de-city-bonn")
        claims = Claims(queue_of(here.database), part={"webhook": "hook"})
        taken = await claims.take(2, here.now, here.now + timedelta(minutes=1))
        poster = HttpPoster(here.settings(), 1)
        answer = await poster.post(there.url, BODY, {"webhook-id": taken.claimed[0].message})
        await poster.close()
        assert answer.taken
        await here.run_until(lambda: here.sent(2), here.sender(), step=5)
        assert [one.id for one in there.got] == [first, first, second]


async def test_what_is_queued_again_changes_nothing_and_a_crash_leaves_no_gap(
    parts: Parts,
) -> None:
    async with hooks(parts) as here, receiver() as there:
        await here.register(there.url)
        events = await here.recorded(*["de-city-bonn"] * 6)
        await here.deliveries.queue([("hook", one) for one in events[:3]], here.now)
        await asyncio.gather(
            *(here.deliveries.queue([("hook", one) for one in events], here.now) for _ in range(3))
        )
        await here.run_until(lambda: here.sent(6), here.sender())
        assert there.taken["de-city-bonn"] == [one.id for one in events]
        await here.deliveries.queue([("hook", one) for one in events], here.now)
        assert await here.counts() == {"sent": 6}


def hints(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The indexes that are asked for."""
    asked, hint = list[Any](), AsyncCursor.hint

    def noted(cursor: Any, index: Any) -> Any:
        asked.append(index)
        return hint(cursor, index)

    monkeypatch.setattr(AsyncCursor, "hint", noted)
    return asked


async def test_what_is_due_is_found_by_an_index_though_20_000_wait(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hooks(parts) as here:
        await here.register("http://127.0.0.1:9/", "hook")
        proto = {"webhook": "hook", "state": "queued", "due": here.now, "queued": here.now}
        more = {"event": "e", "message": "m", "kind": "K"}
        for start in range(0, 20_000, 5_000):
            await here.database["webhook_deliveries"].insert_many(
                [
                    {"_id": f"{n}", "id": f"{n}", "place": n, "about": f"a{n}", **proto, **more}
                    for n in range(start, start + 5_000)
                ]
            )
        queue = queue_of(here.database)
        due = {"webhook": "hook", "state": "queued", "due": {"$lte": here.now}}
        found = queue.collection.find(due).sort("place", 1).limit(10).hint(queue.hint)
        plan = str((await found.explain())["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in plan
        assert "COLLSCAN" not in plan
        asked = hints(monkeypatch)
        claims = Claims(queue, part={"webhook": "hook"})
        taken = await claims.take(10, here.now, here.now + timedelta(minutes=1))
        assert [one.place for one in taken.claimed] == list(range(10))
        assert asked[0] == queue.hint, "that is how they are claimed"
