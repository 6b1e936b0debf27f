"""A journal of each release, replayed on a real store: the views of then, and no e-mail."""

from __future__ import annotations

import asyncio
import json
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from cli.contracts import generate
from services.manifests import MANIFESTS
from shared import mongo
from shared.journal.store import Journal
from shared.pipeline.rebuild import Rebuild
from tests.contract import journals
from tests.parts import eventually
from tests.system import LINK_KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.service import Service
    from tests.parts import Parts

SETTINGS: Final[dict[str, dict[str, Any]]] = {
    name: {"link_keys": LINK_KEY} if name == "notifications" else {} for name in MANIFESTS
}


class Replayed:
    """A service of today, on the store of an earlier release."""

    def __init__(self, release: str, name: str, database: AsyncDatabase[dict[str, Any]]) -> None:
        self.release, self.name, self.database = release, name, database
        self.journal = Journal(database[journals.JOURNAL])
        self.app, self.service = generate.wired(name, database, **SETTINGS[name])

    async def load(self, collection: str) -> list[dict[str, Any]]:
        documents = journals.read(self.release, self.name, collection)
        await self.database[collection].insert_many(documents)
        return documents

    async def rebuild(self) -> None:
        service: Service[Any] = self.service
        await service.snapshots.prepare()
        for projection in service.projections:
            await projection.prepare()
        notes = self.database["engine"]
        parts = (service.decider, self.journal, service.snapshots, notes, service.projections)
        rebuild, stopping = Rebuild(*parts), asyncio.Event()
        working = asyncio.create_task(rebuild.work(stopping))

        async def is_done() -> bool:
            return bool(rebuild.written) and not rebuild.running

        await eventually(is_done)
        stopping.set()
        await working
        assert not rebuild.unreadable

    async def view(self, kind: str) -> dict[str, dict[str, Any]]:
        """What people read of each aggregate, by stream."""
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            answer = await client.get(f"/{kind}/snapshot.jsonl")
        return {row["stream"]: row for row in map(json.loads, answer.text.splitlines())}


@asynccontextmanager
async def replayed(parts: Parts, release: str, name: str) -> AsyncIterator[Replayed]:
    client = mongo.connect(parts.mongodb, "test")
    database = f"release_{uuid.uuid4().hex[:8]}"
    try:
        here = Replayed(release, name, client[database])
        await here.load(journals.JOURNAL)
        yield here
    finally:
        await client.drop_database(database)
        await client.close()


def lacking(then: Any, now: Any, where: str = "") -> list[str]:
    """What was to be read then and is not, or not so, now; a view may have got more since."""
    if isinstance(then, dict) and isinstance(now, dict):
        return [one for key in then for one in lacking(then[key], now.get(key), f"{where}.{key}")]
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        both = enumerate(zip(then, now, strict=True))
        return [one for n, (a, b) in both for one in lacking(a, b, f"{where}[{n}]")]
    return [] if then == now else [f"{where}: was {then!r}, is {now!r}"]


def test_a_view_may_get_more_and_nothing_else() -> None:
    then = {"a": [{"b": 1}], "c": None}
    assert not lacking(then, {"a": [{"b": 1, "new": 2}], "c": None, "new": 3})
    assert lacking(then, {"a": [{"b": 2}], "c": None}) == [".a[0].b: was 1, is 2"]
    assert lacking(then, {"a": [], "c": None})


@pytest.mark.parametrize(("release", "service"), journals.EACH)
async def test_replayed_it_gives_the_recorded_views(
    parts: Parts, release: str, service: str
) -> None:
    async with replayed(parts, release, service) as here:
        await here.rebuild()
        for kind in journals.views(release, service):
            rows, now = journals.read(release, service, kind), await here.view(kind)
            assert [row["stream"] for row in rows] == sorted(now)
            differing = [one for row in rows for one in lacking(row, now[row["stream"]])]
            assert not differing, "\n".join(differing[:20])


@pytest.mark.parametrize("release", journals.RELEASES)
async def test_replayed_it_sends_no_e_mail(parts: Parts, release: str) -> None:
    """Neither by a rebuild, nor where all is read again: each delivery is there once."""
    async with replayed(parts, release, "notifications") as here:
        before = await here.load(journals.DELIVERIES)
        await here.rebuild()
        events = [event async for one in here.journal.all_of() for event in one.typed_events()]
        assert events
        for projection in here.service.projections:
            followed = [event for event in events if isinstance(event, projection.of)]
            await projection.project({}, followed)
        after = await here.database[journals.DELIVERIES].find().sort("_id", 1).to_list()
    assert after == before
