"""What plans' queries read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pymongo import ASCENDING

from services.plans.domain import (
    Duty,
    MemberCommitments,
    MemberReports,
    Plan,
    Practice,
    Publication,
    State,
    is_bound,
)
from shared.pipeline.snapshots import Document, Indexes, Views
from shared.web.paging import Page, page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from pymongo.asynchronous.database import AsyncDatabase

KINDS: Final[dict[str, type[State]]] = {
    "plans": Plan,
    "commitments": MemberCommitments,
    "reports": MemberReports,
    "practices": Practice,
    "publications": Publication,
}
INDEXES: Final[Indexes] = {
    "commitments": (("coalition", "state", "_id"), ("member.country", "_id"), ("into",)),
    "reports": (("coalition", "reports.state", "_id"), ("reports.state", "_id")),
    "practices": (("coalition", "_id"), ("points", "_id")),
    "publications": (("coalition", "kind", "_id"),),
}
_AT_ONCE: Final = 500
"""Members whose reports are read with one query."""


class PlansViews(Views[State]):
    """Plans, members' commitments and reports, practices and publications."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        super().__init__(database, KINDS, INDEXES)

    async def plans(self) -> list[Plan]:
        """Every plan of which a version is published."""
        where = {"plan_version": {"$ne": None}}
        found = self.database["plans"].find(where).sort("_id", ASCENDING)
        return [Plan.model_validate(document) async for document in found]

    async def plan(self, coalition: str) -> Plan | None:
        """A coalition's plan, perhaps without a published version yet."""
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

    async def reports(
        self, where: dict[str, str | None], after: str, limit: int
    ) -> Page[MemberReports]:
        """A page of members with their reports, by id."""
        return await page(self.database["reports"], MemberReports, where, after, limit)

    async def reports_of(self, member: str) -> MemberReports | None:
        """A member's reports."""
        document = await self.database["reports"].find_one({"_id": member})
        return MemberReports.model_validate(document) if document else None

    async def practices(
        self, where: dict[str, str | int | None], after: str, limit: int
    ) -> Page[Practice]:
        """A page of good practices, by id."""
        return await page(self.database["practices"], Practice, where, after, limit)

    async def practice(self, id_: str) -> Practice | None:
        """A good practice with its adoptions."""
        document = await self.database["practices"].find_one({"_id": id_})
        return Practice.model_validate(document) if document else None

    async def publications(
        self, where: dict[str, str | None], after: str, limit: int
    ) -> Page[Publication]:
        """A page of papers and news, by id."""
        return await page(self.database["publications"], Publication, where, after, limit)

    # --- what the sweeper asks ---------------------------------------------------------------

    async def awaiting(self, coalition: str) -> AsyncIterator[MemberCommitments]:
        """The members of a coalition that wait for its plan."""
        where = {"coalition": coalition, "state": "awaiting"}
        async for document in self.database["commitments"].find(where):
            holder = MemberCommitments.model_validate(document)
            if is_bound(holder):
                yield holder

    async def merged_into(self, members: Collection[str]) -> AsyncIterator[MemberCommitments]:
        """The duplicates that were merged into some members."""
        if not members:
            return
        async for document in self.database["commitments"].find({"into": {"$in": list(members)}}):
            yield MemberCommitments.model_validate(document)

    async def duties(self) -> AsyncIterator[tuple[Duty, MemberReports | None]]:
        """Everyone who may owe reports, with those that are known."""
        for plan in await self.plans():
            if plan.reporting is None:
                continue
            where = {"coalition": plan.id, "state": "open"}
            found = self.database["commitments"].find(where, {"commitments": 0, "past": 0})
            while documents := await found.to_list(_AT_ONCE):
                holders = [MemberCommitments.model_validate(document) for document in documents]
                known = await self.load([f"reports/{holder.id}" for holder in holders])
                for holder in holders:
                    _, reports = known.get(f"reports/{holder.id}", (0, None))
                    held = reports if isinstance(reports, MemberReports) else None
                    yield Duty(holder, plan.reporting), held
