"""What people are shown of e-mails and of requests to webhooks is not how these are kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from services.notifications.shown_delivery import ShownDelivery
from services.notifications.webhooks.delivery import ShownWebhookDelivery

NOW: Final = datetime(2026, 11, 26, tzinfo=UTC)
NOTICE: Final = {
    "kind": "CitySigned",
    "about": "de-city-bonn",
    "event_type": "coalition.membership.CitySigned.v1",
    "data": "{}",
    "headline": "Bonn signed",
    "details": [{"label": "Date", "text": "2016"}],
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}
KEPT: Final[dict[str, Any]] = {
    **NOTICE,
    "_id": "n.s",
    "id": "n.s",
    "subscription": "s",
    "state": "queued",
    "rule": "",
    "items": [NOTICE],
    "place": 7,
    "reserved": True,
    "holds": NOW,
    "deferrals": 2,
    "claim": "c",
    "due": NOW,
}


def test_of_an_e_mail_what_it_tells_and_how_it_ended_is_shown() -> None:
    shown = ShownDelivery.model_validate(KEPT).model_dump(mode="json")
    assert [*shown] == [
        *("id", "subscription", "kind", "about", "coalition", "dated", "decided", "urgency"),
        *("how", "rule", "headline", "state", "digest", "attempts", "due", "ended", "reason"),
        "items",
    ]
    assert (shown["rule"], shown["coalition"]) == (None, None)
    assert [[*one] for one in shown["items"]] == [
        ["kind", "about", "coalition", "dated", "headline"]
    ]
    assert ShownDelivery.model_validate({**KEPT, "rule": "own-1"}).rule == "own-1"


def test_of_a_request_to_a_webhook_its_place_and_key_are_not_shown() -> None:
    names = {"id": "h.1", "webhook": "h", "event": "then 1", "message": "1", "about": "de-bonn"}
    stands = {"kind": "CitySigned", "state": "queued", "place": 1, "due": NOW, "queued": NOW}
    shown = ShownWebhookDelivery.model_validate({**names, **stands}).model_dump()
    assert not {"event", "place"} & shown.keys()
