"""What did not fit is made up for behind what waits, and a crash leaves out none of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from unittest.mock import AsyncMock, MagicMock

from services.notifications.domain import Webhook
from services.notifications.settings import NotificationsSettings
from services.notifications.webhooks.deliveries import WebhookDeliveries
from services.notifications.webhooks.endpoints import Endpoint, Endpoints, Replay, Target
from services.notifications.webhooks.operating import Operating, Ways
from services.notifications.webhooks.replaying import Replaying, gap_of
from tests.hooks import TYPE, signed

BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
BONN: Final = "de-city-bonn"


def kept(recorded: datetime) -> dict[str, Any]:
    return {
        "_id": f"{recorded:%Y-%m-%dT%H:%M:%S.%f} 1",
        "id": "1",
        "recorded": recorded,
        "type": TYPE,
        "about": BONN,
        "place": "2016",
        "data": signed(BONN),
    }


class Room:
    """A webhook whose gap is made up for, and what is written of that."""

    def __init__(self, replay: Replay, *events: dict[str, Any]) -> None:
        self.database: dict[str, Any] = {
            name: MagicMock(bulk_write=AsyncMock(), count_documents=AsyncMock(return_value=0))
            for name in ("webhooks", "webhook_endpoints", "webhook_deliveries", "changes")
        }
        found = MagicMock()
        found.sort.return_value.limit.return_value.__aiter__.return_value = events
        self.database["changes"].find.return_value = found
        webhook = Webhook(id="hook", host="example.org")
        endpoint = Endpoint(id="hook", url="https://example.org", full=BEGIN, replay=replay)
        database: Any = self.database
        endpoints, deliveries = Endpoints(database), WebhookDeliveries(database)
        targets = {"hook": Target(webhook=webhook, endpoint=endpoint)}
        endpoints.targets = AsyncMock(return_value=targets)  # type: ignore[method-assign]
        self.replaying = Replaying(database, endpoints, deliveries, lambda: BEGIN + HOUR)

    def written(self, name: str) -> list[Any]:
        """All that was written, write by write."""
        calls = self.database[name].bulk_write.await_args_list
        return [write for call in calls for write in call.args[0]]


async def test_that_new_events_are_queued_again_and_the_last_brought_is_one_write() -> None:
    replay = gap_of(BEGIN, BEGIN, place=77)
    room = Room(replay)
    assert await room.replaying.step()
    (write,) = room.written("webhook_endpoints")
    change = write._doc["$set"]  # noqa: SLF001 - PyMongo shows it no other way
    assert change["full"] is None
    assert (change["replay"]["closing"], change["replay"]["place"]) == (True, 77)
    assert change["replay"]["cursor"] == replay.cursor, "all since the gap once more"
    which = {"replay.cursor": replay.cursor, "replay.until": replay.until, "full": BEGIN}
    assert write._filter == {"_id": "hook", **which}  # noqa: SLF001


async def test_what_did_not_fit_comes_after_what_waits_though_it_was_queued_late() -> None:
    late = int((BEGIN + HOUR).timestamp() * 1_000_000)
    room = Room(gap_of(BEGIN, BEGIN, place=late), kept(BEGIN))
    await room.replaying.step()
    (write,) = room.written("webhook_deliveries")
    assert write._doc["place"] > late  # noqa: SLF001 - PyMongo shows it no other way


async def test_resuming_begins_behind_the_last_that_waits() -> None:
    ways = Ways(AsyncMock(), NotificationsSettings(), clock=lambda: BEGIN + HOUR)
    operating = Operating(MagicMock(), MagicMock(), ways)
    operating.endpoints, operating.deliveries = AsyncMock(), AsyncMock()
    endpoint = Endpoint(id="hook", url="https://example.org", full=BEGIN)
    operating.endpoints.of.return_value = {"hook": endpoint}
    operating.endpoints.webhooks.return_value = {}
    operating.deliveries.last_place.return_value = 77
    await operating.resume("hook")
    replay = operating.endpoints.set.await_args.kwargs["replay"]
    assert (replay["place"], replay["gap"], replay["closing"]) == (77, True, False)
