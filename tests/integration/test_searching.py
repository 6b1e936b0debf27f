"""Members are found by name in any script, by qualifier, page by page, by an index alone."""

from __future__ import annotations

import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from pymongo import AsyncMongoClient

from services.membership.domain import DECIDER
from services.membership.queries import INDEXES, MembershipQueries
from services.membership.searching import MembersByName
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CitySigned,
    CoalitionFounded,
    MemberDescribed,
    MemberRenamed,
    MemberWithdrawn,
)
from shared.domain.versioned import Versioned
from shared.pipeline.snapshots import Snapshots
from tests.unit.fold import Folded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from shared.contracts.base import Event
    from tests.parts import Parts

NUREMBERG = MemberRef(name="Nuremberg", local_name="Nürnberg", country="DE", kind="city")
FUJI = MemberRef(name="Fuji", local_name="富士市", country="JP", kind="city")
MOSCOW = MemberRef(name="Moscow", local_name="Москва", country="RU", kind="city")
MUNSTER = MemberRef(name="Münster", country="DE", kind="city", qualifier="Q2742")
CITIES = (NUREMBERG, FUJI, MOSCOW, MUNSTER)


class Cities:
    """Cities of a coalition, as they are stored and found."""

    def __init__(self, database: Any) -> None:
        self.folded: Folded[Any] = Folded(DECIDER)
        self.snapshots = Snapshots(database, DECIDER.states, INDEXES)
        self.by_name = MembersByName(database)
        self.queries = MembershipQueries(database, None, self.by_name)  # type: ignore[arg-type]  # not asked
        self.version = 0

    async def tell(self, *events: Event) -> None:
        for event in events:
            self.folded.tell(event)
        await self.write(self.folded.states)

    async def write(self, states: Mapping[Any, Any]) -> None:
        self.version += 1
        await self.snapshots.project({s: Versioned(self.version, one) for s, one in states.items()})
        await self.by_name.project(states, [])

    async def found(self, name: str, **where: Any) -> list[str]:
        return [one.id for one in (await self.queries.named(name, where, "", 50)).items]


@asynccontextmanager
async def cities(parts: Parts) -> AsyncIterator[Cities]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(parts.mongodb, tz_aware=True)
    async with client:
        database = client[f"searching_{uuid.uuid4().hex[:8]}"]
        here = Cities(database)
        await here.by_name.prepare()
        founded = [CoalitionFounded(coalition="europe", name="E", founded="2004")]
        signed = [CitySigned(coalition="europe", member=one, signed="2006") for one in CITIES]
        await here.tell(*founded, *signed)
        yield here
        await client.drop_database(database.name)


async def test_a_member_is_found_in_any_script_with_or_without_accents(parts: Parts) -> None:
    async with cities(parts) as here:
        for name in ("nurn", "NÜRN", "Nu\u0308rnberg", "nuremberg"):
            assert await here.found(name) == [NUREMBERG.key]
        for name in ("富士", "fuji"):
            assert await here.found(name) == [FUJI.key]
        for name in ("москв", "moskva", "Moscow"):
            assert await here.found(name) == [MOSCOW.key]
        assert await here.found("m") == sorted([MOSCOW.key, MUNSTER.key])
        assert await here.found("berg") == []
        assert await here.found("?!") == []


async def test_it_is_found_by_what_it_was_called_and_is_called_from_now_on(parts: Parts) -> None:
    async with cities(parts) as here:
        await here.tell(
            MemberRenamed(coalition="europe", member=FUJI, renamed="2020", name="Yoshiwara Fuji")
        )
        assert await here.found("yoshi fuj") == [FUJI.key]
        assert await here.found("富士") == [FUJI.key]
        described = {"names": {"fr": "Nuremberg-la-Belle"}}
        await here.tell(MemberDescribed(coalition="europe", member=NUREMBERG, **described))
        assert await here.found("belle") == [NUREMBERG.key]


async def test_a_name_is_asked_together_with_what_else_filters(parts: Parts) -> None:
    async with cities(parts) as here:
        await here.tell(MemberWithdrawn(coalition="europe", member=MUNSTER, withdrawn="2020"))
        assert await here.found("m", country="DE") == [MUNSTER.key]
        assert await here.found("m", coalition="africa") == []
        assert await here.found("m", state="withdrawn") == [MUNSTER.key]
        (then,) = (await here.queries.named("mun", {}, "", 50, "2010-01-01")).items
        assert then.state == "member"
        assert [
            m.id for m in (await here.queries.members({"qualifier": "Q2742"}, "", 5)).items
        ] == [MUNSTER.key]


async def test_what_was_found_is_paged(parts: Parts) -> None:
    async with cities(parts) as here:
        first = await here.queries.named("m", {}, "", 1)
        second = await here.queries.named("m", {}, first.next or "", 1)
        assert [one.items[0].id for one in (first, second)] == sorted([MOSCOW.key, MUNSTER.key])
        assert (first.total, second.next) == (2, None)


async def test_of_several_words_the_rarest_is_looked_for_in_the_index(parts: Parts) -> None:
    async with cities(parts) as here:
        names, asked = here.snapshots.database["names"], list[Any]()
        await names.insert_many(
            [
                {"_id": f"x-{n}", "id": f"x-{n}", "version": 1, "digest": ""}
                | {"beginnings": ["q", "saint"], "words": ["q", "saint"]}
                for n in range(20)
            ]
        )
        await names.update_one({"_id": "x-7"}, {"$push": {"words": "qu", "beginnings": "qu"}})
        found = here.by_name._names.find  # noqa: SLF001 - watched, not changed

        def watched(where: Any, *more: Any) -> Any:
            asked.append(where["beginnings"])
            return found(where, *more)

        here.by_name._names.find = watched  # type: ignore[method-assign]  # noqa: SLF001 - likewise
        page = await here.by_name.find("saint qu", {}, "", 50)
        assert ([one.id for one in page.items], page.total, asked) == (["x-7"], 1, ["qu"])
        assert (await here.by_name.find("saint zzz", {}, "", 50)).total == 0
        assert asked == ["qu"]


async def test_who_was_away_while_a_name_changed_does_not_take_it_back(parts: Parts) -> None:
    async with cities(parts) as here:
        before = dict(here.folded.states)
        await here.tell(MemberRenamed(coalition="europe", member=FUJI, renamed="2020", name="Zen"))
        late = MembersByName(here.snapshots.database)
        await late.project(before, [])
        assert await here.found("zen") == [FUJI.key]


async def test_names_are_written_only_when_they_change(parts: Parts) -> None:
    async with cities(parts) as here:
        names = here.snapshots.database["names"]
        before = {one["_id"]: one["version"] async for one in names.find()}
        await here.write(here.folded.states)
        assert {one["_id"]: one["version"] async for one in names.find()} == before
        await here.by_name.rebuild(here.folded.states)
        assert {one["version"] async for one in names.find()} == {here.version}


async def test_a_search_looks_at_no_more_than_a_page_of_what_matches(parts: Parts) -> None:
    async with cities(parts) as here:
        names = here.snapshots.database["names"]
        await names.insert_many(
            [
                {
                    "_id": f"x-{n:04}",
                    "id": f"x-{n:04}",
                    "version": 1,
                    "digest": "",
                    "beginnings": ["x"],
                }
                for n in range(2000)
            ]
        )
        found = names.find({"beginnings": "x"}).sort("_id").limit(51)
        plan = await found.explain()
        assert "IXSCAN" in str(plan)
        stages = str(plan["queryPlanner"]["winningPlan"])
        assert "'SORT'" not in stages
