"""A member that moved is listed and counted, as of a day, in the coalition in which it was then."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from pymongo import AsyncMongoClient

from services.membership.domain import DECIDER
from services.membership.projections import MembersByState
from services.membership.queries import INDEXES, MembershipQueries
from services.membership.searching import MembersByName
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CitySigned,
    CoalitionFounded,
    MemberMoved,
    PopulationCounted,
)
from shared.domain.versioned import Versioned
from shared.pipeline.snapshots import Snapshots
from shared.web.parameters import of_size
from tests.unit.fold import Folded

if TYPE_CHECKING:
    from tests.parts import Parts

BONN = MemberRef(name="Bonn", country="DE", kind="city")


async def test_it_is_where_it_was_and_counted_once(parts: Parts) -> None:
    folded: Folded[Any] = Folded(DECIDER)
    for event in (
        CoalitionFounded(coalition="europe", name="Europe"),
        CoalitionFounded(coalition="africa", name="Africa"),
        CitySigned(coalition="europe", member=BONN, signed="2006"),
        MemberMoved(coalition="africa", member=BONN, moved="2015"),
        PopulationCounted(coalition="africa", member=BONN, as_of="2020", population=330_000),
    ):
        folded.tell(event)
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(parts.mongodb, tz_aware=True)
    async with client:
        database = client[f"moved_{uuid.uuid4().hex[:8]}"]
        snapshots: Snapshots[Any] = Snapshots(database, DECIDER.states, INDEXES)
        await snapshots.project({s: Versioned(9, state) for s, state in folded.states.items()})
        queries = MembershipQueries(database, MembersByState(database), MembersByName(database))
        for day, there in (("2014-12-31", "europe"), ("2016-01-01", "africa")):
            for coalition in ("europe", "africa"):
                is_there = int(coalition == there)
                found = await queries.members({"coalition": coalition}, "", 10, day)
                assert [one.coalition for one in found.items] == [there] * is_there
                numbers = await queries.statistics(coalition, day)
                assert numbers
                assert numbers.members == is_there
        for least, number in ((300_000, 1), (400_000, 0)):
            found = await queries.members({"population": of_size(least, 500_000)}, "", 10)
            assert len(found.items) == number
        await client.drop_database(database.name)
