"""One subscription or delivery that cannot be read costs only itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from tests.post import claim, post

if TYPE_CHECKING:
    from tests.parts import Parts


async def test_a_subscription_that_cannot_be_read_keeps_nobody_else_from_being_told(
    parts: Parts,
) -> None:
    async with post(parts) as here:
        await here.due(1, address="good@example.org")
        subscriptions, database = here.subscriptions, here.database
        await database["subscriptions"].insert_one({"_id": "bad", "id": "bad", "coalitions": 7})
        with capture_logs() as logs:
            interests = await subscriptions.interests()
            page = await here.queries.subscriptions("", 10)
            assert list(await subscriptions.find(["bad", interests.all[0].id])) == [
                page.items[0].id
            ]
        assert page.unreadable == ("bad",)
        assert {line["id"] for line in logs} == {"bad"}


async def test_a_delivery_that_cannot_be_read_keeps_no_other_from_being_sent(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(1, 2)
        deliveries = here.database["deliveries"]
        broken = await deliveries.find_one({})
        assert broken
        await deliveries.update_one({"_id": broken["_id"]}, {"$set": {"headline": 7}})
        with capture_logs() as logs:
            [good] = await claim(here)
        assert good.id != broken["_id"]
        assert {line["id"] for line in logs} == {broken["_id"]}
