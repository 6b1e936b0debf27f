"""What operators do with webhooks over HTTP, on a real store."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from services.notifications.domain import DECIDER, WEBHOOKS
from services.notifications.known import Known
from services.notifications.webhooks import api
from services.notifications.webhooks.operating import Operating, Ways
from shared.contracts.base import EVENT_TYPES
from shared.domain.decider import Context, fold
from tests.hooks import hooks
from tests.receiver import receiver
from tests.web_parts import Service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx

    from tests.hooks import Hooks
    from tests.parts import Parts

BONN: Final = "de-city-bonn"


@dataclass
class Office:
    """Operators, and the journal that decides what they say."""

    here: Hooks
    service: Service
    token: str
    states: dict[str, Any] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)

    async def ask(self, method: str, path: str = "", body: Any = None) -> httpx.Response:
        more = {} if body is None else {"json": body}
        answer = await self.service.ask(method, f"/webhooks{path}", self.token, **more)
        await self._decide()
        return answer

    async def _decide(self) -> None:
        said, self.here.said = self.here.said, []
        for one in said:
            model = EVENT_TYPES[dict(one.headers)["ce_type"].decode()]
            event = model.model_validate_json(one.value or b"")
            context = Context({}, self.here.now, ("/coalition/notifications", "1"))
            found = DECIDER.decide(self.states.get(event.subject), event, context)
            self.events += [type(each).__name__ for each in found]
            state = fold(DECIDER, self.states.get(event.subject), found)
            self.states[event.subject] = state
            document = {"_id": event.subject, **(state.model_dump() if state else {})}
            one_of_them = {"_id": event.subject}
            await self.here.database[WEBHOOKS].replace_one(one_of_them, document, upsert=True)


@asynccontextmanager
async def office(parts: Parts, folder: Path, **settings: Any) -> AsyncIterator[Office]:
    async with hooks(parts) as here:
        here.now = datetime.now(UTC)
        service, publisher = Service(folder), here
        ways: Any = Ways(publisher, here.settings(**settings), clock=lambda: here.now)  # type: ignore[arg-type]
        them = Operating(here.database, Known(here.database), ways)
        service.app.include_router(api.routes(here.database, them))
        yield Office(here, service, service.token("operate"))


async def test_one_is_registered_tried_sent_to_and_removed(parts: Parts, tmp_path: Path) -> None:
    async with office(parts, tmp_path) as them, receiver() as there:
        new = {"id": "city-hall", "url": there.url, "kinds": ["CitySigned"]}
        answer = await them.ask("POST", "", new)
        assert answer.status_code == 201
        secret = answer.json()["secret"]
        assert (await them.ask("POST", "", new)).status_code == 409
        shown = (await them.ask("GET", "/city-hall")).json()
        assert (shown["state"], shown["url"], shown["secrets"]) == ("active", there.url, 1)
        assert secret not in str((await them.ask("GET")).json())
        assert "url" not in str(them.events)

        tried = (await them.ask("POST", "/city-hall/test")).json()
        assert (tried["taken"], tried["status"]) == (True, 204)
        there.got[-1].verify(secret)
        assert there.got[-1].event["type"] == "coalition.notifications.WebhookTested.v1"
        there.answer = lambda _: 500
        assert (await them.ask("POST", "/city-hall/test")).json()["reason"] == "HTTP 500"

        rotated = (await them.ask("POST", "/city-hall/rotate", {"overlap_hours": 1})).json()
        there.answer = lambda _: 204
        await them.ask("POST", "/city-hall/test")
        for one in (secret, rotated["secret"]):
            there.got[-1].verify(one)

        await them.here.due(BONN, to="city-hall")
        assert (await them.ask("GET", "/city-hall")).json()["waiting"] == 1
        listed = (await them.ask("GET", "/city-hall/deliveries?state=queued")).json()
        assert [one["about"] for one in listed["items"]] == [BONN]
        assert (await them.ask("DELETE", "/city-hall")).status_code == 204
        assert not await them.here.counts()
        assert (await them.ask("GET", "/city-hall")).status_code == 404
        assert (await them.ask("GET")).json()["items"] == []
        assert them.events[0] == "WebhookRegistered"
        assert them.events[-1] == "WebhookRemoved"
        assert "WebhookSecretRotated" in them.events


async def test_what_is_named_and_not_there_is_refused_with_the_nearest(
    parts: Parts, tmp_path: Path
) -> None:
    async with office(parts, tmp_path, webhook_http=False, webhook_networks="") as them:
        await them.here.recorded(BONN)
        url = "https://example.org/"
        for more, hint in (
            ({"kinds": ["CitySinged"]}, "the nearest is 'CitySigned'"),
            ({"kinds": ["ReportDrafted"]}, "it is not sent"),
            ({"coalitions": ["europa"]}, "the nearest is 'europe'"),
            ({"members": ["de-city-bon"]}, "the nearest is 'de-city-bonn'"),
            ({"url": "http://example.org/"}, "https://"),
            ({"url": "https://10.0.0.1/"}, "no public address"),
        ):
            answer = await them.ask("POST", "", {"id": "a", "url": url, **more})
            assert (answer.status_code, hint in answer.text) == (422, True), answer.text
        good = {"id": "city-hall", "url": url, "coalitions": ["europe"], "members": [BONN]}
        assert (await them.ask("POST", "", good)).status_code == 201
        assert "the nearest is 'city-hall'" in (await them.ask("GET", "/city-hal")).text


async def test_pausing_resuming_and_replaying_are_decided_and_seen(
    parts: Parts, tmp_path: Path
) -> None:
    async with office(parts, tmp_path) as them, receiver() as there:
        await them.ask("POST", "", {"id": "hook", "url": there.url})
        assert (await them.ask("POST", "/hook/pause")).status_code == 202
        assert (await them.ask("GET", "/hook")).json()["state"] == "paused"
        assert (await them.ask("POST", "/hook/resume")).status_code == 202
        assert (await them.ask("GET", "/hook")).json()["state"] == "active"
        future = {"since": "2999-01-01T00:00:00Z"}
        assert (await them.ask("POST", "/hook/replay", future)).status_code == 422
        asked = {"since": "2020-01-01T00:00:00Z"}
        assert (await them.ask("POST", "/hook/replay", asked)).status_code == 202
        assert (await them.ask("GET", "/hook")).json()["replaying"]
        assert (await them.ask("POST", "/hook/replay", asked)).status_code == 409
        assert them.events == [
            *("WebhookRegistered", "WebhookPaused", "WebhookResumed", "WebhookReplayed")
        ]


async def test_only_who_may_operate_sees_or_does_anything(parts: Parts, tmp_path: Path) -> None:
    async with office(parts, tmp_path) as them:
        reader = them.service.token("people:read")
        for method, path in (
            *(("GET", ""), ("POST", ""), ("GET", "/a"), ("DELETE", "/a"), ("POST", "/a/test")),
            *(("POST", "/a/pause"), ("POST", "/a/resume"), ("POST", "/a/rotate")),
            *(("POST", "/a/replay"), ("GET", "/a/deliveries")),
        ):
            answer = await them.service.ask(method, f"/webhooks{path}", reader)
            assert answer.status_code == 403, (method, path)
