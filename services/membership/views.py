"""What membership's queries read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pymongo import ASCENDING

from services.membership.domain import Coalition, Member, State
from shared.views import Document, Page, Views, page

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase


class MembershipViews(Views[State]):
    """Coalitions and members, one document each."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        super().__init__(database, {"coalitions": Coalition, "members": Member})

    async def prepare(self) -> None:
        """Create the indexes of the filters."""
        for name in ("coalition", "country", "state"):
            await self.database["members"].create_index([(name, ASCENDING), ("_id", ASCENDING)])

    async def coalitions(self) -> list[Coalition]:
        """All coalitions, by id."""
        found = self.database["coalitions"].find().sort("_id", ASCENDING)
        return [Coalition.model_validate(document) async for document in found]

    async def coalition(self, id_: str) -> Coalition | None:
        """One coalition."""
        document = await self.database["coalitions"].find_one({"_id": id_})
        return Coalition.model_validate(document) if document else None

    async def members(self, where: dict[str, Any], after: str, limit: int) -> Page[Member]:
        """A page of the members that have the given values, by id."""
        return await page(self.database["members"], Member, where, after, limit)

    async def member(self, id_: str) -> Member | None:
        """One member with its steps, in the order in which they were told."""
        document = await self.database["members"].find_one({"_id": id_})
        return Member.model_validate(document) if document else None
