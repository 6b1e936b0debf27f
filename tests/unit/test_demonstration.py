"""What the demo ends with: an e-mail at once and a digest for two people, and a page."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import httpx
import pytest

from cli import demonstration
from cli.demonstration import FILE, LATER, READERS
from cli.endpoints import Endpoints
from services.notifications.domain import Interest
from services.notifications.domain.changes import facts
from services.notifications.domain.preferences import choice
from shared.contracts.base import EVENT_TYPES

TODAY: Final = datetime(2026, 11, 26, tzinfo=UTC).date()
PAGE: Final = "http://localhost:8003/page/signed"
WAITS: Final = [f"{address} {kind}" for address in READERS for kind in ("one", "many")]


def happening() -> list[Any]:
    text = FILE.read_text("utf-8").replace("{today}", f"{TODAY}")
    lines = map(json.loads, text.replace("{later}", f"{TODAY + LATER}").splitlines())
    return [EVENT_TYPES[one["type"]].model_validate_json(json.dumps(one["data"])) for one in lines]


@pytest.mark.parametrize("address", READERS)
def test_each_reader_is_told_of_something_at_once_and_of_something_later(address: str) -> None:
    staff = json.loads(FILE.with_name("staff.json").read_text("utf-8"))
    found = next(one for one in staff if one["address"] == address)
    known = {name: value for name, value in found.items() if name in Interest.model_fields}
    person = Interest.model_validate({**known, "id": address})
    hows = [choice(person, one, person.scope(one))[1] for one in map(facts, happening())]
    assert "at once" in hows
    assert {"daily", "weekly"} & {*hows}


class World:
    """Notifications, and a mail catcher of either kind."""

    def __init__(self, *, is_mailpit: bool) -> None:
        self.is_mailpit, self.digests = is_mailpit, list[str]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/people/export":
            return httpx.Response(200, json=self.person(json.loads(request.content)["address"]))
        if path.endswith("/digest"):
            self.digests.append(path)
            return httpx.Response(202, json={})
        if path.startswith("/api/v1/") != self.is_mailpit:
            return httpx.Response(404, text="nothing here")
        ids, subject, text = (
            ("ID", "Subject", "Text") if self.is_mailpit else ("id", "subject", "text")
        )
        if not path.endswith("/messages"):
            return httpx.Response(200, json={subject: "S", text: f"Your page: {PAGE}"})
        name = "MessageID" if self.is_mailpit else "message_id"
        caught = [{name: f"<{one}@example.org>", ids: f"{n}"} for n, one in enumerate(WAITS)]
        return httpx.Response(200, json={"messages": caught})

    def person(self, address: str) -> dict[str, Any]:
        kinds = {"many": "Digest", "one": "ConferenceAnnounced", "before": "ConferenceAnnounced"}
        return {
            "subscription": {"id": address, "language": "en"},
            "deliveries": [{"id": f"{address} {id_}", "kind": kind} for id_, kind in kinds.items()],
        }


@pytest.mark.parametrize("is_mailpit", [True, False])
async def test_it_asks_for_the_digests_and_shows_what_came(
    monkeypatch: pytest.MonkeyPatch, *, is_mailpit: bool
) -> None:
    published: list[bytes] = []

    async def publish(_: object, lines: list[bytes], __: object) -> None:
        published.extend(lines)

    async def settled(*_: object) -> None: ...

    world = World(is_mailpit=is_mailpit)
    opened = partial(httpx.AsyncClient, transport=httpx.MockTransport(world))
    monkeypatch.setattr(httpx, "AsyncClient", opened)
    monkeypatch.setattr("cli.client.publish", publish)
    monkeypatch.setattr("cli.client.settled", settled)
    found = await demonstration.happen(Endpoints())
    assert len(published) == len(happening())
    assert not any(b"{" + name + b"}" in one for one in published for name in (b"today", b"later"))
    assert world.digests == [f"/subscriptions/{address}/digest" for address in READERS]
    assert [(one["to"], one["kind"]) for one in found] == [
        (address, kind) for address in READERS for kind in ("ConferenceAnnounced", "Digest")
    ]
    assert {one["page"] for one in found} == {PAGE}
