"""Who has claimed a delivery, what becomes of it, and what is queued again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import AutoReconnect, WriteConcernError

from services.notifications.backlog import Backlog
from services.notifications.delivery import DeliveryState, Requeue, Result
from services.notifications.mailer import PATIENCE
from tests.parts import store_port
from tests.post import Postman, attempts, claim, expire, post
from tests.wire import Fault, refused, unsure, wire

if TYPE_CHECKING:
    from tests.parts import Parts

WAYS: Final = [
    *(Fault("update", answer, done=done) for answer in (unsure(), None) for done in (True, False)),
    Fault("update", unsure(189, "PrimarySteppedDown")),
    Fault("update", refused(), done=False),
]


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
        queued = [one for one in await here.all() if one.state == "queued"]
        assert not any(one.reason or one.ended for one in queued)
        assert await here.send_due(here.mailer(Postman())) == {"sent": 6}


async def test_what_is_due_is_counted_with_the_one_that_is_so_longest(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(1, 2, 3, 4)
        ids = [one.id for one in await here.all()]
        for id_, seconds in zip(ids, (60, 90, 5, -5), strict=True):
            change = {"$set": {"due": here.now - timedelta(seconds=seconds)}}
            await here.database["deliveries"].update_one({"_id": id_}, change)
        backlog = Backlog(here.database, lambda: here.now)
        await backlog.look()
        assert [one.samples[0].value for one in backlog.metrics()] == [3, 90]


async def test_what_is_due_is_found_by_an_index(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(1)
        deliveries = here.database["deliveries"]
        for state in ("queued", "sending"):
            found = deliveries.find({"state": state, "due": {"$lte": here.now}})
            plan = (await found.explain())["queryPlanner"]["winningPlan"]
            assert "state_1_place_1_due_1" in str(plan)
