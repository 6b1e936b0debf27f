"""What plans' queries read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pymongo import ASCENDING

from services.plans.domain import MemberCommitments, Plan, State
from shared.views import Document, Page, Views, page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pymongo.asynchronous.database import AsyncDatabase


class PlansViews(Views[State]):
    """Plans and members' commitments, one document each."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        super().__init__(database, {"plans": Plan, "commitments": MemberCommitments})

    async def prepare(self) -> None:
        """Create the indexes of the filters."""
        await self.database["commitments"].create_index(
            [("coalition", ASCENDING), ("state", ASCENDING), ("_id", ASCENDING)]
        )

    async def plans(self) -> list[Plan]:
        """The newest version of every plan."""
        found = self.database["plans"].find().sort("_id", ASCENDING)
        return [Plan.model_validate(document) async for document in found]

    async def plan(self, coalition: str) -> Plan | None:
        """The newest version of a coalition's plan."""
        document = await self.database["plans"].find_one({"_id": coalition})
        return Plan.model_validate(document) if document else None

    async def of_member(self, id_: str) -> MemberCommitments | None:
        """A member's commitments."""
        document = await self.database["commitments"].find_one({"_id": id_})
        return MemberCommitments.model_validate(document) if document else None

    async def members(
        self, where: dict[str, str | None], after: str, limit: int
    ) -> Page[MemberCommitments]:
        """A page of members with their commitments, by id."""
        return await page(self.database["commitments"], MemberCommitments, where, after, limit)

    async def awaiting(self, coalition: str) -> AsyncIterator[MemberCommitments]:
        """The members of a coalition that wait for its plan."""
        where = {"coalition": coalition, "state": "awaiting"}
        async for document in self.database["commitments"].find(where):
            yield MemberCommitments.model_validate(document)
