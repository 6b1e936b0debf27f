"""Local plans as HTTP lists them, and what is owed of them, on a real store."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pymongo import AsyncMongoClient

from services.plans.domain import DECIDER
from services.plans.local_plans import At, LocalPlans
from services.plans.owing import Owing
from services.plans.queries import INDEXES, Concerned
from shared.contracts.plans import LocalPlanRuleSet, LocalPlanSubmitted
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.pipeline.snapshots import Snapshots
from tests.unit.local_plan_facts import ADOPTED, about_plan, tell_and_note
from tests.unit.plans_facts import MONTEVIDEO, QUITO, holder, opened

if TYPE_CHECKING:
    from tests.parts import Parts

ALL = At("", 50)


async def test_local_plans_are_listed_as_of_a_day_and_by_any_of_their_holders(parts: Parts) -> None:
    folded = opened()
    folded.tell(LocalPlanRuleSet(coalition="latin", within_months=24, since="2000-01-01"))
    both = ADOPTED.model_copy(update={"holders": (MONTEVIDEO, QUITO)})
    await tell_and_note(folded, both, about_plan(LocalPlanSubmitted, submitted="2009-01"))
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(parts.mongodb, tz_aware=True)
    async with client:
        database = client[f"local_plans_{uuid.uuid4().hex[:8]}"]
        snapshots = Snapshots(database, DECIDER.states, INDEXES)
        await snapshots.prepare()
        await snapshots.project({s: Versioned(1, state) for s, state in folded.states.items()})
        plans = LocalPlans(database)
        for where in ({"holders.id": QUITO.key}, {"holders.country": "UY"}, {"coalition": "latin"}):
            found = await plans.listed(where, None, "2008-06-01", ALL)
            assert [(one.id, one.state) for one in found.items] == [(ADOPTED.plan, "adopted")]
        assert (await plans.listed({}, "submitted", "2009-06-01", ALL)).total == 1
        assert (await plans.listed({}, "submitted", "2013-01-01", ALL)).total == 0
        assert (await plans.listed({}, "expired", "2013-01-01", ALL)).total == 1
        assert (await plans.listed({}, None, "2008-01-01", ALL)).items == []
        assert await plans.one(ADOPTED.plan, "2008-01-01") is None
        owing = Owing(database, lambda: datetime(2012, 6, 1, tzinfo=UTC))
        page = await owing.page("latin", "answer", "", 50)
        assert [one.about for one in page.items] == [f"a review of the local plan {ADOPTED.plan}"]
        later = Owing(database, lambda: datetime(2013, 6, 1, tzinfo=UTC))
        page = await later.page("latin", "local plan", "", 50)
        assert [(one.member, one.since) for one in page.items] == [(MONTEVIDEO.key, "2012-12-31")]
        duties = await Concerned(database).duties([MONTEVIDEO.key])
        due = duties[MONTEVIDEO.key].local_plan.due
        assert due
        assert (due.day, due.renews) == ("2012-12-31", ADOPTED.plan)
        await client.drop_database(database.name)


async def test_of_some_members_those_are_found_that_were_merged(parts: Parts) -> None:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(parts.mongodb, tz_aware=True)
    async with client:
        database = client[f"local_plans_{uuid.uuid4().hex[:8]}"]
        mine = holder(opened(), MONTEVIDEO)
        others = {"merged": {"into": mine.id}, "stays": {}, "elsewhere": {"into": "another"}}
        states = {
            Stream("commitments", id_): mine.model_copy(update={"id": id_, **more})
            for id_, more in others.items()
        }
        snapshots = Snapshots(database, DECIDER.states, INDEXES)
        await snapshots.project({s: Versioned(1, state) for s, state in states.items()})
        asked = ("merged", "stays", "unknown")
        assert await Concerned(database).duplicates(asked) == {"merged": mine.id}
        assert await Concerned(database).duplicates(()) == {}
        await client.drop_database(database.name)
