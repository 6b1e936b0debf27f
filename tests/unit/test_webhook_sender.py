"""The loop that sends to webhooks: whose claims are whose, and what is said when one is stopped."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import AsyncMock, MagicMock

from services.notifications.domain import Webhook
from services.notifications.settings import NotificationsSettings
from services.notifications.webhooks.delivery import Answer
from services.notifications.webhooks.endpoints import Endpoint, Target
from services.notifications.webhooks.sender import Sender
from services.notifications.webhooks.signing import Secret, new_secret
from shared.kafka.producer import NotDelivered

if TYPE_CHECKING:
    from collections.abc import Mapping

BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
EVENT: Final = {
    "_id": "then 1",
    "id": "1",
    "recorded": BEGIN,
    "type": "coalition.membership.CitySigned.v1",
    "about": "de-city-bonn",
    "place": "2016",
    "data": "{}",
}
DELIVERY: Final = {
    "_id": "hook.1",
    "id": "hook.1",
    "webhook": "hook",
    "event": "then 1",
    "message": "1",
    "kind": "CitySigned",
    "about": "de-city-bonn",
    "state": "queued",
    "place": 1,
    "due": BEGIN,
    "queued": BEGIN,
}


class Found:
    """What a store finds."""

    def __init__(self, *documents: dict[str, Any]) -> None:
        self.documents = list(documents)

    def sort(self, *_: Any) -> Found:
        return self

    limit = hint = sort

    async def to_list(self) -> list[dict[str, Any]]:
        return self.documents

    async def __aiter__(self) -> Any:
        for one in self.documents:
            yield one


class Waiting:
    """A queue in which one event is always due; it notes by whom it was claimed."""

    def __init__(self) -> None:
        self.claims = list[str]()

    def find(self, where: Mapping[str, Any], _fields: Any = None) -> Found:
        return Found(*[DELIVERY] if where["state"] == "queued" and "due" in where else [])

    async def update_many(self, _where: Any, change: Any, **_: Any) -> Any:
        if "claim" in change["$set"]:
            self.claims.append(change["$set"]["claim"].partition("/")[0])
        return MagicMock(modified_count=1)

    async def count_documents(self, *_: Any, **__: Any) -> int:
        return 1

    async def bulk_write(self, *_: Any, **__: Any) -> None:
        """Say how it ended."""


class Slow:
    """A receiver that answers when it is let."""

    def __init__(self, answer: Answer) -> None:
        self.answer, self.may = answer, asyncio.Event()

    async def post(self, *_: Any) -> Answer:
        await self.may.wait()
        return self.answer

    async def close(self) -> None:
        """There is nothing to close."""


class Room:
    """A sender with one webhook, and a store that is none."""

    def __init__(self, answer: Answer) -> None:
        self.now, self.seconds = BEGIN, 0.0
        self.poster, self.waiting, self.publisher = Slow(answer), Waiting(), AsyncMock()
        self.endpoints = AsyncMock()
        self.become("active")
        limits = MagicMock(find_one=AsyncMock(return_value=None), insert_one=AsyncMock())
        changes = MagicMock(find=lambda _: Found(EVENT))
        database: Any = {
            "webhook_deliveries": self.waiting,
            "limits": limits,
            "changes": changes,
        }
        self.sender = Sender(
            database,
            self.endpoints,
            NotificationsSettings(),
            self.publisher,
            lambda _: self.poster,
            lambda: self.now,
            lambda: self.seconds,
        )

    def become(self, state: Any, failing: datetime | None = None) -> None:
        webhook = Webhook(id="hook", host="example.org", state=state)
        secrets = (Secret(secret=new_secret()),)
        endpoint = Endpoint(id="hook", url="https://example.org", secrets=secrets, failing=failing)
        target = Target(webhook=webhook, endpoint=endpoint)
        self.endpoints.targets.return_value = {"hook": target}

    async def turn(self) -> None:
        self.seconds += 2
        self.now += timedelta(seconds=2)
        await self.sender.turn(asyncio.Event())


async def test_what_is_on_its_way_while_it_is_paused_and_resumed_is_waited_for() -> None:
    room = Room(Answer(204, "HTTP 204"))
    await room.turn()
    room.become("paused")
    await room.turn()
    room.become("active")
    await room.turn()
    before, after = {*room.waiting.claims[:1]}, {*room.waiting.claims[1:]}
    assert after
    assert not before & after, "else the first, which has no answer yet, keeps nothing waiting"
    room.poster.may.set()


async def test_that_kafka_is_away_ends_nothing_when_a_webhook_is_to_be_stopped() -> None:
    room = Room(Answer(410, "HTTP 410"))
    room.publisher.send.side_effect = NotDelivered("away", delivered=0, unsure=True)
    room.poster.may.set()
    await room.turn()
    room.publisher.send.assert_awaited_once()
    await room.turn()
    room.publisher.send.assert_awaited_once()
    room.seconds += 60
    await room.turn()
    assert room.publisher.send.await_count == 2, "it is said once more"
