"""The fakes of journal and views keep the rules of the real ones."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from pymongo import AsyncMongoClient

from services.plans.domain import MemberCommitments
from services.plans.views import PlansViews
from shared.contracts.base import MemberRef
from shared.journal.entry import Entry, Key, Origin, Outcome
from shared.journal.store import Journal
from tests.fakes.gate import Gate
from tests.fakes.store import FakeJournal, FakeViews
from tests.unit.fold import NOW

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from tests.fakes.store import JournalPart, ViewsPart
    from tests.parts import Parts

    Both = tuple[JournalPart, ViewsPart]
    Make = Callable[[Parts], AbstractAsyncContextManager[Both]]
    """Mypy holds the real parts and the fakes against the same protocols."""


@asynccontextmanager
async def real(parts: Parts) -> AsyncIterator[Both]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(parts.mongodb, tz_aware=True)
    async with client:
        database = client[f"fakes_{uuid.uuid4().hex}"]
        journal, views = Journal(database["journal"]), PlansViews(database)
        await journal.prepare()
        await views.prepare()
        yield journal, views


@asynccontextmanager
async def fake(_: Parts) -> AsyncIterator[Both]:
    gate = Gate()
    task = asyncio.create_task(let_all_on(gate))
    yield FakeJournal({}, gate), FakeViews({}, gate)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def let_all_on(gate: Gate) -> None:
    while True:
        gate.let_on(0)
        await asyncio.sleep(0)


def entry(id_: str, version: int, stream: str = "commitments/a") -> Entry:
    origin = Origin("topic", 0, version)
    return Entry(Key("urn:test", id_), stream, version, Outcome.UNCHANGED, NOW, "digest", origin)


def commitments(id_: str, state: str) -> MemberCommitments:
    member = MemberRef(name=id_, country="DE", kind="city")
    return MemberCommitments.model_validate(
        {"id": id_, "coalition": "load", "member": member, "state": state, "standing": "member"}
    )


@pytest.mark.parametrize("make", [real, fake])
async def test_a_journal_appends_up_to_what_stands_in_the_way(parts: Parts, make: Make) -> None:
    async with make(parts) as (journal, _):
        assert await journal.append([entry("1", 1), entry("2", 2)]) == 2
        assert await journal.append([entry("3", 3), entry("1", 4), entry("4", 5)]) == 1
        assert await journal.append([entry("5", 4), entry("6", 4)]) == 1, "a version that is taken"
        other = entry("7", 1, "commitments/b")
        assert await journal.append([other]) == 1, "versions are counted in each stream"

        found = await journal.find([Key("urn:test", "3"), Key("urn:test", "4")])
        assert found == {Key("urn:test", "3"): entry("3", 3)}
        newer = [e async for e in journal.newer({"commitments/a": 2, "commitments/b": 0})]
        assert [(e.stream, e.version) for e in newer] == [
            ("commitments/a", 3),
            ("commitments/a", 4),
            ("commitments/b", 1),
        ]


@pytest.mark.parametrize("make", [real, fake])
async def test_views_move_forward_only(parts: Parts, make: Make) -> None:
    async with make(parts) as (_, views):
        stream = "commitments/de-city-a"
        await views.project({stream: (2, commitments("de-city-a", "open"))})
        await views.project({stream: (1, commitments("de-city-a", "awaiting"))})
        assert await views.load([stream, "commitments/de-city-b"]) == {
            stream: (2, commitments("de-city-a", "open"))
        }
        await views.project({stream: (3, commitments("de-city-a", "awaiting"))})
        assert (await views.load([stream]))[stream][0] == 3
