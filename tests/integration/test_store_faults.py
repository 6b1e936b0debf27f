"""Journal, snapshots and notes on a store that steps down, loses answers, or splits an upsert."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest
from pymongo.errors import AutoReconnect
from tenacity import stop_after_attempt

from shared import mongo
from shared.contracts.base import Model
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.journal.entry import Entry, Key, Origin, Outcome
from shared.journal.store import Journal
from shared.mongo import WriteFailed
from shared.pipeline.breaker import Breaker
from shared.pipeline.snapshots import Snapshots
from tests.integration.ways import WAYS, Way
from tests.parts import eventually, store_port
from tests.wire import WRITES, Fault, Wire, refused, unsure, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from pymongo.asynchronous.collection import AsyncCollection
    from pymongo.asynchronous.database import AsyncDatabase

    from tests.parts import Parts

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
MANY: Final = 4
"""More than PyMongo repeats by itself."""


class Note(Model):
    text: str


@dataclass
class Here:
    wire: Wire
    database: AsyncDatabase[dict[str, Any]]

    @property
    def journal(self) -> Journal:
        return Journal(self.database["journal"])

    @property
    def snapshots(self) -> Snapshots[Note]:
        return Snapshots(self.database, {"notes": Note})

    @property
    def breaker(self) -> Breaker:
        return Breaker(self.database["engine"], {"topic": True}, window=10, share=0.5)

    async def append_all(self, entries: list[Entry]) -> list[Entry]:
        """Append as the engine does: what stands in the way is ours if its origin says so."""
        pending, done = entries, list[Entry]()
        while pending:
            count = await self.journal.append(pending)
            there = await self.journal.find(entry.key for entry in pending[count:])
            assert all(entry == there.get(entry.key, entry) for entry in pending)
            done += [entry for entry in pending if entry in pending[:count] or entry.key in there]
            pending = [entry for entry in pending[count:] if entry.key not in there]
        return done

    async def stored(self) -> list[Entry]:
        return [entry async for entry in self.journal.newer({Stream("notes", "a"): 0})]


@asynccontextmanager
async def behind_a_wire(parts: Parts) -> AsyncIterator[Here]:
    async with wire(store_port(parts)) as double, mongo.connect(double.uri, "test") as client:
        here = Here(double, client[f"wire_{uuid.uuid4().hex[:8]}"])
        await here.journal.prepare()
        yield here
        await client.drop_database(here.database.name)


@pytest.fixture
async def here(parts: Parts) -> AsyncIterator[Here]:
    async with behind_a_wire(parts) as made:
        yield made


def some_entries(count: int = 20) -> list[Entry]:
    return [
        Entry(
            Key("urn:test", str(number)),
            stream=Stream("notes", "a"),
            version=number,
            outcome=Outcome.UNCHANGED,
            recorded=NOW,
            digest="digest",
            origin=Origin("topic", 0, number),
        )
        for number in range(1, count + 1)
    ]


def rejections() -> list[Entry]:
    return [one._replace(outcome=Outcome.REJECTED) for one in some_entries(10)]


async def in_all_ways(
    parts: Parts, command: str, times: int, check: Callable[[Here], Awaitable[None]]
) -> None:
    """Check it for each way in which a command can fail, all at once, each on its own database."""

    async def one(way: Way) -> None:
        async with behind_a_wire(parts) as here:
            here.wire.plan(Fault(command, *way, times=times))
            try:
                await check(here)
                assert here.wire.faults == times
            except Exception as error:
                error.add_note(str(way))
                raise

    async with asyncio.TaskGroup() as group:
        for way in WAYS:
            group.create_task(one(way))


async def each_entry_is_appended_once(here: Here) -> None:
    entries = some_entries()
    assert await here.append_all(entries) == entries
    assert await here.stored() == entries


@pytest.mark.parametrize("times", [1, MANY])
async def test_every_entry_is_appended_once_whatever_the_store_says_of_it(
    parts: Parts, times: int
) -> None:
    await in_all_ways(parts, "insert", times, each_entry_is_appended_once)


async def each_snapshot_is_written(here: Here) -> None:
    wanted = {
        Stream("notes", str(n)): Versioned(2, Note(text="new"), 14, written=14) for n in range(20)
    }
    await here.snapshots.project(wanted)
    assert await here.snapshots.load(wanted) == wanted


@pytest.mark.parametrize("times", [1, MANY])
async def test_every_snapshot_is_written_whatever_the_store_says_of_it(
    parts: Parts, times: int
) -> None:
    await in_all_ways(parts, "update", times, each_snapshot_is_written)


async def a_halt_is_kept(here: Here) -> None:
    halting = here.breaker
    halting.count(rejections())
    another = here.breaker
    await another.refresh()
    assert not another.halts
    await halting.trip(NOW)
    await another.refresh()
    assert another.halts == halting.halts
    assert another.stopped == {"topic"}


@pytest.mark.parametrize("times", [1, MANY])
async def test_a_halt_is_kept_whatever_the_store_says_of_it(parts: Parts, times: int) -> None:
    await in_all_ways(parts, "update", times, a_halt_is_kept)


async def test_a_duplicate_beside_an_interruption_appends_nothing_twice(here: Here) -> None:
    """What came before the duplicate is unsure, so it is said again before it is believed."""
    entries = some_entries()
    await here.journal.append(entries[10:11])
    here.wire.plan(Fault("insert", unsure(), done=True, times=MANY))
    assert await here.append_all(entries) == entries
    assert await here.stored() == entries


async def races(here: Here, first: int) -> None:
    """Have two first writes find nothing to update; that of one version is inserted first."""
    arrived, both, inserted = 0, asyncio.Event(), here.database["notes"]

    async def between(document: dict[str, Any]) -> None:
        nonlocal arrived
        arrived += 1
        if arrived == 2:
            both.set()
        await asyncio.wait_for(both.wait(), 10)
        if document["version"] != first:
            await eventually(lambda: there(inserted))

    async def there(collection: AsyncCollection[dict[str, Any]]) -> bool:
        return await collection.find_one({"version": first}) is not None

    here.wire.between = between


@pytest.mark.parametrize("first", [1, 2])
async def test_of_two_first_writes_of_one_view_the_newer_wins(here: Here, first: int) -> None:
    await races(here, first)
    await asyncio.gather(
        *(
            here.snapshots.project({Stream("notes", "a"): Versioned(n, Note(text=str(n)))})
            for n in (1, 2)
        )
    )
    assert await here.snapshots.load([Stream("notes", "a")]) == {
        Stream("notes", "a"): Versioned(2, Note(text="2"), 12, written=12)
    }


async def test_a_rebuild_beside_the_engine_leaves_the_newer_view(here: Here) -> None:
    await races(here, first=1)
    await asyncio.gather(
        here.snapshots.rewrite({Stream("notes", "a"): Versioned(1, Note(text="1"))}),
        here.snapshots.project({Stream("notes", "a"): Versioned(2, Note(text="2"))}),
    )
    assert await here.snapshots.load([Stream("notes", "a")]) == {
        Stream("notes", "a"): Versioned(2, Note(text="2"), 12, written=12)
    }


async def test_two_processes_that_halt_at_once_leave_one_halt(here: Here) -> None:
    both, arrived = asyncio.Event(), 0

    async def between(_: dict[str, Any]) -> None:
        nonlocal arrived
        arrived += 1
        if arrived == 2:
            both.set()
        await asyncio.wait_for(both.wait(), 10)

    here.wire.between = between
    breakers = [here.breaker, here.breaker]
    for breaker in breakers:
        breaker.count(rejections())
    await asyncio.gather(*(breaker.trip(NOW) for breaker in breakers))
    another = here.breaker
    await another.refresh()
    assert another.stopped == {"topic"}
    assert another.halts in [breaker.halts for breaker in breakers]
    assert await here.breaker.resume() is True
    assert await here.breaker.resume() is False


@pytest.mark.parametrize("answer", [unsure(), None, refused()])
async def test_a_store_that_never_says_for_certain_ends_the_write_with_its_words(
    here: Here, answer: dict[str, Any] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongo.insert.retry, "stop", stop_after_attempt(3))
    here.wire.plan(Fault("insert", answer, done=False, times=1000))
    with pytest.raises((WriteFailed, AutoReconnect)) as raised:
        await here.journal.append(some_entries())
    assert mongo.is_transient(raised.value)
    assert "urn:test" not in str(raised.value)


async def test_what_the_store_refuses_is_not_said_again(here: Here) -> None:
    error = {"code": 100, "codeName": "UnsatisfiableWriteConcern", "errmsg": "not enough nodes"}
    here.wire.plan(Fault("insert", {"writeConcernError": error}))
    with pytest.raises(WriteFailed, match="100 UnsatisfiableWriteConcern"):
        await here.journal.append(some_entries())
    assert [one for one in here.wire.seen if "insert" in one][1:] == []


async def test_every_read_is_of_a_majority_and_every_write_asks_for_one_on_disk(
    here: Here,
) -> None:
    await here.append_all(some_entries())
    await here.journal.find([Key("urn:test", "1")])
    await here.journal.get("urn:test", "1")
    await here.journal.history(Stream("notes", "a"))
    assert [entry async for entry in here.journal.all_of("notes")]
    assert await here.stored()
    await here.snapshots.project({Stream("notes", "a"): Versioned(1, Note(text="a"))})
    await here.snapshots.load([Stream("notes", "a")])
    halting = here.breaker
    halting.count(rejections())
    await halting.trip(NOW)
    await halting.refresh()
    await halting.resume()
    reads = [one for one in here.wire.seen if "find" in one]
    writes = [one for one in here.wire.seen if next(iter(one)) in WRITES]
    assert len(reads) >= 7
    assert all(read["readConcern"]["level"] == "majority" for read in reads)
    assert len(writes) == 7
    for write in writes:
        assert {"w": "majority", "j": True}.items() <= write["writeConcern"].items()
