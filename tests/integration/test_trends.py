"""Trends on a real store, beside what all members make, read one by one."""

from __future__ import annotations

import random
import uuid
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest
from pymongo import AsyncMongoClient

from services.plans.by_month import CommitmentsByMonth
from services.plans.domain import BOUND, DECIDER, MemberCommitments, State, member_stream
from services.plans.domain.commitments.progress import ADVANCE
from services.plans.domain.trend import LENGTH, ByDay, Month, month_of
from services.plans.queries import INDEXES
from shared.contracts.base import latest
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.pipeline.snapshots import Snapshots

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from tests.parts import Parts

TODAY: Final = datetime(2026, 11, 26, tzinfo=UTC)
DAYS: Final = (*(latest(f"{y}-{m:02}").isoformat() for y in (2024, 2025) for m in range(1, 13)),)
COUNTRIES: Final = ("UY", "EC")
COALITIONS: Final = ("latin", "europe")
STANDINGS: Final = ("member", "suspended", "withdrawn")


def members(count: int, seed: int = 1) -> list[MemberCommitments]:
    """Members drawn by lot, the same ones each time; some were in another coalition before."""
    draw = random.Random(seed)  # noqa: S311 - what is drawn is no secret

    def month() -> str:
        return f"{draw.randint(2023, 2026)}-{draw.randint(1, 12):02}"

    def commitments() -> list[dict[str, Any]]:
        courses = [
            [{"status": draw.choice(ADVANCE), "as_of": one} for one in sorted({month(), month()})]
            for _ in range(10)
        ]
        return [
            {"point": n, "title": "A title", "course": course, **course[-1]}
            for n, course in enumerate(courses, 1)
        ]

    def one(number: int) -> MemberCommitments:
        id_ = f"uy-city-{number}"
        until = draw.choice((None, None, month()))
        there = {"state": "open", "plan_version": 1, "joined": draw.choice((None, month()))}
        before = {**there, "coalition": "latin", "until": until, "commitments": commitments()}
        return MemberCommitments.model_validate(
            {
                **there,
                "id": id_,
                "coalition": "europe" if until else draw.choice(COALITIONS),
                "member": {"id": id_, "name": "City", "country": draw.choice(COUNTRIES)},
                "standing": draw.choice(STANDINGS),
                "commitments": commitments(),
                "elsewhere": [before] if until else [],
            }
        )

    return [one(number) for number in range(count)]


def expected(
    all_: Iterable[MemberCommitments], coalition: str | None, country: str | None
) -> list[Month]:
    """The months as all members make them, each looked at on each day."""
    counted = [
        ByDay(one)
        for one in all_
        if one.standing in BOUND and country in {None, one.member.country}
    ]
    found = []
    for day in DAYS:
        those = [n for where, n in (one.on(day) for one in counted) if coalition in {None, where}]
        found.append(
            month_of(day, [sum(place) for place in zip(*those, (0,) * LENGTH, strict=True)])
        )
    return found


class World:
    """Plans' snapshots of members on a store."""

    def __init__(self, database: Any) -> None:
        self.database = database
        self.now = TODAY
        self.snapshots = Snapshots(database, DECIDER.states, INDEXES)
        self.by_month = CommitmentsByMonth(database, lambda: self.now)
        self.version = 0

    async def write(self, holders: Sequence[MemberCommitments]) -> None:
        self.version += 1
        states = dict[Stream, State]((member_stream(one.id), one) for one in holders)
        await self.snapshots.project({s: Versioned(self.version, one) for s, one in states.items()})
        await self.by_month.project(states, ())


@asynccontextmanager
async def world(parts: Parts) -> AsyncIterator[World]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(parts.mongodb, tz_aware=True)
    async with client:
        made = World(client[f"trends_{uuid.uuid4().hex[:8]}"])
        await made.snapshots.prepare()
        yield made
        await client.drop_database(made.database.name)


@pytest.mark.parametrize("coalition", [None, *COALITIONS])
@pytest.mark.parametrize("country", [None, *COUNTRIES])
async def test_trends_are_those_of_all_members_read_one_by_one(
    parts: Parts, coalition: str | None, country: str | None
) -> None:
    async with world(parts) as here:
        await here.write(before := members(60))
        assert await here.by_month.at(DAYS, coalition, country) == expected(
            before, coalition, country
        )
        await here.write(others := members(30, seed=2))
        after = [*others, *before[30:]]
        found = await here.by_month.at(DAYS, coalition, country)
        assert found == expected(after, coalition, country) != expected(before, coalition, country)


async def test_what_is_certain_on_a_later_day_is_counted_from_then_on(parts: Parts) -> None:
    async with world(parts) as here:
        (one,) = members(1)
        (first, *others) = one.commitments
        done = {"status": "completed", "as_of": "2026-11"}
        course = type(first).model_validate({**first.model_dump(), "course": [done]})
        bound = {"standing": "member", "joined": None, "commitments": (course, *others)}
        await here.write([one.model_copy(update={**bound, "elsewhere": ()})])
        assert (await here.by_month.at(["2026-11-26"], None, None))[0].members == 1
        before = (await here.by_month.at(["2026-11-26"], None, None))[0].by_status["completed"]
        here.now = datetime(2026, 11, 30, tzinfo=UTC)
        (today,) = await here.by_month.at(["2026-11-30"], None, None)
        assert today.by_status["completed"] == before + 1


async def test_a_member_that_cannot_be_read_is_left_out_and_costs_no_other(parts: Parts) -> None:
    async with world(parts) as here:
        held = [one for one in members(20) if one.standing == "member"]
        await here.write(held)
        broken = {"$set": {"commitments": "lost"}}
        await here.database["commitments"].update_one({"_id": held[0].id}, broken)
        assert await here.by_month.at(DAYS, None, None) == expected(held[1:], None, None)
