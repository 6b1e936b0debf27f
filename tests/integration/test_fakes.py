"""The fakes of journal and snapshots keep the rules of the real ones."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from pymongo import AsyncMongoClient

from services.plans.domain import DECIDER, MemberCommitments
from services.plans.queries import INDEXES
from shared.contracts.base import MemberRef
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.journal.entry import Entry, Key, Origin, Outcome
from shared.journal.store import Journal
from shared.pipeline.snapshots import Snapshots
from tests.fakes.gate import Gate
from tests.fakes.store import FakeJournal, FakeSnapshots
from tests.unit.fold import NOW

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from tests.fakes.store import JournalPart, SnapshotsPart
    from tests.parts import Parts

    Both = tuple[JournalPart, SnapshotsPart]
    Make = Callable[[Parts], AbstractAsyncContextManager[Both]]
    """Mypy holds the real parts and the fakes against the same protocols."""


@asynccontextmanager
async def real(parts: Parts) -> AsyncIterator[Both]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(parts.mongodb, tz_aware=True)
    async with client:
        database = client[f"fakes_{uuid.uuid4().hex}"]
        journal = Journal(database["journal"])
        snapshots = Snapshots(database, DECIDER.states, INDEXES)
        await journal.prepare()
        await snapshots.prepare()
        yield journal, snapshots


@asynccontextmanager
async def fake(_: Parts) -> AsyncIterator[Both]:
    gate = Gate()
    task = asyncio.create_task(let_all_on(gate))
    yield FakeJournal({}, gate), FakeSnapshots({}, gate)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def let_all_on(gate: Gate) -> None:
    while True:
        gate.let_on(0)
        await asyncio.sleep(0)


FIRST = Stream("commitments", "a")


def entry(id_: str, version: int, stream: Stream = FIRST) -> Entry:
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
        other = entry("7", 1, Stream("commitments", "b"))
        assert await journal.append([other]) == 1, "versions are counted in each stream"

        found = await journal.find([Key("urn:test", "3"), Key("urn:test", "4")])
        assert found == {Key("urn:test", "3"): entry("3", 3)}
        newer = [
            e
            async for e in journal.newer(
                {Stream("commitments", "a"): 2, Stream("commitments", "b"): 0}
            )
        ]
        assert [(e.stream, e.version) for e in newer] == [
            (Stream("commitments", "a"), 3),
            (Stream("commitments", "a"), 4),
            (Stream("commitments", "b"), 1),
        ]


@pytest.mark.parametrize("make", [real, fake])
async def test_snapshots_move_forward_only(parts: Parts, make: Make) -> None:
    async with make(parts) as (_, snapshots):
        stream = Stream("commitments", "de-city-a")
        state = commitments("de-city-a", "open")
        size = len(state.model_dump_json(exclude_defaults=True))
        assert await snapshots.project({stream: Versioned(2, state)}) == {stream: size}
        await snapshots.project({stream: Versioned(1, commitments("de-city-a", "awaiting"))})
        assert await snapshots.load([stream, Stream("commitments", "de-city-b")]) == {
            stream: Versioned(2, state, size, written=size)
        }
        await snapshots.project({stream: Versioned(3, commitments("de-city-a", "awaiting"))})
        assert (await snapshots.load([stream]))[stream].version == 3
