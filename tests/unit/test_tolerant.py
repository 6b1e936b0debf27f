"""One aggregate that cannot be read is named, and costs the others nothing."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import computed_field
from structlog.testing import capture_logs

from shared.domain.state import State
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.journal.entry import Entry
from shared.pipeline.rebuild import Rebuild
from shared.pipeline.repository import Repository
from shared.pipeline.tolerant import Unreadable, folded, read, read_all, read_each, reading
from shared.web import problems
from shared.web.operating import RebuildState
from tests.parts import eventually
from tests.unit.toy import Toy, add_name, decided, founded, toy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, MutableMapping

    from shared.domain.decider import Decider

GOOD = {"_id": "a", "id": "a", "names": ["A"]}
BAD = {"_id": "b", "id": "b", "names": 7}


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[MutableMapping[str, Any]]]:
    with capture_logs() as captured:
        yield captured


async def each(documents: Iterable[Any]) -> AsyncIterator[Any]:
    for document in documents:
        yield document


# --- documents ------------------------------


async def test_a_document_that_cannot_be_read_is_left_out_and_named(logs: Any) -> None:
    assert read_all(Toy, [GOOD, BAD, GOOD]) == ([Toy(id="a", names=("A",))] * 2, ("b",))
    assert [one.id async for one in read_each(Toy, each([BAD, GOOD, BAD]))] == ["a"]
    assert {(line["kind"], line["id"]) for line in logs} == {("Toy", "b")}


def test_one_document_alone_says_which_cannot_be_read() -> None:
    with pytest.raises(Unreadable, match="Toy 'b' cannot be read"):
        read(Toy, BAD)


@pytest.mark.parametrize("error", [ValueError("x"), KeyError(1), RecursionError(), TypeError()])
def test_whatever_goes_wrong_with_one_aggregate_is_named(error: Exception) -> None:
    with pytest.raises(Unreadable, match="reports 'b'"), reading("reports", "b"):
        raise error


@pytest.mark.parametrize("error", [MemoryError(), KeyboardInterrupt(), asyncio.CancelledError()])
def test_what_concerns_the_process_is_no_matter_of_one_aggregate(error: BaseException) -> None:
    with pytest.raises(type(error)), reading("reports", "b"):
        raise error


class Computed(State):
    """What is computed from it fails for some."""

    id: str

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def number(self) -> int:
        return int(self.id)


def test_what_cannot_be_shown_is_left_out_of_a_list() -> None:
    shown, unreadable = read_all(Computed, [{"_id": one, "id": one} for one in ("1", "x", "2")])
    assert ([one.number for one in shown], unreadable) == ([1, 2], ("x",))


@pytest.mark.parametrize("id_", ["b", "x"])
async def test_http_names_the_aggregate_that_cannot_be_read_or_shown(id_: str) -> None:
    app = FastAPI()
    problems.register(app)

    @app.get("/toys/b")
    async def unreadable() -> Toy:
        return read(Toy, BAD)

    @app.get("/toys/x")
    async def unshown() -> Computed:
        return read(Computed, {"_id": "x", "id": "x"})

    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get(f"/toys/{id_}")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert re.search(rf"['/]{id_}\b", answer.json()["detail"])


# --- journals ------------------------------


def damaged(entry: Entry, **more: Any) -> Entry:
    return Entry.of(entry.document() | more)


NO_EVENT = {
    "events": [{"id": "1", "type": "coalition.membership.CoalitionFounded.v1", "data": "{}"}]
}


@pytest.mark.parametrize("damage", [NO_EVENT, {"outcome": "later"}, {"events": 1}], ids=str)
def test_an_aggregate_whose_journal_is_damaged_is_unreadable_from_there_on(
    damage: dict[str, Any],
) -> None:
    entries, _ = decided(toy(), *(founded(name) for name in "abc"))
    held = folded(toy(), Versioned[Toy](), entries[0])
    assert held.state == Toy(id="toy", names=("a",))
    held = folded(toy(), held, damaged(entries[1], **damage))
    assert held.state is None
    assert "'toys/toy' cannot be read from version 2" in held.unreadable
    assert folded(toy(), held, entries[2]) == held._replace(version=3)


def test_an_entry_of_an_unknown_type_changes_nothing() -> None:
    entries, known = decided(toy(), founded("a"))
    other = {"events": [{"id": "2", "type": "coalition.membership.Later.v3", "data": "{}"}]}
    held = folded(toy(), known[Stream("toys", "toy")], damaged(entries[0], version=2, **other))
    assert (held.version, held.state, held.unreadable) == (
        2,
        known[Stream("toys", "toy")].state,
        "",
    )


def test_a_body_that_is_no_event_of_its_type_is_no_event_to_react_to() -> None:
    entries, _ = decided(toy(), founded("a"))
    [published] = damaged(entries[0], **NO_EVENT).events
    assert published.event is None


@dataclass(slots=True)
class Store:
    """A journal, snapshots and notes of toys in memory."""

    entries: list[Entry]
    kinds: Mapping[str, type[Toy]] = field(default_factory=lambda: {"toys": Toy})
    shape: str = "today's"
    written: dict[Stream, Versioned[Toy]] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)

    async def all_of(self, kind: str) -> AsyncIterator[Entry]:
        assert kind == "toys"
        for entry in self.entries:
            yield entry

    async def newer(self, versions: Mapping[Stream, int]) -> AsyncIterator[Entry]:
        for entry in self.entries:
            if entry.version > versions.get(entry.stream, entry.version):
                yield entry

    async def load(self, streams: Iterable[Stream]) -> dict[Stream, Versioned[Toy]]:
        return {s: self.written[s] for s in streams if s in self.written}

    async def rewrite(self, states: Mapping[Stream, Versioned[Toy]]) -> None:
        self.written.update(states)

    async def update_one(self, where: Any, change: Any, *, upsert: bool) -> None:
        assert upsert
        self.notes[where["_id"]] = change["$set"]

    async def find_one(self, where: Any) -> Any:
        return self.notes.get(where["_id"])


def three_of_which_one_fails() -> tuple[Decider[Toy], Store]:
    """The journals of three toys; the one in the middle cannot be folded any more."""

    def strict(state: Toy | None, event: Any) -> Toy:
        if event.coalition == "second":
            raise ValueError("what was accepted once")
        return add_name(state, event)

    entries, _ = decided(
        toy(), *(founded(n, toy_) for toy_ in ("first", "second", "third") for n in "ab")
    )
    return toy(evolve=strict), Store(entries)


async def test_how_things_stand_is_told_of_all_that_can_be_read() -> None:
    decider, store = three_of_which_one_fails()
    repository = Repository(decider, store, store)  # type: ignore[arg-type]  # fakes
    known = await repository.current(
        {Stream("toys", id_) for id_ in ("first", "second", "third", "none")}
    )
    assert {s for s, held in known.items() if held.unreadable} == {Stream("toys", "second")}
    assert known[Stream("toys", "third")].state == Toy(id="third", names=("a", "b"))
    assert known[Stream("toys", "second")].version == 2
    assert known[Stream("toys", "none")] == Versioned()


async def test_a_rebuild_goes_on_past_what_cannot_be_read_and_names_it() -> None:
    decider, store = three_of_which_one_fails()
    rebuild = Rebuild(decider, store, store, store)  # type: ignore[arg-type]  # fakes
    stopping = asyncio.Event()
    work = asyncio.create_task(rebuild.work(stopping))

    async def is_done() -> bool:
        return "snapshots" in store.notes

    await eventually(is_done)
    stopping.set()
    await work
    assert {s: (held.version, held.state) for s, held in store.written.items()} == {
        Stream("toys", "first"): (2, Toy(id="first", names=("a", "b"))),
        Stream("toys", "third"): (2, Toy(id="third", names=("a", "b"))),
    }
    assert RebuildState.of(rebuild).unreadable == (Stream("toys", "second"),)
