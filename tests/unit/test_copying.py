"""Copies that many read at the same time: the service goes on, and has little of them in memory."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.web.copying import Copies

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MEMBERS = [f"de-city-{number:04}" for number in range(500)]


class Books:
    """Journal and repository in one, which see how many aggregates are read at once."""

    def __init__(self) -> None:
        self.reading = self.most = 0

    async def streams(self, kind: str, after: str, limit: int) -> list[Stream]:
        return [Stream(kind, id_) for id_ in MEMBERS if id_ > after][:limit]

    async def current(self, streams: set[Stream]) -> dict[Stream, Versioned[Any]]:
        self.reading += len(streams)
        self.most = max(self.most, self.reading)
        await asyncio.sleep(0)
        self.reading -= len(streams)
        return {stream: Versioned(1, unreadable="as a test has it") for stream in streams}


async def lines(rows: AsyncIterator[bytes]) -> int:
    return sum([part.count(b"\n") async for part in rows])


async def test_however_many_copy_the_aggregates_of_one_turn_are_in_memory() -> None:
    books: Any = Books()
    copies = Copies(books, books)
    found = await asyncio.gather(*(lines(copies.rows("members")) for _ in range(20)))
    assert found == [len(MEMBERS)] * 20
    assert books.most <= 50


async def test_who_stops_reading_holds_nobody_else_up() -> None:
    books: Any = Books()
    copies = Copies(books, books)
    slow = copies.rows("members")
    await anext(slow)
    assert await lines(copies.rows("members")) == len(MEMBERS)
