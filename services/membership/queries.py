"""What people ask membership; it is read from the snapshots and the projections."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from pymongo import ASCENDING

from services.membership.domain import (
    Alike,
    Coalition,
    Conference,
    Member,
    Statistics,
    below,
    statistics,
)
from services.membership.names import with_names
from shared.pipeline.snapshots import Document, Indexes
from shared.pipeline.tolerant import read, read_each
from shared.web.paging import Page, page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from pymongo.asynchronous.database import AsyncDatabase

    from services.membership.projections import MembersByState
    from services.membership.searching import MembersByName
    from shared.pipeline.engine import Clock

_AT_ONCE: Final = 500
"""Members that are read before something else has its turn."""
_FEW: Final = 500
"""Members that are looked up by their ids."""
INDEXES: Final[Indexes] = {
    "members": (
        ("coalition", "_id"),
        ("country", "_id"),
        ("kind", "_id"),
        ("state", "_id"),
        ("moves.coalition",),
        ("standings.since",),
        ("part_of", "_id"),
        ("population", "_id"),
        ("qualifier", "_id"),
        ("bucket",),
    ),
    "conferences": (("coalition", "_id"),),
}
MEMBERS_ASKED: Final = {
    "part_of": (("members", "_id"), ("members", "part_of")),
    "city": (("members", "_id"), ("coalitions", "offices.city.id")),
}
"""Parameters that name a member, and where one may stand."""


class MembershipQueries:
    """Coalitions, members, conferences and their numbers.

    Args:
        by_state: how many were what, on any day.
        by_name: finds members by their names.
        clock: tells the time, aware, UTC.
    """

    def __init__(
        self,
        database: AsyncDatabase[Document],
        by_state: MembersByState,
        by_name: MembersByName,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._by_state = by_state
        self._by_name = by_name
        self._clock = clock

    async def coalitions(self, after: str, limit: int) -> Page[Coalition]:
        """A page of the coalitions, by id."""
        return await page(self._database["coalitions"], Coalition, {}, after, limit)

    async def coalition(self, id_: str) -> Coalition | None:
        """One coalition."""
        document = await self._database["coalitions"].find_one({"_id": id_})
        return read(Coalition, document) if document else None

    async def members(
        self, where: dict[str, Any], after: str, limit: int, day: str | None = None
    ) -> Page[Member]:
        """A page of the members that have the given values, by id, now or as of a day."""
        if day is None:
            now = await page(self._database["members"], Member, where, after, limit)
            return now.model_copy(update={"items": await with_names(self._database, now.items)})
        state, coalition = where.get("state"), where.get("coalition")
        total = await self._total(where, day)
        if total == 0:
            return Page(items=[], total=0)
        then = {**where, "state": None, "standings": _standing_on(day, state)}
        if coalition:
            then |= {"coalition": None, **_ever_in([coalition])}
        if "_id" not in where and (early := await _begun_by(self._database, day)):
            then["_id"] = {"$in": early}
        found = await page(self._database["members"], Member, then, after, limit, total=total)
        items = [as_it_was for member in found.items if (as_it_was := member.as_of(day))]
        items = [member for member in items if coalition in {None, member.coalition}]
        items = await with_names(self._database, items, day)
        return found.model_copy(update={"items": items})

    async def _total(self, where: Mapping[str, Any], day: str) -> int | None:
        """How many were what is asked for on a day; None where that is not kept."""
        asked = {name for name, value in where.items() if value is not None}
        if asked - {"coalition", *Alike._fields}:
            return None
        coalition = where.get("coalition")
        ordinal = date.fromisoformat(day).toordinal()
        counts = await self._by_state.on(ordinal, {coalition} if coalition else None)
        wanted = [where.get(name) for name in Alike._fields]
        return sum(
            number
            for alike, number in counts.items()
            if all(w in {None, its} for w, its in zip(wanted, alike, strict=True))
        )

    async def named(
        self, text: str, where: dict[str, Any], after: str, limit: int, day: str | None = None
    ) -> Page[Member]:
        """A page of the members that are or were called so, by id.

        `limit` and `total` count those of the name; of a page, not all need have a state or a day.
        """
        found = await self._by_name.find(text, where, after, limit)
        ids = {"_id": {"$in": [one.id for one in found.items]}}
        members = await self.members({**where, **ids}, "", limit, day)
        items, unreadable = members.items, members.unreadable
        return Page(items=items, total=found.total, next=found.next, unreadable=unreadable)

    async def member(self, id_: str, day: str | None = None) -> Member | None:
        """One member with its steps in their order; its coalition's name is that of a day."""
        document = await self._database["members"].find_one({"_id": id_})
        found = [read(Member, document)] if document else []
        return next(iter(await with_names(self._database, found, day)), None)

    async def members_of(self, coalitions: Iterable[str]) -> AsyncIterator[Member]:
        """All members of some coalitions, duplicates left out; read some at a time."""
        where = {"coalition": {"$in": sorted(coalitions)}}
        async for member in _each(self._database, where):
            yield member

    async def statistics(self, id_: str, day: str | None = None) -> Statistics | None:
        """The numbers of a coalition, and of those below it, today or as of another day."""
        coalition = await self.coalition(id_)
        if coalition is None:
            return None
        coalitions = below(await self._parents(), id_)
        asked = date.fromisoformat(day) if day else self._clock().date()
        counts = await self._by_state.on(asked.toordinal(), coalitions)
        return statistics(coalition, counts, asked.isoformat())

    async def conferences(
        self, where: dict[str, Any], after: str, limit: int, day: str | None = None
    ) -> Page[Conference]:
        """A page of the conferences that have the given values, by id, now or as of a day."""
        if day:
            dated = ("announced", "begins", "cancelled")
            where = {**where, "$or": [{name: {"$lte": day}} for name in dated]}
        found = await page(self._database["conferences"], Conference, where, after, limit)
        items = [c for c in (one.as_of(day) if day else one for one in found.items) if c]
        items = await with_names(self._database, items, day)
        return found.model_copy(update={"items": items})

    async def conference(self, id_: str, day: str | None = None) -> Conference | None:
        """One conference; its coalition's name is that of a day."""
        document = await self._database["conferences"].find_one({"_id": id_})
        found = [read(Conference, document)] if document else []
        return next(iter(await with_names(self._database, found, day)), None)

    async def _parents(self) -> dict[str, str | None]:
        """The coalition above each; without one, None."""
        found = self._database["coalitions"].find({}, {"parent": 1}).sort("_id", ASCENDING)
        return {document["_id"]: document.get("parent") async for document in found}


