"""Whose reports the clock looks at, on a real store: kept by events, and read by what is due."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from pymongo import AsyncMongoClient

from services.plans.domain import DECIDER, State
from services.plans.projections import Marked, ReportsToCheck
from services.plans.queries import INDEXES, Concerned
from services.plans.sweeper import Sweeper
from shared.contracts.base import Event, MemberRef
from shared.contracts.membership import CitySigned
from shared.contracts.plans import PlanPublished, ReportFellDue, ReportingRuleSet
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.journal.entry import Entry, Key, Origin, Outcome, Published
from shared.kafka.producer import Outgoing
from shared.pipeline.snapshots import Snapshots
from tests.unit.fold import Folded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from tests.parts import Parts

PLAN = PlanPublished(coalition="latin", version=1, commitments=tuple(map(str, range(10))))
RULE = ReportingRuleSet(
    coalition="latin",
    every_months=24,
    first_after_months=24,
    remind_days=(),
    overdue_after_days=30,
    since="2020-01-01",
)


def city(number: int) -> MemberRef:
    return MemberRef(name=f"City {number}", country="UY", kind="city")


def signed(number: int, on: str) -> CitySigned:
    return CitySigned(coalition="latin", member=city(number), signed=on, state="member")


class World:
    """Plans on a store, without Kafka: what is given to it is decided, kept and reacted to."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self.database = database
        self.snapshots = Snapshots(database, DECIDER.states, INDEXES)
        self.to_check = ReportsToCheck(database)
        self.folded: Folded[State] = Folded(DECIDER)
        self.folded.now = datetime(2020, 10, 25, tzinfo=UTC)
        self.sent: list[Outgoing] = []
        self.sweeper = Sweeper(
            Concerned(database),
            self.to_check,
            self,  # type: ignore[arg-type]  # it sends
            1,
            clock=lambda: self.folded.now,
        )

    async def send(self, outgoing: Sequence[Outgoing]) -> None:
        self.sent += outgoing

    async def give(self, *events: Event) -> None:
        entries = []
        for event in events:
            stream = DECIDER.route(event, ("", "")).stream
            published = self.folded.tell(event)
            entries.append(accepted(stream, self.folded.given, published))
        states = {e.stream: self.folded.states[e.stream] for e in entries}
        await self.snapshots.project(
            {e.stream: Versioned(e.version, states[e.stream]) for e in entries}
        )
        published = [one.event for entry in entries for one in entry.events if one.event]
        of_it = [event for event in published if type(event) in self.to_check.of]
        await self.to_check.project(states, of_it)

    async def rebuild(self) -> None:
        """Make all snapshots anew, as of a version that is beyond them."""
        states = self.folded.states
        await self.snapshots.rewrite({s: Versioned(1000, state) for s, state in states.items()})
        await self.to_check.rebuild(states)

    async def swept(self) -> list[str]:
        """Whom one sweep says something of."""
        self.sent.clear()
        await self.sweeper.sweep(asyncio.Event())
        return [(outgoing.key or b"").decode() for outgoing in self.sent]

    async def marked(self) -> int:
        return len(await due(self.to_check, self.folded.now.date()))


async def due(to_check: ReportsToCheck, today: date) -> list[Marked]:
    return [one async for some in to_check.due(today) for one in some]


def accepted(stream: Stream, version: int, events: Sequence[Event]) -> Entry:
    return Entry(
        key=Key("urn:test", str(version)),
        stream=stream,
        version=version,
        outcome=Outcome.ACCEPTED,
        recorded=datetime(2020, 12, 1, tzinfo=UTC),
        digest="",
        origin=Origin("any", 0, version),
        events=tuple(Published.of(f"{version}/{n}", one) for n, one in enumerate(events)),
    )


@asynccontextmanager
async def world(parts: Parts) -> AsyncIterator[World]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(parts.mongodb, tz_aware=True)
    async with client:
        made = World(client[f"projections_{uuid.uuid4().hex[:8]}"])
        await made.snapshots.prepare()
        await made.to_check.prepare()
        await made.give(PLAN, RULE)
        yield made
        await client.drop_database(made.database.name)


async def test_a_sweep_reads_only_those_of_whom_something_may_be_due(parts: Parts) -> None:
    async with world(parts) as here:
        await here.give(*(signed(n, "2006-10-25") for n in range(3)))
        await here.give(*(signed(n, "2006-10-26") for n in range(3, 250)))
        assert await here.marked() == 250
        assert sorted(await here.swept()) == [city(n).key for n in range(3)]
        assert await here.marked() == 0
        assert await here.swept() == []
        here.folded.now = datetime(2020, 10, 26, tzinfo=UTC)
        assert await here.marked() == 250
        assert len(await here.swept()) == 250


async def test_what_happens_to_a_member_or_its_coalition_has_it_looked_at_again(
    parts: Parts,
) -> None:
    async with world(parts) as here:
        await here.give(signed(1, "2006-10-25"), signed(2, "2006-11-25"))
        await here.swept()
        fell_due = ReportFellDue(coalition="latin", member=city(1), due="2020-10-25")
        await here.give(fell_due)
        assert await here.marked() == 1
        assert await here.swept() == []
        await here.give(RULE.model_copy(update={"overdue_after_days": 5}))
        assert await here.marked() == 2


async def test_who_is_marked_while_it_is_looked_at_stays_marked(parts: Parts) -> None:
    async with world(parts) as here:
        await here.give(signed(1, "2006-11-25"))
        to_check, today = here.to_check, date(2020, 10, 25)
        (before,) = await due(to_check, today)
        await to_check.mark({city(1).key: "latin"})
        await to_check.looked_at({before: None})
        (after,) = await due(to_check, today)
        assert after.marks == before.marks + 1
        await to_check.looked_at({after: None})
        assert await due(to_check, date.max) == []


async def test_a_rebuild_has_everyone_looked_at_again(parts: Parts) -> None:
    async with world(parts) as here:
        await here.give(signed(1, "2006-10-26"), signed(2, "2006-11-25"))
        await here.database["reports_to_check"].drop()
        assert await here.marked() == 0
        await here.rebuild()
        assert await here.marked() == 2


async def test_one_member_that_cannot_be_read_ends_no_sweep_for_the_others(parts: Parts) -> None:
    async with world(parts) as here:
        await here.give(*(signed(n, "2006-10-25") for n in range(3)))
        broken = {"$set": {"member": "no reference"}}
        await here.database["commitments"].update_one({"_id": city(1).key}, broken)
        assert sorted(await here.swept()) == [city(0).key, city(2).key]
        assert await here.marked() == 0
        here.folded.now = datetime(2020, 10, 26, tzinfo=UTC)
        assert await here.marked() == 3


async def test_a_member_whose_reports_cannot_be_read_is_not_taken_for_one_without(
    parts: Parts,
) -> None:
    async with world(parts) as here:
        await here.give(signed(1, "2006-10-25"))
        await here.give(ReportFellDue(coalition="latin", member=city(1), due="2020-10-25"))
        await here.database["reports"].update_one(
            {"_id": city(1).key}, {"$set": {"reports": "none"}}
        )
        assert await here.swept() == []


async def test_a_sweep_that_shall_stop_ends_with_what_it_has_in_hand(parts: Parts) -> None:
    async with world(parts) as here:
        await here.give(*(signed(n, "2006-10-25") for n in range(300)))
        stopping = asyncio.Event()
        stopping.set()
        assert 0 < await here.sweeper.sweep(stopping) < 300
        assert 0 < await here.marked() < 300
