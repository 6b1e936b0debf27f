"""Who owes what, on a real store: pages are full, totals are true, whatever was written last."""

from __future__ import annotations

import random
import uuid
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest
from pymongo import AsyncMongoClient

from services.plans.domain import DECIDER, MemberCommitments, MemberReports, Plan, State
from services.plans.domain.owed import Owed, Record, owed
from services.plans.owing import Owing
from services.plans.queries import INDEXES
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.pipeline.snapshots import Snapshots

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from tests.parts import Parts

TODAY: Final = "2026-03-01"
WHATS: Final = (None, "plan", "choice", "report", "revision", "answer")
STATES: Final = ("due", "overdue", "submitted", "to revise", "accepted", "upcoming")


def members(count: int) -> Iterator[tuple[MemberCommitments, MemberReports]]:
    """Members drawn by lot, the same ones each time."""
    draw = random.Random(count)  # noqa: S311 - what is drawn is no secret
    for number in range(count):
        id_ = f"uy-city-{number}"
        about = {"id": id_, "coalition": draw.choice(("latin", "europe")), "member": {"id": id_}}
        until = draw.choice((None, "2025-12-31", "2026-03-01"))
        points = draw.choice(((), (1, 3)))
        choice = {"points": points, "as_of": "2024", "until": until, "plan_version": 1}
        held = {
            **about,
            "state": "open",
            "standing": draw.choice(("member", "suspended", "withdrawn")),
            "plan_version": draw.choice((1, 2)),
            "chosen": points,
            "choices": [choice] if points else [],
        }
        reports = [
            {
                "due": f"202{year}-03-02",
                "state": draw.choice(STATES),
                "deadline": f"202{year}-03-02",
            }
            for year in range(3, 7)
        ]
        given = {**about, "reports": reports[: draw.randrange(5)]}
        yield MemberCommitments.model_validate(held), MemberReports.model_validate(given)


class World:
    """Plans' snapshots on a store, and the states that they are of."""

    def __init__(self, database: Any) -> None:
        self.snapshots = Snapshots(database, DECIDER.states, INDEXES)
        self.today = TODAY
        self.owing = Owing(database, lambda: datetime.fromisoformat(self.today).replace(tzinfo=UTC))
        self.states: dict[Stream, State] = {}
        self.version = 0

    async def write(self, states: Mapping[Stream, State]) -> None:
        self.version += 1
        self.states.update(states)
        await self.snapshots.project(
            {stream: Versioned(self.version, state) for stream, state in states.items()}
        )
        await self.owing.project(states, ())

    async def publish(self, coalition: str, version: int) -> None:
        plan = Plan(id=coalition, plan_version=version, adopted="2025")
        await self.write({Stream("plans", coalition): plan})

    def owed(self, coalition: str | None = None, what: str | None = None) -> list[Owed]:
        found = []
        for holder in self.states.values():
            if isinstance(holder, MemberCommitments):
                plan: Any = self.states.get(Stream("plans", holder.coalition))
                reports: Any = self.states.get(Stream("reports", holder.id))
                found += [
                    one
                    for one in owed(Record(holder, plan, reports), self.today)
                    if coalition in {None, one.coalition} and what in {None, one.what}
                ]
        return found

    async def pages(self, limit: int, **where: Any) -> tuple[list[list[Owed]], set[int]]:
        """All pages of what is asked for, and the totals that they say."""
        pages, totals, after = [], set[int](), ""
        asked = {"coalition": None, "what": None, **where}
        while True:
            page = await self.owing.page(**asked, after=after, limit=limit)
            pages.append(page.items)
            totals.add(page.total)
            if page.next is None:
                return pages, totals
            after = page.next


def alike(items: list[Owed]) -> list[str]:
    return sorted(one.model_dump_json() for one in items)


@asynccontextmanager
async def world(parts: Parts, count: int) -> AsyncIterator[World]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(parts.mongodb, tz_aware=True)
    async with client:
        database = client[f"owing_{uuid.uuid4().hex[:8]}"]
        found = World(database)
        await found.snapshots.prepare()
        states: dict[Stream, State] = {}
        for holder, reports in members(count):
            states |= {
                Stream("commitments", holder.id): holder,
                Stream("reports", holder.id): reports,
            }
        await found.write(states)
        await found.publish("latin", 2)
        yield found
        await client.drop_database(database.name)


@pytest.mark.parametrize("limit", [1, 7, 200])
async def test_pages_are_full_and_totals_count_what_is_listed(parts: Parts, limit: int) -> None:
    async with world(parts, 60) as there:
        for what in WHATS:
            for coalition in (None, "latin"):
                expected = there.owed(coalition, what)
                pages, totals = await there.pages(limit, coalition=coalition, what=what)
                assert alike([one for page in pages for one in page]) == alike(expected)
                assert totals == {len(expected)}
                assert all(len(page) == limit for page in pages[:-1])


async def test_what_is_owed_follows_what_is_written_the_plans_and_the_day(parts: Parts) -> None:
    async with world(parts, 30) as there:
        before, _ = await there.pages(50)
        stream, reports = next(
            (s, one)
            for s, one in there.states.items()
            if isinstance(one, MemberReports) and one.reports
        )
        none = reports.model_copy(update={"reports": ()})
        await there.write({stream: none})
        await there.publish("europe", 3)
        there.today = "2026-03-02"
        after, totals = await there.pages(50)
        found = [one for page in after for one in page]
        assert alike(found) == alike(there.owed())
        assert alike(found) != alike([one for page in before for one in page])
        assert totals == {len(found)}


async def test_a_page_after_nothing_that_there_is_begins_at_the_beginning(parts: Parts) -> None:
    async with world(parts, 5) as there:
        first = await there.owing.page(None, None, "", 5)
        assert await there.owing.page(None, None, "x", 5) == first
        assert (await there.owing.page(None, None, "1023.z.999", 5)).items == []
