"""A service makes its indexes however long that takes, as long as its store answers."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import pytest
from pymongo.errors import AutoReconnect, NetworkTimeout

from shared import mongo, starting
from shared.silence import Silent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


_MANY: Final = 100


class Store:
    """Answers a ping, or none any more; counts them."""

    def __init__(self, answers: int) -> None:
        self.answers, self.pings = answers, 0
        self.many = asyncio.Event()

    async def command(self, name: str) -> None:
        assert name == "ping"
        self.pings += 1
        if self.pings == _MANY:
            self.many.set()
        if self.pings > self.answers:
            raise NetworkTimeout


async def indexed(store: Store, *steps: Callable[[], Awaitable[None]]) -> None:
    """Make the indexes of a service that has these."""

    async def nothing() -> None:
        pass

    made: Any = SimpleNamespace(
        snapshots=SimpleNamespace(prepare=nothing), projections=(), preparing=steps
    )
    parts: Any = SimpleNamespace(database=store, journal=SimpleNamespace(prepare=nothing))
    await starting.make_indexes(made, parts)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.silence._EVERY_SECONDS", 0.001)


async def test_an_index_may_take_longer_than_anything_is_waited_for() -> None:
    store = Store(answers=1000)

    async def long() -> None:
        await store.many.wait()

    await asyncio.wait_for(indexed(store, long), 30)
    assert store.pings >= _MANY


async def test_a_store_that_is_silent_meanwhile_ends_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.starting.START_SECONDS", 0.05)
    ended: list[bool] = []

    async def for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    with pytest.raises(Silent, match="the store has given no answer"):
        await asyncio.wait_for(indexed(Store(answers=3), for_ever), 30)
    assert ended == [True]


async def test_a_store_that_steps_down_meanwhile_is_asked_again() -> None:
    tries: list[int] = []

    async def twice() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise AutoReconnect

    await asyncio.wait_for(indexed(Store(answers=1000), twice), 30)
    assert len(tries) == 2


async def test_what_is_no_outage_is_raised_at_once() -> None:
    async def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(indexed(Store(answers=1000), broken), 30)


async def test_all_indexes_of_a_collection_are_made_in_one_walk_under_a_time_out_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []

    class Collection:
        async def create_indexes(self, models: list[Any]) -> None:
            asked.extend(one.document["name"] for one in models)

    def timeout(seconds: int) -> nullcontext[None]:
        asked.append(seconds)
        return nullcontext()

    monkeypatch.setattr("pymongo.timeout", timeout)
    collection: Any = Collection()
    await mongo.index(collection, "key", [("state", 1), ("_id", 1)])
    assert asked == [3600, "key_1", "state_1__id_1"]
