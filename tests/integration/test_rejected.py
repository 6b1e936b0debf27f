"""What was rejected, as people ask for it, on a real store."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from services.manifests import MANIFESTS
from shared import mongo
from shared.domain.stream import Stream
from shared.journal.entry import Entry, Key, Origin, Outcome
from shared.journal.store import Journal
from shared.settings import Settings
from shared.web import problems, rejected
from shared.web.authentication import Access

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.parts import Parts

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
TOKEN: Final = "a-token-of-tests"
SIGNED: Final = "coalition.membership.CitySigned.v1"
INBOX: Final = "coalition.membership.inbox.v1"


class Desk:
    """A journal, and an operator who asks for what was rejected."""

    def __init__(self, journal: Journal, sources: list[str] | None = None) -> None:
        self.journal, self.count = journal, 0
        app = FastAPI()
        problems.register(app)
        app.state.access = Access.of("membership", Settings(token=SecretStr(TOKEN)))
        kinds = ("members", "coalitions")
        self.sources = sources
        membership = MANIFESTS["membership"]
        app.include_router(rejected.routes(membership, journal, kinds, lambda _: self.sources))
        self.app = app

    async def ask(self, *, token: str = TOKEN, **where: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://test", headers=headers
        ) as client:
            return await client.get("/rejected", params=where)

    async def found(self, **where: Any) -> list[dict[str, Any]]:
        answer = await self.ask(**where)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def add(self, outcome: Outcome, key: Key, *, code: str = "", **more: Any) -> Entry:
        """Append what became of an event, a second after the one before."""
        self.count += 1
        details: dict[str, Any] = {
            "type": SIGNED,
            "stream": Stream("members", "de-city-bonn"),
            **more,
        }
        entry = Entry(
            key=key,
            version=self.count,
            outcome=outcome,
            recorded=NOW + timedelta(seconds=details.pop("at", self.count)),
            digest=str(self.count),
            origin=Origin(INBOX, 0, self.count),
            code=code,
            reason="a reason" if code else "",
            **details,
        )
        assert await self.journal.append([entry]) == 1
        return entry

    async def reject(
        self, id_: str, code: str = "rule", source: str = "urn:a", **more: Any
    ) -> Entry:
        """A rule refused an event, or it broke its contract and is known by its origin."""
        key = Key(source, id_)
        if code == "rule":
            return await self.add(Outcome.REJECTED, key, code=code, **more)
        record = Key.of_origin(Origin(INBOX, 0, self.count + 1))
        details = {
            "stream": Stream("unread", f"{INBOX}/0"),
            "subject": "de-city-bonn",
            "about": key,
            **more,
        }
        return await self.add(Outcome.REJECTED, record, code=code, **details)

    async def accept(self, id_: str, source: str = "urn:a", **more: Any) -> Entry:
        return await self.add(Outcome.ACCEPTED, Key(source, id_), **more)


@pytest.fixture
async def desk(parts: Parts) -> AsyncIterator[Desk]:
    async with mongo.connect(parts.mongodb, "tests") as client:
        name = f"rejected_{uuid.uuid4().hex[:8]}"
        journal = Journal(client[name]["journal"])
        await journal.prepare()
        yield Desk(journal)
        await client.drop_database(name)


async def test_the_city_and_the_sender_are_told_and_no_body(desk: Desk) -> None:
    await desk.accept("0")
    ruled, broken = await desk.reject("1"), await desk.reject("2", "contract")
    told = await desk.found()
    assert told == [
        {
            "recorded": f"2026-01-01T00:00:0{entry.version}Z",
            "about": "de-city-bonn",
            "type": SIGNED,
            "source": "urn:a",
            "id": id_,
            "code": code,
            "reason": "a reason",
            "origin": str(entry.origin),
            "mended": None,
        }
        for entry, id_, code in ((broken, "2", "contract"), (ruled, "1", "rule"))
    ]


async def test_what_named_nobody_is_told_by_its_origin(desk: Desk) -> None:
    await desk.reject("1", "body", about=None, subject="", type="")
    (told,) = await desk.found()
    assert (told["about"], told["source"], told["id"], told["type"]) == (None, None, None, "")
    assert told["origin"] == f"{INBOX}/0/1"


async def test_each_filter_finds_its_own(desk: Desk) -> None:
    await desk.reject("1", "contract")
    await desk.reject("2", source="urn:b")
    await desk.reject("3", stream=Stream("coalitions", "europe"), type="coalition.membership.X.v1")
    await desk.reject("4", "contract", subject="europe", at=86_400)
    await desk.reject("5", "contract", type="org.acme.Thing.v1", subject="x")
    for where, ids in (
        ({"code": "contract"}, "451"),
        ({"source": "urn:b"}, "2"),
        ({"about": "de-city-bonn"}, "21"),
        ({"about": "europe"}, "43"),
        ({"type": "CitySigned"}, "421"),
        ({"type": "coalition.membership.X.v1"}, "3"),
        ({"type": "org.acme.Thing.v1"}, "5"),
        ({"since": "2026-01-02"}, "4"),
        ({"since": "2026-01-01T00:00:02Z"}, "4532"),
        ({"code": "contract", "about": "de-city-bonn"}, "1"),
        ({"source": "urn:c"}, ""),
    ):
        assert "".join(one["id"] for one in await desk.found(**where)) == ids, where


async def test_pages_hold_each_once_also_what_was_rejected_at_the_same_time(desk: Desk) -> None:
    for number in range(7):
        await desk.reject(str(number), at=number // 4)
    found, after = [], ""
    while after is not None:
        page = (await desk.ask(limit=2, after=after)).json()
        found += [one["id"] for one in page["items"]]
        after = page["next"]
    assert found == [*"6543210"]


async def test_what_was_mended_since_is_told_and_how(desk: Desk) -> None:
    first = await desk.reject("1")
    await desk.reject("2", "contract")
    await desk.reject("3", source="urn:b")
    await desk.reject("4", source="urn:c", subject="x", stream=Stream("members", "x"))
    await desk.reject("5", source="urn:d", type="coalition.membership.X.v1")
    await desk.accept("2", stream=Stream("members", "elsewhere"))
    await desk.add(
        Outcome.UNCHANGED, Key("urn:a", "1", str(first.origin)), stream=Stream("members", "y")
    )
    await desk.accept("6", source="urn:b")
    await desk.accept("7", source="urn:c")
    await desk.accept("8", source="urn:d")
    mended = {one["id"]: one["mended"] for one in await desk.found()}
    assert mended == {
        "1": "replayed",
        "2": "sent again",
        "3": "a later event",
        "4": None,  # a later one about another
        "5": None,  # one of another type
    }


async def test_what_came_before_or_was_rejected_again_mends_nothing(desk: Desk) -> None:
    await desk.accept("1", at=5)
    first = await desk.reject("1", "reused", at=5)
    await desk.reject("2", at=6)
    again = Key("urn:a", "1", str(first.origin))
    await desk.add(Outcome.REJECTED, again, code="rule", about=Key("urn:a", "1"), at=7)
    assert [one["mended"] for one in await desk.found()] == [None] * 3


async def test_a_publisher_is_told_of_its_own_alone(desk: Desk) -> None:
    for id_, source in (("1", "urn:a"), ("2", "urn:a:x"), ("3", "urn:b"), ("4", "urn.a")):
        await desk.reject(id_, source=source)
    await desk.reject("5", "body", about=None)
    for sources, ids in ((["urn:a"], "1"), (["urn:a*", "urn:b"], "321"), (["u.n:b"], ""), ([], "")):
        desk.sources = sources
        assert "".join(one["id"] for one in await desk.found()) == ids, sources
        assert not await desk.found(source="urn.a")


async def test_only_who_has_the_token_is_told(desk: Desk) -> None:
    assert (await desk.ask(token="another")).status_code == 401


@pytest.mark.parametrize(
    "where", [{"limit": 101}, {"limit": 0}, {"since": "yesterday"}, {"about": "x" * 513}], ids=str
)
async def test_what_cannot_be_asked_is_refused(desk: Desk, where: dict[str, Any]) -> None:
    assert (await desk.ask(**where)).status_code == 422
