"""One snapshot that cannot be written, or read back, costs only itself."""

from __future__ import annotations

import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest
from pydantic import computed_field
from structlog.testing import capture_logs

from shared import mongo
from shared.domain.state import State
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.pipeline.snapshots import Snapshots

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from tests.parts import Parts


class Note(State):
    text: str
    number: int = 0

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def length(self) -> int:
        return len(self.text) if self.text != "odd" else int(self.text)


MIB: Final = 1024 * 1024
BAD: Final = [
    pytest.param(Note(text="odd"), id="what is computed from it fails"),
    pytest.param(Note(text="x" * (16 * MIB - 8)), id="hardly larger than a document may be"),
    pytest.param(Note(text="x" * 17 * MIB), id="larger than a document may be"),
    pytest.param(Note(text="x" * 50 * MIB), id="larger than a message may be"),
    pytest.param(Note(text="x", number=2**64), id="a number that no document holds"),
    pytest.param(Note(text="lone \ud800"), id="a text that is no text"),
]


@asynccontextmanager
async def notes(parts: Parts) -> AsyncIterator[Snapshots[Note]]:
    async with mongo.connect(parts.mongodb, "tests") as client:
        database = client[f"snapshots_{uuid.uuid4().hex[:8]}"]
        yield Snapshots(database, {"notes": Note})
        await client.drop_database(database.name)


async def held(
    snapshots: Snapshots[Note], streams: Iterable[Stream]
) -> dict[Stream, Versioned[Note]]:
    """What is there of them, without its size."""
    return {
        s: one._replace(size=0, written=0) for s, one in (await snapshots.load(streams)).items()
    }


@pytest.mark.parametrize("bad", BAD)
async def test_what_cannot_be_written_is_named_and_the_others_are_written(
    parts: Parts, bad: Note
) -> None:
    async with notes(parts) as snapshots:
        states = {Stream("notes", name): Versioned(2, Note(text=name)) for name in ("a", "z")}
        with capture_logs() as logs:
            await snapshots.project({**states, Stream("notes", "m"): Versioned(2, bad)})
            await snapshots.project({Stream("notes", "m"): Versioned(3, bad)})
        assert await held(snapshots, [*states, Stream("notes", "m")]) == states
        assert {line["id"] for line in logs} == {"m"}


@pytest.mark.parametrize("bad", BAD)
async def test_what_cannot_be_replaced_stays_as_it_was(parts: Parts, bad: Note) -> None:
    async with notes(parts) as snapshots:
        good = {
            Stream("notes", "m"): Versioned(1, Note(text="m")),
            Stream("notes", "z"): Versioned(1, Note(text="z")),
        }
        await snapshots.project(good)
        newer = {Stream("notes", "z"): Versioned(2, Note(text="new"))}
        with capture_logs() as logs:
            await snapshots.project({Stream("notes", "m"): Versioned(2, bad), **newer})
            await snapshots.rewrite({Stream("notes", "m"): Versioned(2, bad), **newer})
        assert await held(snapshots, good) == {**good, **newer}
        assert {line["id"] for line in logs} == {"m"}


@pytest.mark.parametrize("damage", [{"text": 7}, {"version": None}, {"number": "x"}], ids=str)
async def test_what_cannot_be_read_back_counts_as_not_there(
    parts: Parts, damage: dict[str, Any]
) -> None:
    async with notes(parts) as snapshots:
        states = {Stream("notes", name): Versioned(2, Note(text=name)) for name in ("a", "z")}
        await snapshots.project({**states, Stream("notes", "m"): Versioned(2, Note(text="m"))})
        update = {"$unset": damage} if None in damage.values() else {"$set": damage}
        await snapshots.database["notes"].update_one({"_id": "m"}, update)
        with capture_logs():
            assert await held(snapshots, [*states, Stream("notes", "m")]) == states
