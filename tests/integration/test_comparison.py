"""Commitments compared on a real store, beside what all of them make, read one by one."""

from __future__ import annotations

import random
import uuid
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest
from pymongo import AsyncMongoClient

from services.plans.by_status import Asked, CommitmentsByStatus
from services.plans.comparison import Comparisons, Unlike
from services.plans.domain import ADVANCE, BOUND, DECIDER, MemberCommitments, MemberReports, State
from services.plans.domain.commitments.size import SIZES, Size, size_of
from services.plans.queries import INDEXES
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.pipeline.snapshots import Snapshots

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from services.plans.comparison import Comparison
    from tests.parts import Parts

COUNTRIES: Final = ("UY", "EC", "BR")
COALITIONS: Final = ("latin", "europe")
DAY: Final = datetime(2026, 11, 26, tzinfo=UTC)
POPULATIONS: Final = (None, 1, 19_999, 20_000, 350_000, 999_999, 1_000_000, 9_000_000)
STANDINGS: Final = ("member", "on hold", "suspended", "withdrawn")


def members(count: int) -> Iterator[tuple[MemberCommitments, MemberReports]]:
    """Members drawn by lot, the same ones each time; some owe an overdue report."""
    draw = random.Random(count)  # noqa: S311 - what is drawn is no secret
    for number in range(count):
        id_ = f"uy-city-{number}"
        about = {
            "id": id_,
            "coalition": draw.choice(COALITIONS),
            "member": {"id": id_, "name": f"City {number}", "country": draw.choice(COUNTRIES)},
        }
        commitments = [
            {"point": point, "title": "A title", "status": draw.choice(ADVANCE)}
            for point in range(1, 11)
        ]
        standing, version = draw.choice(STANDINGS), draw.choice((1, 2))
        chosen = {"points": (1, 3, 10), "as_of": "2024", "plan_version": version}
        held = {
            **about,
            "state": "open",
            "standing": standing,
            "commitments": commitments,
            "plan_version": version,
            "choices": draw.choice(((), (chosen,), ({**chosen, "until": "2025-12-31"},))),
            "population": draw.choice(POPULATIONS),
        }
        state = draw.choice(("overdue", "accepted", "due"))
        owed = {**about, "reports": [{"due": "2024-01-01", "state": state}]}
        yield MemberCommitments.model_validate(held), MemberReports.model_validate(owed)


class Ranked(NamedTuple):
    """A commitment as it is compared."""

    rank: tuple[bool, bool, int]
    is_late: bool
    member: str
    point: int
    status: str
    taken_up: bool


class World:
    """Plans' snapshots on a store, and the states that they are of."""

    def __init__(self, database: Any) -> None:
        self.database = database
        self.snapshots = Snapshots(database, DECIDER.states, INDEXES)
        self.by_status = CommitmentsByStatus(database, lambda: DAY)
        self.comparisons = Comparisons(database, self.by_status)
        self.states: dict[Stream, State] = {}
        self.version = 0

    async def write(self, states: Mapping[Stream, State]) -> None:
        self.version += 1
        self.states.update(states)
        await self.snapshots.project(
            {stream: Versioned(self.version, state) for stream, state in states.items()}
        )
        await self.by_status.project(states, ())

    def ranked(
        self,
        coalition: str | None = None,
        country: str | None = None,
        version: int | None = None,
        point: int | None = None,
        size: Size | None = None,
    ) -> list[Ranked]:
        """Those that are compared, by rank."""
        late = {
            one.id
            for one in self.states.values()
            if isinstance(one, MemberReports) and one.reports[0].state == "overdue"
        }
        return sorted(
            Ranked(
                rank=_rank(c.status, is_late=holder.id in late),
                is_late=holder.id in late,
                member=holder.id,
                point=c.point,
                status=c.status,
                taken_up=not (chosen := _in_term(holder)) or c.point in chosen,
            )
            for holder in self.states.values()
            if isinstance(holder, MemberCommitments)
            and holder.standing in BOUND
            and coalition in {None, holder.coalition}
            and country in {None, holder.member.country}
            and version in {None, holder.plan_version}
            and size in {None, size_of(holder.population)}
            for c in holder.commitments
            if point in {None, c.point}
        )


def _in_term(holder: MemberCommitments) -> tuple[int, ...]:
    """What it has chosen and is not over."""
    last = holder.choices[-1] if holder.choices else None
    return () if last is None or last.until else last.points


def _rank(status: str, *, is_late: bool) -> tuple[bool, bool, int]:
    stalled = status == "stalled"
    # Among what else late members have, the order is that of the members.
    return not stalled, not is_late, 0 if is_late or stalled else ADVANCE.index(status)


