"""Numbers over all members on a real store: kept by what is written, right whatever happens."""

from __future__ import annotations

import uuid
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from pymongo import AsyncMongoClient

from services.membership.domain import DECIDER, Coalition, Member, State, counted, statistics
from services.membership.projections import MembersByState
from services.membership.queries import INDEXES, MembershipQueries
from services.membership.searching import MembersByName
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CitySigned,
    CoalitionFounded,
    MembersMerged,
    MemberWithdrawn,
    StepCorrected,
)
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.pipeline.snapshots import BUCKETS, Snapshots, bucket_of
from tests.unit.fold import Folded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from pymongo.asynchronous.database import AsyncDatabase

    from services.membership.domain import Statistics
    from shared.contracts.base import Event
    from tests.parts import Parts

TODAY: Final = "2026-01-01"


def city(number: int, country: str = "DE") -> MemberRef:
    return MemberRef(name=f"City {number}", country=country, kind="city")


def signed(number: int, on: str = "2006", country: str = "DE") -> CitySigned:
    return CitySigned(coalition="europe", member=city(number, country), signed=on)


class Process:
    """What one process has: its own numbers, and how often it has counted a bucket."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self.now = datetime.fromisoformat(TODAY).replace(tzinfo=UTC)
        self.snapshots = Snapshots(database, DECIDER.states, INDEXES)
        self.by_state = MembersByState(database)
        self.queries = MembershipQueries(
            database, self.by_state, MembersByName(database), clock=lambda: self.now
        )
        self.buckets: list[int] = []
        count = self.by_state._count  # noqa: SLF001 - watched, not changed

        async def watched(buckets: Collection[int]) -> Any:
            self.buckets += buckets
            return await count(buckets)

        self.by_state._count = watched  # noqa: SLF001 - likewise

    async def numbers(self, coalition: str = "europe", day: str | None = None) -> Statistics:
        found = await self.queries.statistics(coalition, day)
        assert found
        return found

    async def recounted(self) -> list[int]:
        """The buckets that are counted for one more question."""
        self.buckets.clear()
        await self.numbers()
        return self.buckets


class World:
    """Membership on a store, without Kafka: two processes, and what was decided."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self.database = database
        self.folded: Folded[State] = Folded(DECIDER)
        self.one, self.other = Process(database), Process(database)

    def decide(self, *events: Event) -> dict[Stream, Versioned[State]]:
        touched = dict[Stream, Versioned[State]]()
        for event in events:
            stream = DECIDER.route(event, ("", "")).stream
            self.folded.tell(event)
            touched[stream] = Versioned(self.folded.given, self.folded.states[stream])
        return touched

    async def give(self, *events: Event) -> dict[Stream, Versioned[State]]:
        """Decide events and project them as the engine does, in one process."""
        touched = self.decide(*events)
        await self.project(self.one, touched)
        return touched

    async def project(self, process: Process, touched: dict[Stream, Versioned[State]]) -> None:
        await process.snapshots.project(touched)
        states = {stream: held.state for stream, held in touched.items() if held.state}
        await process.by_state.project(states, ())

    def expected(self, day: str = TODAY) -> Statistics:
        """What all members make, read one by one."""
        coalition = self.folded.states[Stream("coalitions", "europe")]
        assert isinstance(coalition, Coalition)
        members = [one for one in self.folded.states.values() if isinstance(one, Member)]
        return statistics(coalition, counted(members, day, {"europe"}), day)


@asynccontextmanager
async def world(parts: Parts) -> AsyncIterator[World]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(parts.mongodb, tz_aware=True)
    async with client:
        made = World(client[f"tallies_{uuid.uuid4().hex[:8]}"])
        await made.one.snapshots.prepare()
        await made.give(CoalitionFounded(coalition="europe", name="Europe"))
        yield made
        await client.drop_database(made.database.name)


async def test_the_numbers_follow_each_event_and_are_those_of_all_members(parts: Parts) -> None:
    async with world(parts) as here:
        await here.give(
            *(signed(n) for n in range(20)), *(signed(n, "2007", "FR") for n in (98, 99))
        )
        for event in (
            MemberWithdrawn(coalition="europe", member=city(1), withdrawn="2015"),
            StepCorrected(
                coalition="europe",
                member=city(2),
                step="signed",
                recorded="2006",
                correct="2031",
                reason="the minutes say so",
            ),
            MembersMerged(coalition="europe", member=city(3), merged=city(4), reason="one city"),
        ):
            await here.give(event)
            assert await here.one.numbers() == here.expected()
        assert here.expected().by_country == {"DE": 18, "FR": 2}


async def test_only_the_bucket_that_something_was_written_to_is_counted_again(parts: Parts) -> None:
    async with world(parts) as here:
        await here.give(*(signed(n) for n in range(50)))
        assert sorted(await here.one.recounted()) == list(range(BUCKETS))
        assert await here.one.recounted() == []
        await here.give(MemberWithdrawn(coalition="europe", member=city(7), withdrawn="2015"))
        assert await here.one.recounted() == [bucket_of(city(7).key)]


