"""How many e-mails are due, and for how long: what notifications is scaled by."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.errors import AutoReconnect

from services.notifications.backlog import MOST, Backlog

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)


class Stored:
    """Deliveries of a store, as far as they are asked for here."""

    def __init__(self) -> None:
        self.due: list[datetime] = []
        self.found: list[dict[str, Any]] = []
        self.away = False
        self.asked = asyncio.Event()

    def __getitem__(self, name: str) -> Stored:
        assert name == "deliveries"
        return self

    async def aggregate(self, steps: Any) -> Stored:
        self.asked.set()
        if self.away:
            raise AutoReconnect("away")
        match, order, limit, _ = steps
        self.found = []
        where = match["$match"]
        assert (where["state"], order) == ("queued", {"$sort": {"place": 1}})
        due = [one for one in self.due if one <= where["due"]["$lte"]][: limit["$limit"]]
        if due:
            self.found = [{"_id": None, "count": len(due), "oldest": min(due)}]
        return self

    async def to_list(self) -> list[dict[str, Any]]:
        return self.found


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def backlog() -> tuple[Backlog, Stored, Clock]:
    stored, clock = Stored(), Clock()
    database: Any = stored
    return Backlog(database, clock), stored, clock


def shown(one: Backlog) -> tuple[float, float]:
    values = {metric.name: metric.samples[0].value for metric in one.metrics()}
    return values["coalition_mail_due"], values["coalition_mail_oldest_due_seconds"]


async def test_nothing_due_shows_nothing_also_where_something_is_due_later() -> None:
    one, stored, _ = backlog()
    stored.due = [NOW + timedelta(seconds=1)]
    await one.look()
    assert shown(one) == (0, 0)


async def test_what_is_due_is_counted_and_the_oldest_grows_older_until_it_is_sent() -> None:
    one, stored, clock = backlog()
    stored.due = [NOW - timedelta(seconds=90), NOW - timedelta(seconds=5)]
    await one.look()
    assert shown(one) == (2, 90)
    clock.now += timedelta(seconds=10)
    assert shown(one) == (2, 100), "between two looks, too"
    stored.due = []
    await one.look()
    assert shown(one) == (0, 0)


async def test_one_that_is_due_at_once_counts_from_when_some_were_first_seen() -> None:
    one, stored, clock = backlog()
    stored.due = [AT_ONCE]
    await one.look()
    assert shown(one) == (1, 0)
    clock.now += timedelta(minutes=2)
    stored.due = [AT_ONCE, AT_ONCE]
    await one.look()
    assert shown(one) == (2, 120)


async def test_a_great_backlog_is_counted_up_to_a_bound() -> None:
    one, stored, _ = backlog()
    stored.due = [AT_ONCE] * (MOST + 1)
    await one.look()
    assert shown(one)[0] == MOST


async def test_a_store_that_is_away_ends_nothing() -> None:
    one, stored, _ = backlog()
    stored.away = True
    stopping = asyncio.Event()
    running = asyncio.create_task(one.run(stopping))
    async with asyncio.timeout(10):
        await stored.asked.wait()
    stopping.set()
    await running
