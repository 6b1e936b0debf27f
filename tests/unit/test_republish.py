"""Republished is what was ever published, under its ids; of whatever type it is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared.domain.stream import Stream
from shared.journal.entry import Entry, Key, Origin, Outcome, Published
from shared.pipeline.republish import Republish
from tests.parts import eventually
from tests.unit.fold import NOW

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from shared.kafka.producer import Outgoing

OF_TOMORROW = "coalition.membership.SeatMoved.v7"


def entry(n: int, *types: str, **more: Any) -> Entry:
    events = tuple(Published(f"{n}-{at}", type_, "bonn", b"{}") for at, type_ in enumerate(types))
    stream = Stream("members", "bonn")
    key, origin = Key("urn:bonn", str(n)), Origin("in", 0, n)
    return Entry(key, stream, n, Outcome.ACCEPTED, NOW, "digest", origin, events=events, **more)


@dataclass
class World:
    """A journal, and what is published of it."""

    entries: list[Entry]
    sent: list[Outgoing] = field(default_factory=list)

    async def all_of(self) -> AsyncIterator[Entry]:
        for one in self.entries:
            yield one

    async def send(self, records: Sequence[Outgoing]) -> None:
        self.sent += records


async def republished(*entries: Entry) -> list[str]:
    world, stopping = World([*entries]), asyncio.Event()
    parts: Any = world
    republish = Republish("membership", parts, parts)
    working = asyncio.create_task(republish.work(stopping))
    for _ in range(2):
        republish.ask()

        async def is_done() -> bool:
            return not republish.running

        await eventually(is_done, 10)
    stopping.set()
    await working
    ids = [dict(one.headers)["ce_id"].decode() for one in world.sent]
    half = len(ids) // 2
    assert ids[:half] == ids[half:], "asked for again, it is the same again"
    assert republish.published == half
    return ids[:half]


async def test_everything_is_published_again_in_its_order_and_of_types_of_a_newer_release() -> None:
    known = "coalition.membership.CitySigned.v1"
    rejected = entry(2)._replace(outcome=Outcome.REJECTED)
    unreadable = entry(4, unreadable="why")
    found = await republished(entry(1, known), rejected, entry(3, OF_TOMORROW, known), unreadable)
    assert found == ["1-0", "3-0", "3-1"]