def check(found: Comparison, wanted: list[Ranked], limit: int, late_members: int) -> None:
    taken_up = [one for one in wanted if one.taken_up]
    assert (found.total, found.not_taken_up) == (len(taken_up), len(wanted) - len(taken_up))
    assert {s: n for s, n in found.by_status.items() if n} == {
        s: n for s in ADVANCE if (n := sum(one.status == s for one in taken_up))
    }
    assert sum(n for of in found.by_point for n in of.by_status.values()) == found.total
    assert found.overdue_members == late_members
    first = [
        Ranked(
            rank=_rank(c.status, is_late=c.overdue),
            is_late=c.overdue,
            member=c.member,
            point=c.point,
            status=c.status,
            taken_up=c.taken_up,
        )
        for c in found.first
    ]
    assert [one.rank for one in first] == [one.rank for one in wanted[:limit]]
    assert set(first) <= set(wanted)
    assert len(set(first)) == len(first) == min(limit, len(wanted))


@asynccontextmanager
async def world(parts: Parts) -> AsyncIterator[World]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(parts.mongodb, tz_aware=True)
    async with client:
        made = World(client[f"comparison_{uuid.uuid4().hex[:8]}"])
        await made.snapshots.prepare()
        yield made
        await client.drop_database(made.database.name)


@pytest.mark.parametrize("limit", [5, 200])
async def test_numbers_and_order_are_those_of_all_commitments(parts: Parts, limit: int) -> None:
    async with world(parts) as here:
        states: dict[Stream, State] = {}
        for held, owed in members(60):
            states |= {Stream("commitments", held.id): held, Stream("reports", owed.id): owed}
        await here.write(states)
        asked: tuple[str | None, str | None, int | None, int | None]
        for asked in (
            (None, None, None, None),
            ("latin", None, None, None),
            ("latin", "UY", None, None),
            (None, None, 2, None),
            ("latin", "EC", 1, 3),
            ("europe", None, 2, 10),
            ("nowhere", None, None, None),
        ):
            coalition, country, version, point = asked
            wanted = here.ranked(*asked)
            late = {one.member for one in here.ranked(coalition, country, version) if one.is_late}
            check(
                await here.comparisons.compare(Asked(coalition, country, version, point), limit),
                wanted,
                limit,
                len(late),
            )


@pytest.mark.parametrize(("coalition", "version"), [(None, None), ("latin", None), (None, 1)])
async def test_a_point_that_is_another_one_in_each_plan_is_not_added_up(
    parts: Parts, coalition: str | None, version: int | None
) -> None:
    async with world(parts) as here:
        await here.write({Stream("commitments", held.id): held for held, _ in members(60)})
        with pytest.raises(Unlike, match="point 3 is another one in each plan"):
            await here.comparisons.compare(Asked(coalition, None, version, 3), 5)


@pytest.mark.parametrize("size", SIZES)
async def test_members_of_a_size_are_compared_with_each_other(parts: Parts, size: Size) -> None:
    async with world(parts) as here:
        states: dict[Stream, State] = {}
        for held, owed in members(60):
            states |= {Stream("commitments", held.id): held, Stream("reports", owed.id): owed}
        await here.write(states)
        wanted = here.ranked(size=size)
        late = {one.member for one in wanted if one.is_late}
        found = await here.comparisons.compare(Asked(size=size), 20)
        check(found, wanted, 20, len(late))
        of_all = await here.comparisons.compare(Asked(), 1)
        assert found.by_size == {size: of_all.by_size[size]}
        assert found.by_size[size] == found.by_status


async def test_a_report_that_falls_overdue_moves_its_members_commitments_ahead(
    parts: Parts,
) -> None:
    async with world(parts) as here:
        for held, owed in members(20):
            accepted = owed.reports[0].model_copy(update={"state": "accepted"})
            none_late = owed.model_copy(update={"reports": (accepted,)})
            await here.write(
                {Stream("commitments", held.id): held, Stream("reports", owed.id): none_late}
            )
        before = await here.comparisons.compare(Asked(), 10)
        assert before.overdue_members == 0
        late = before.first[-1].member
        reports = here.states[Stream("reports", late)]
        assert isinstance(reports, MemberReports)
        overdue = reports.reports[0].model_copy(update={"state": "overdue"})
        await here.write(
            {Stream("reports", late): reports.model_copy(update={"reports": (overdue,)})}
        )
        after = await here.comparisons.compare(Asked(), 10)
        assert (after.overdue_members, after.first[0].member) == (1, late)
        assert after.total == before.total


async def test_one_that_cannot_be_counted_is_left_out(parts: Parts) -> None:
    async with world(parts) as here:
        for held, _ in members(3):
            bound = held.model_copy(update={"standing": "member"})
            await here.write({Stream("commitments", held.id): bound})
        broken = {"$set": {"commitments.0.point": 77}}
        await here.database["commitments"].update_one({"_id": "uy-city-1"}, broken)
        found = await here.comparisons.compare(Asked(), 1)
        assert found.total + found.not_taken_up == 20