async def _begun_by(database: AsyncDatabase[Document], day: str) -> list[str] | None:
    """The ids of those that had begun by an early day; None where these are not few.

    To look for a few in the order of ids would take the longer the more there are.
    """
    found = database["members"].find({"standings.since": {"$lte": day}}, {"_id": 1})
    ids = [one["_id"] async for one in found.limit(_FEW + 1)]
    return ids if len(ids) <= _FEW else None


async def _each(database: AsyncDatabase[Document], where: Document) -> AsyncIterator[Member]:
    """Members, duplicates left out; read some at a time."""
    found = database["members"].find({**where, "merged_into": None}, batch_size=_AT_ONCE)
    async for member in read_each(Member, found):
        yield member


def _ever_in(coalitions: Iterable[str]) -> Document:
    """Members that are in a coalition, or were before they moved."""
    ids = {"$in": sorted(coalitions)}
    return {"$or": [{"coalition": ids}, {"moves.coalition": ids}]}


def _standing_on(day: str, state: str | None) -> dict[str, Any]:
    """A standing that had begun on a day and had not ended."""
    lasts = {"$or": [{"until": None}, {"until": {"$gt": day}}]}
    wanted = {"state": state} if state else {}
    return {"$elemMatch": {"since": {"$lte": day}, **lasts, **wanted}}
