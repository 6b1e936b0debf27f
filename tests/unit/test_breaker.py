"""The circuit breaker, in its own words; what it does to a service is shown in tests/e2e."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from shared.domain.stream import Stream
from shared.journal.entry import Entry, Key, Origin, Outcome
from shared.pipeline.breaker import Breaker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BERLIN, PARIS, PLAIN, EVENTS = "inbox.berlin", "inbox.paris", "inbox", "events"
INBOXES = {BERLIN: True, PARIS: True, PLAIN: False}


class Deleted:
    def __init__(self, count: int) -> None:
        self.deleted_count = count


class Notes:
    """The few documents that breakers keep, shared by the instances of a service."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}
        self.writes = 0

    async def find_one_and_update(self, where: Any, change: Any, **_: Any) -> dict[str, Any]:
        self.writes += 1
        found = self.documents.setdefault(where["_id"], {})
        for name, more in change["$inc"].items():
            found[name] = found.get(name, 0) + more
        return dict(found)

    async def update_one(self, where: Any, change: Any, *, upsert: bool = False) -> None:
        found = self.documents.get(where["_id"])
        if found is None and upsert:
            found = self.documents[where["_id"]] = {}
        if found is not None and found.items() >= {**where}.items() - {("_id", where["_id"])}:
            found |= change["$set"]

    async def delete_one(self, where: Any) -> None:
        self.documents.pop(where["_id"], None)

    async def delete_many(self, where: Any) -> Deleted:
        names = [name for name in self.documents if _within(name, where["_id"])]
        for name in names:
            del self.documents[name]
        return Deleted(len(names))

    async def find(self, where: Any) -> AsyncIterator[dict[str, Any]]:
        for name, document in [*self.documents.items()]:
            if _within(name, where["_id"]):
                yield {"_id": name, **document}


def _within(name: str, bounds: dict[str, str]) -> bool:
    return bounds["$gte"] <= name < bounds["$lt"]


def breaker(notes: Notes, share: float = 0.5) -> Breaker:
    return Breaker(notes, INBOXES, window=10, share=share)  # type: ignore[arg-type]  # asks no more


def entries(rejected: Iterable[bool], topic: str = BERLIN) -> list[Entry]:
    outcomes = {True: Outcome.REJECTED, False: Outcome.ACCEPTED}
    return [
        Entry(Key("s", str(n)), Stream("a", "b"), n, outcomes[bad], NOW, "", Origin(topic, 0, n))
        for n, bad in enumerate(rejected)
    ]


async def counted(own: Breaker, rejected: Iterable[bool], topic: str = BERLIN) -> set[str]:
    own.count(entries(rejected, topic))
    await own.trip(NOW, committing=True)
    return set(own.stopped)


@pytest.mark.parametrize(("rejected", "halts"), [(5, False), (6, True), (10, True)])
async def test_more_than_the_share_of_a_window_halts(rejected: int, halts: bool) -> None:  # noqa: FBT001 - a case of the table
    own = breaker(Notes())
    assert await counted(own, (n < rejected for n in range(10))) == ({BERLIN} if halts else set())


async def test_few_records_never_halt() -> None:
    assert not await counted(breaker(Notes()), [True] * 5)


async def test_all_of_it_never_halts_where_the_share_is_one() -> None:
    assert not await counted(breaker(Notes(), share=1), [True] * 25)


async def test_one_publishers_flood_halts_its_inbox_alone() -> None:
    own = breaker(Notes())
    assert await counted(own, [True] * 10) == {BERLIN}
    assert await counted(own, [False] * 10, PARIS) == {BERLIN}
    assert not await counted(breaker(Notes()), [True] * 30, EVENTS)


async def test_a_flood_on_the_plain_inbox_alerts_and_stops_nothing() -> None:
    own = breaker(Notes())
    assert not await counted(own, [True] * 30, PLAIN)
    assert own.halts[PLAIN].reason == "30 of the last 30 records were rejected"
    assert own.halts[PLAIN].since == NOW


async def test_it_is_counted_across_restarts_and_by_all_instances_together() -> None:
    notes = Notes()
    for _ in range(5):
        assert not await counted(breaker(notes), [True])
    assert await counted(breaker(notes), [True]) == {BERLIN}
    another = breaker(notes)
    await another.refresh()
    assert another.stopped == {BERLIN}


async def test_what_was_long_ago_counts_for_less() -> None:
    own = breaker(Notes())
    for _ in range(20):
        assert not await counted(own, [True] * 4 + [False] * 6)
    assert await counted(own, [True] * 10) == {BERLIN}


async def test_resumed_it_is_read_and_counted_anew() -> None:
    notes = Notes()
    own = breaker(notes)
    assert await own.resume() is False
    await counted(own, [True] * 4, PARIS)
    assert await counted(own, [True] * 10) == {BERLIN}
    assert await own.resume() is True
    await own.refresh()
    assert not own.halts
    assert not await counted(own, [True] * 4)
    assert not await counted(own, [True] * 4, PARIS)


async def test_good_records_cost_no_write_each() -> None:
    notes = Notes()
    own = Breaker(notes, INBOXES, window=1000)  # type: ignore[arg-type]  # asks no more
    for _ in range(99):
        await counted(own, [False])
    assert notes.writes == 0
    await counted(own, [False])
    assert notes.writes == 1


async def test_a_batch_waits_for_a_write_only_where_much_of_it_is_rejected() -> None:
    notes = Notes()
    own = Breaker(notes, INBOXES, window=1000)  # type: ignore[arg-type]  # asks no more
    own.count(entries([True] * 99))
    await own.trip(NOW)
    assert notes.writes == 0
    own.count(entries([True]))
    await own.trip(NOW)
    assert notes.writes == 1
    own.count(entries([True]))
    await own.trip(NOW, committing=True)
    assert notes.writes == 2, "what waited is written down before it is committed"


async def test_a_resume_that_finds_no_halt_forgets_nothing_of_what_was_counted() -> None:
    own = breaker(Notes())
    assert not await counted(own, [True] * 5)
    assert await own.resume() is False
    assert await counted(own, [True]) == {BERLIN}
