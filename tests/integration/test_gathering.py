"""One e-mail for many events, on a real store: digests, and much that comes at a time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from services.notifications.delivery import LONG_AGO, MANY, DeliveryState
from services.notifications.gathering import Gathering
from shared.contracts.notifications import DigestQueued, NotificationQueued, Recipients
from tests.post import RULE, Post, post

if TYPE_CHECKING:
    import pytest

    from services.notifications.delivery import Delivery
    from shared.contracts.notifications import How
    from tests.parts import Parts


def queued(
    here: Post, name: str, *people: str, how: How = "at once", due: datetime | None = None
) -> NotificationQueued:
    told = Recipients(how=how, rule=RULE, due=due, subscriptions=people)
    return NotificationQueued(
        notification=name,
        about="de-city-bonn",
        kind="CitySigned",
        event_type="coalition.membership.CitySigned.v1",
        data={"coalition": "europe"},
        decided=here.now,
        headline=f"Bonn signed {name}",
        recipients=(told,),
    )


def digest(here: Post, *names: str) -> DigestQueued:
    return DigestQueued(
        digest="d",
        subscription="s",
        frequency="daily",
        date="2026-01-01",
        due=here.now,
        notifications=names,
    )


async def standing(here: Post) -> Counter[tuple[str, str]]:
    return Counter((one.kind, one.state.value) for one in await here.all())


async def of(here: Post, kind: str) -> list[Delivery]:
    return [one for one in await here.all() if one.kind == kind]


async def test_a_digest_is_one_e_mail_however_often_and_late_it_is_projected(parts: Parts) -> None:
    async with post(parts) as here:
        gathering = Gathering(here.database)
        await gathering.prepare()
        events = [queued(here, name, "s", how="daily") for name in "abc"]
        await here.deliveries.queue(events)
        waiting = await gathering.waiting(["s", "nobody"])
        assert [one.notification for one in waiting["s"].items] == ["a", "b", "c"]
        assert not waiting["nobody"].items
        assert [one async for one in gathering.longest()] == [("s", "daily", here.now)]
        for _ in range(2):
            await gathering.queue([digest(here, "a", "b")])
            await here.deliveries.queue(events)  # a process that was frozen
        assert await standing(here) == {
            ("Digest", "queued"): 1,
            ("CitySigned", "gathered"): 2,
            ("CitySigned", "waiting"): 1,
        }
        (email,) = await of(here, "Digest")
        assert [one.headline for one in email.items] == ["Bonn signed a", "Bonn signed b"]
        assert email.items[0].data == '{"coalition":"europe"}'
        assert {one.digest for one in await here.all() if one.state == "gathered"} == {email.id}
        assert [one.notification for one in (await gathering.waiting(["s"]))["s"].items] == ["c"]


async def test_ten_that_come_together_for_one_person_are_one_e_mail(parts: Parts) -> None:
    async with post(parts) as here:
        gathering = Gathering(here.database)
        events = [queued(here, str(n), "s", *(["t"] if n else [])) for n in range(MANY)]
        assert await here.deliveries.queue(events) == {"s"}
        assert not [
            one for one in await here.all() if (one.subscription, one.state) == ("s", "queued")
        ]
        await gathering.gather(["s"])
        (email,) = await of(here, "Digest")
        assert (email.subscription, len(email.items), email.due) == ("s", MANY, LONG_AGO)
        assert (await standing(here))["CitySigned", "queued"] == MANY - 1


async def test_ten_that_have_come_to_wait_are_one_e_mail_and_those_of_the_night_another(
    parts: Parts,
) -> None:
    async with post(parts) as here:
        gathering, morning = Gathering(here.database), here.now + timedelta(hours=7)
        for n in range(MANY):
            await here.deliveries.queue([queued(here, f"now-{n}", "s")])
            await here.deliveries.queue([queued(here, f"night-{n}", "s", due=morning)])
        await here.deliveries.queue([queued(here, "else", "t")])
        for _ in range(2):
            await gathering.gather()
        emails = await of(here, "Digest")
        assert Counter((one.due, len(one.items)) for one in emails) == {
            (LONG_AGO, MANY): 1,
            (morning, MANY): 1,
        }
        assert (await standing(here))["CitySigned", "queued"] == 1


async def test_what_was_begun_to_be_gathered_is_finished_by_whoever_looks_next(
    parts: Parts,
) -> None:
    async with post(parts) as here:
        gathering = Gathering(here.database)
        await here.deliveries.queue([queued(here, str(n), "s") for n in range(MANY)])
        # One process died after it had queued, another when it had marked some.
        some = {"notification": {"$in": ["0", "1"]}}
        await here.database["deliveries"].update_many(some, {"$set": {"digest": "begun"}})
        await gathering.gather()
        told = Counter(one.headline for email in await of(here, "Digest") for one in email.items)
        assert told == {f"Bonn signed {n}": 1 for n in range(MANY)}
        assert not [one for one in await here.all() if one.state is DeliveryState.WAITING]


async def test_who_comes_too_late_into_an_e_mail_that_is_there_goes_alone(parts: Parts) -> None:
    async with post(parts) as here:
        gathering: Any = Gathering(here.database)
        await here.deliveries.queue([queued(here, str(n), "s") for n in range(3)])
        rows = here.database["deliveries"]
        marks = {"$set": {"digest": "g", "state": "waiting"}}
        await rows.update_many({"notification": {"$in": ["0", "1"]}}, marks)
        await gathering.gather()  # a sweeper finishes it, and its owner goes on to mark
        await rows.update_many({"notification": "2"}, marks)
        await gathering.gather()
        assert await standing(here) == {
            ("Digest", "queued"): 1,
            ("CitySigned", "gathered"): 2,
            ("CitySigned", "queued"): 1,
        }


async def test_what_waits_for_a_daily_digest_is_not_behind_what_waits_for_the_weekly_one(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notifications.gathering.MAX_IN_DIGEST", 2)
    async with post(parts) as here:
        gathering = Gathering(here.database)
        await gathering.prepare()
        old = [queued(here, f"old-{n}", "s", how="weekly") for n in range(6)]
        await here.deliveries.queue(old)
        here.now += timedelta(hours=1)
        await here.deliveries.queue([queued(here, "new", "s", how="daily")])
        items = (await gathering.waiting(["s"]))["s"].items
        assert Counter(one.how for one in items) == {"weekly": 4, "daily": 1}
        assert items[-1].notification == "new", "what was decided first comes first"


async def test_of_a_subscription_that_is_gone_nothing_waits(parts: Parts) -> None:
    async with post(parts) as here:
        await here.deliveries.queue([queued(here, "a", "s", how="weekly")])
        await Gathering(here.database).cancel("s", datetime.now(UTC))
        assert await standing(here) == {("CitySigned", "cancelled"): 1}
