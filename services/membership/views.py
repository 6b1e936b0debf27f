"""What membership's queries read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pymongo import ASCENDING

from services.membership.domain import (
    Coalition,
    Conference,
    Member,
    State,
    Statistics,
    below,
    statistics,
)
from shared.pipeline.snapshots import Document, Indexes, Views
from shared.pipeline.tolerant import read, read_each
from shared.web.paging import Page, page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from pymongo.asynchronous.database import AsyncDatabase


KINDS: Final[dict[str, type[State]]] = {
    "coalitions": Coalition,
    "members": Member,
    "conferences": Conference,
}
INDEXES: Final[Indexes] = {
    "members": (("coalition", "_id"), ("country", "_id"), ("state", "_id")),
    "conferences": (("coalition", "_id"),),
}


class MembershipViews(Views[State]):
    """Coalitions, members and conferences, one document each."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        super().__init__(database, KINDS, INDEXES)

    async def coalitions(self) -> list[Coalition]:
        """All coalitions, by id."""
        found = self.database["coalitions"].find().sort("_id", ASCENDING)
        return [coalition async for coalition in read_each(Coalition, found)]

    async def coalition(self, id_: str) -> Coalition | None:
        """One coalition."""
        document = await self.database["coalitions"].find_one({"_id": id_})
        return read(Coalition, document) if document else None

    async def members(
        self, where: dict[str, Any], after: str, limit: int, day: str | None = None
    ) -> Page[Member]:
        """A page of the members that have the given values, by id, now or as of a day."""
        if day is None:
            return await page(self.database["members"], Member, where, after, limit)
        state = where.get("state")
        then = {**where, "state": None, "standings": _standing_on(day, state)}
        found = await page(self.database["members"], Member, then, after, limit)
        items = [as_it_was for member in found.items if (as_it_was := member.as_of(day))]
        return found.model_copy(update={"items": items})

    async def member(self, id_: str) -> Member | None:
        """One member with its steps, in the order in which they happened."""
        document = await self.database["members"].find_one({"_id": id_})
        return read(Member, document) if document else None

    async def members_of(self, coalitions: Iterable[str]) -> AsyncIterator[Member]:
        """All members of some coalitions, duplicates left out."""
        where = {"coalition": {"$in": sorted(coalitions)}, "merged_into": None}
        async for member in read_each(Member, self.database["members"].find(where)):
            yield member

    async def statistics(self, id_: str, day: str) -> Statistics | None:
        """The numbers of a coalition, and of those below it, as of a day."""
        coalitions = await self.coalitions()
        coalition = next((c for c in coalitions if c.id == id_), None)
        if coalition is None:
            return None
        members = [member async for member in self.members_of(below(coalitions, id_))]
        return statistics(coalition, members, day)

    async def conferences(self, where: dict[str, Any], after: str, limit: int) -> Page[Conference]:
        """A page of the conferences that have the given values, by id."""
        return await page(self.database["conferences"], Conference, where, after, limit)

    async def conference(self, id_: str) -> Conference | None:
        """One conference."""
        document = await self.database["conferences"].find_one({"_id": id_})
        return read(Conference, document) if document else None


def _standing_on(day: str, state: str | None) -> dict[str, Any]:
    """A standing that had begun on a day and had not ended."""
    lasts = {"$or": [{"until": None}, {"until": {"$gt": day}}]}
    wanted = {"state": state} if state else {}
    return {"$elemMatch": {"since": {"$lte": day}, **lasts, **wanted}}