async def test_what_another_process_wrote_is_counted_too(parts: Parts) -> None:
    async with world(parts) as here:
        first, second = here.decide(signed(1)), here.decide(signed(2))
        assert (await here.one.numbers()).members == (await here.other.numbers()).members == 0
        await here.project(here.one, first)
        await here.project(here.other, second)
        assert await here.one.numbers() == await here.other.numbers() == here.expected()
        assert here.expected().members == 2


async def test_after_a_crash_before_the_mark_redelivery_brings_the_numbers_forward(
    parts: Parts,
) -> None:
    async with world(parts) as here:
        assert (await here.one.numbers()).members == 0
        touched = here.decide(signed(1))
        await here.one.snapshots.project(touched)
        for _ in range(2):
            await here.project(here.other, touched)
            assert await here.one.numbers() == here.expected()
        assert here.expected().members == 1


async def test_a_consumer_that_was_frozen_takes_nothing_back(parts: Parts) -> None:
    async with world(parts) as here:
        old = here.decide(signed(1))
        await here.give(MemberWithdrawn(coalition="europe", member=city(1), withdrawn="2015"))
        assert (await here.one.numbers()).by_state == {"withdrawn": 1}
        await here.project(here.other, old)
        assert (await here.one.numbers()).by_state == {"withdrawn": 1}


async def test_a_rebuild_mends_numbers_whose_snapshots_or_marks_were_lost(parts: Parts) -> None:
    async with world(parts) as here:
        await here.give(*(signed(n) for n in range(9)))
        assert (await here.one.numbers()).members == 9
        for name in ("members", "tally_marks"):
            await here.database[name].drop()
        assert (await here.one.numbers()).members == 0
        held: dict[Stream, Versioned[State]] = {
            s: Versioned(1000, state) for s, state in here.folded.states.items()
        }
        await here.one.snapshots.rewrite(held)
        await here.one.by_state.rebuild(here.folded.states)
        assert await here.one.numbers() == await here.other.numbers() == here.expected()


async def test_what_is_certain_only_later_is_counted_from_its_day_on_without_an_event(
    parts: Parts,
) -> None:
    async with world(parts) as here:
        await here.give(signed(1, "2026"), signed(2))
        await here.give(MemberWithdrawn(coalition="europe", member=city(2), withdrawn="2026-01"))
        for day in (TODAY, "2026-01-30", "2026-01-31", "2026-12-31"):
            here.one.now = datetime.fromisoformat(day).replace(tzinfo=UTC)
            assert await here.one.numbers() == here.expected(day)
            assert await here.other.numbers(day=day) == here.expected(day)
        assert here.expected("2026-12-31").by_state == {"member": 1, "withdrawn": 1}


async def test_a_day_that_is_over_reads_no_member_again(parts: Parts) -> None:
    async with world(parts) as here:
        await here.give(*(signed(n, str(2000 + n)) for n in range(9)))
        await here.give(MemberWithdrawn(coalition="europe", member=city(1), withdrawn="2004-06"))
        await here.one.numbers()
        here.one.buckets.clear()
        for day in ("1999-12-31", "2004-06-29", "2004-06-30", "2004-12-31", "2010-01-01"):
            assert await here.one.numbers(day=day) == here.expected(day)
        assert here.one.buckets == []


async def test_a_list_as_of_a_day_has_whom_the_numbers_count(parts: Parts) -> None:
    async with world(parts) as here:
        await here.give(*(signed(n, str(2000 + n)) for n in range(7)))
        await here.give(*(signed(n, "2003", "FR") for n in (20, 21)))
        await here.give(MemberWithdrawn(coalition="europe", member=city(1), withdrawn="2004-06"))
        queries = here.one.queries
        for day in ("1999-12-31", "2001-12-31", "2004-06-29", "2004-06-30", "2010-01-01"):
            expected = here.expected(day)
            after, seen = "", list[str]()
            while True:
                page = await queries.members({"coalition": "europe"}, after, 3, day)
                assert page.total == sum(expected.by_state.values())
                seen += [one.state for one in page.items]
                if page.next is None:
                    break
                after = page.next
            assert Counter(seen) == expected.by_state
            french = await queries.members({"country": "FR", "state": "member"}, "", 50, day)
            assert french.total == len(french.items) == expected.by_country.get("FR", 0)
        large = await queries.members({"population": {"$gte": 1}}, "", 50, "2010-01-01")
        assert (large.total, large.items) == (0, [])


async def test_a_member_that_cannot_be_read_is_left_out_and_costs_no_other(parts: Parts) -> None:
    async with world(parts) as here:
        await here.give(signed(1), signed(2))
        broken = {"$set": {"steps": "lost"}}
        await here.database["members"].update_one({"_id": city(1).key}, broken)
        assert (await here.one.numbers()).members == 1
