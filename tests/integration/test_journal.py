"""What is asked of the journal, on a real store."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
from fastapi import FastAPI

from shared import mongo
from shared.domain.stream import Stream
from shared.journal.entry import Entry, Key, Origin, Outcome
from shared.journal.store import Journal
from shared.pipeline.outbound import sequence_of
from shared.web.outcomes import history
from tests.parts import store_port
from tests.wire import Wire, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.parts import Parts

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def double(parts: Parts) -> AsyncIterator[Wire]:
    async with wire(store_port(parts)) as made:
        yield made


@pytest.fixture
async def journal(double: Wire) -> AsyncIterator[Journal]:
    async with mongo.connect(double.uri, "test") as client:
        name = f"journal_{uuid.uuid4().hex[:8]}"
        made = Journal(client[name]["journal"])
        await made.prepare()
        yield made
        await client.drop_database(name)


FIRST = Stream("notes", "a")


def entry(key: Key, version: int, stream: Stream = FIRST, **more: Any) -> Entry:
    details: dict[str, Any] = {"recorded": NOW + timedelta(seconds=version), "digest": "digest"}
    origin = Origin("topic", 0, version)
    details |= more
    return Entry(key, stream, version, Outcome.UNCHANGED, origin=origin, **details)


def named(id_: str) -> Key:
    return Key("urn:test", id_)


async def test_what_is_newer_is_found_for_any_number_of_streams(journal: Journal) -> None:
    """More than one query holds, and each from a version of its own."""
    streams = [Stream("notes", str(number)) for number in range(230)]
    for version in (1, 2, 3):
        await journal.append(
            [entry(named(f"{stream}.{version}"), version, stream) for stream in streams]
        )
    known = {stream: number % 4 for number, stream in enumerate(streams)}
    found: dict[str, list[int]] = {stream: [] for stream in streams}
    async for one in journal.newer(known):
        found[one.stream].append(one.version)
    assert found == {s: list(range(version + 1, 4)) for s, version in known.items()}
    assert [one async for one in journal.newer({})] == []


async def test_an_events_outcomes_are_its_own_entry_and_its_replays(journal: Journal) -> None:
    own = entry(named("1"), 2)
    replays = [entry(Key("urn:test", "1", f"o/{n}"), n, about=named("1")) for n in (3, 1)]
    await journal.append([own, *replays, entry(named("2"), 4)])
    assert await journal.get("urn:test", "1") == [replays[1], own, replays[0]]
    assert await journal.get("urn:test", "3") == []


async def test_of_countless_replays_the_latest_are_told(journal: Journal) -> None:
    replays = [entry(Key("urn:test", "1", f"o/{n}"), n, about=named("1")) for n in range(1, 121)]
    await journal.append(replays)
    assert await journal.get("urn:test", "1") == replays[-100:]


async def test_outcomes_are_those_of_the_same_data(journal: Journal) -> None:
    mine, other = entry(named("1"), 1), entry(named("2"), 2, digest="other data")
    reused = entry(Key("origin", "9"), 3, about=named("2"))
    await journal.append([mine, other, reused])
    wanted = {named(id_): {"digest"} for id_ in ("1", "2", "3")}
    assert sorted(await journal.outcomes(wanted)) == sorted([mine, reused])


async def test_no_question_is_one_that_a_store_may_answer_by_reading_all(
    journal: Journal, double: Wire
) -> None:
    await journal.get("urn:test", "1")
    await journal.find([named("1")])
    await journal.outcomes({named("1"): {"digest"}})
    assert [
        one async for one in journal.newer({Stream("notes", "a"): 1, Stream("notes", "b"): 2})
    ] == []
    finds = [command for command in double.seen if "find" in command]
    assert len(finds) == 7
    assert not any("$or" in str(command["filter"]) for command in finds)


async def test_a_long_answer_comes_in_batches_of_a_stated_size(
    journal: Journal, double: Wire
) -> None:
    await journal.append([entry(named(str(n)), n) for n in range(1, 11)])
    assert len([one async for one in journal.all_of("notes")]) == 10
    assert len([one async for one in journal.newer({Stream("notes", "a"): 0})]) == 10
    sizes = [command.get("batchSize") for command in double.seen if "find" in command]
    assert sizes == [500, 500]


async def test_a_history_is_read_page_by_page_and_no_page_leads_back(journal: Journal) -> None:
    app = FastAPI()
    app.include_router(history(journal, "notes"))
    await journal.append([entry(named(str(n)), n) for n in range(1, 6)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        seen, after, pages = list[str](), "", 0
        while after is not None:
            query: dict[str, Any] = {"after": after, "limit": 2}
            page = (await client.get("/notes/a/history", params=query)).json()
            seen += [one["sequence"] for one in page["items"]]
            after, pages = page["next"], pages + 1
        assert (seen, pages) == ([sequence_of(n) for n in range(1, 6)], 3)
        query = {"after": sequence_of(5)}
        empty = await client.get("/notes/a/history", params=query)
        assert empty.json() == {"items": [], "next": None}
        for wrong in ("5", "9" * 19):
            answer = await client.get("/notes/a/history", params={"after": wrong})
            assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
