"""A webhook for which too much waits is stopped, also where Kafka was away when that was seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from unittest.mock import AsyncMock

import pytest

from services.notifications.domain import Webhook
from services.notifications.webhooks.endpoints import Endpoint, Replay, Target
from services.notifications.webhooks.watching import Watching
from shared.contracts.notifications import WebhookStopped
from shared.kafka.producer import NotDelivered

BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)


class Room:
    """What watches one webhook for which as much waits as may."""

    def __init__(self, waiting: int = 10, state: Any = "active", **fields: Any) -> None:
        self.fields: dict[str, Any] = fields
        self.endpoints, self.publisher, deliveries = AsyncMock(), AsyncMock(), AsyncMock()
        self.webhook = Webhook(id="hook", host="example.org", state=state, since=BEGIN)
        self.endpoints.targets = self.targets
        self.endpoints.set = self.set
        deliveries.waiting.return_value = waiting
        deliveries.with_some.return_value = []
        self.watching = Watching(
            self.endpoints, deliveries, self.publisher, lambda: BEGIN + HOUR, most=10
        )

    async def targets(self) -> dict[str, Target]:
        endpoint = Endpoint(id="hook", url="https://example.org", **self.fields)
        return {"hook": Target(webhook=self.webhook, endpoint=endpoint)}

    async def set(self, _: str, **fields: Any) -> None:
        self.fields |= fields

    @property
    def said(self) -> list[WebhookStopped]:
        calls = self.publisher.send.call_args_list
        return [WebhookStopped.model_validate_json(one.args[0][0].value) for one in calls]


async def test_a_stop_that_kafka_did_not_take_is_said_again_until_it_is_decided() -> None:
    room = Room()
    room.publisher.send.side_effect = NotDelivered("away", delivered=0, unsure=True)
    with pytest.raises(NotDelivered):
        await room.watching.look()
    room.publisher.send.side_effect = None
    await room.watching.look()
    assert [one.reason for one in room.said] == ["too many events wait"] * 2
    ids = {dict(one.args[0][0].headers)["ce_id"] for one in room.publisher.send.call_args_list}
    assert len(ids) == 1, "heard once, however often it is said"
    room.webhook = room.webhook.model_copy(update={"state": "stopped"})
    await room.watching.look()
    assert len(room.said) == 2


async def test_an_event_that_was_recorded_before_it_was_resumed_is_no_reason_not_to_stop() -> None:
    room = Room(waiting=9, full=BEGIN - HOUR)
    await room.watching.look()
    assert [one.since for one in room.said] == [BEGIN]


@pytest.mark.parametrize(
    ("state", "replay"),
    [("active", Replay(cursor="a", until="b", gap=True)), ("paused", None), ("stopped", None)],
)
async def test_one_that_is_caught_up_or_sends_nothing_is_not_stopped_again(
    state: str, replay: Replay | None
) -> None:
    room = Room(state=state, full=BEGIN, replay=replay)
    await room.watching.look()
    assert not room.said
