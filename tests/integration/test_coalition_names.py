"""A coalition that was renamed has its new name wherever its members and conferences are shown."""

from __future__ import annotations

import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from pymongo import AsyncMongoClient

from services.membership.domain import DECIDER, Member
from services.membership.names import name_coalitions, with_names
from services.membership.projections import MembersByState
from services.membership.queries import INDEXES, MembershipQueries
from services.membership.searching import MembersByName
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CitySigned,
    CoalitionFounded,
    CoalitionRenamed,
    ConferenceAnnounced,
)
from shared.domain.versioned import Versioned
from shared.pipeline.snapshots import Snapshots
from tests.unit.fold import Folded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pymongo.asynchronous.database import AsyncDatabase

    from tests.parts import Parts

BONN = MemberRef(name="Bonn", country="DE", kind="city")


@asynccontextmanager
async def renamed(parts: Parts) -> AsyncIterator[Snapshots[Any]]:
    """A coalition with a member and a conference, which got its name of today afterwards."""
    folded: Folded[Any] = Folded(DECIDER)
    for event in (
        CoalitionFounded(coalition="europe", name="Old", founded="2004"),
        CitySigned(coalition="europe", member=BONN, signed="2006"),
        ConferenceAnnounced(coalition="europe", conference="c", title="T", begins="2007"),
        CoalitionRenamed(coalition="europe", renamed="2016", name="New"),
    ):
        folded.tell(event)
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(parts.mongodb, tz_aware=True)
    async with client:
        database = client[f"names_{uuid.uuid4().hex[:8]}"]
        snapshots = Snapshots(database, DECIDER.states, INDEXES)
        await snapshots.project({s: Versioned(9, state) for s, state in folded.states.items()})
        yield snapshots
        await client.drop_database(database.name)


def queries_of(database: AsyncDatabase[dict[str, Any]]) -> MembershipQueries:
    return MembershipQueries(database, MembersByState(database), MembersByName(database))


async def test_a_member_and_a_conference_are_shown_with_the_name_of_today(parts: Parts) -> None:
    async with renamed(parts) as snapshots:
        queries = queries_of(snapshots.database)
        one = await queries.member("de-city-bonn")
        some = (await queries.members({}, "", 10)).items
        conference = await queries.conference("c")
        assert one
        assert conference
        assert [m.coalition_name for m in (one, *some)] == ["New", "New"]
        assert conference.coalition_name == "New"
        assert (await queries.conferences({}, "", 10)).items == [conference]


async def test_as_of_a_day_it_has_the_name_of_that_day(parts: Parts) -> None:
    async with renamed(parts) as snapshots:
        queries = queries_of(snapshots.database)
        (then,) = (await queries.members({}, "", 10, "2010-01-01")).items
        assert then.coalition_name == "Old"
        one = await queries.member("de-city-bonn", "2010-01-01")
        assert one
        assert one.coalition_name == "Old"


async def test_an_export_has_the_name_of_today(parts: Parts) -> None:
    async with renamed(parts) as snapshots:
        complete = await name_coalitions(snapshots)
        row = complete({"coalition": "europe", "coalition_name": "Old", "name": "Bonn"})
        assert row == {"coalition": "europe", "coalition_name": "New", "name": "Bonn"}
        nobodys = Member(id="x", name="X", kind="city", coalition="gone", coalition_name="Was")
        assert await with_names(snapshots.database, [nobodys]) == [nobodys]
