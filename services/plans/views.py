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
    ReportingRule,
    State,
    is_bound,
)
from services.plans.projections import ReportsToCheck
from shared.pipeline.snapshots import Document, Indexes, Views
from shared.pipeline.tolerant import read, read_all, read_each
from shared.web.paging import Page, page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping

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


class PlansViews(Views[State]):
    """Plans, members' commitments and reports, practices and publications."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        super().__init__(database, KINDS, INDEXES)
        self.reports_to_check = ReportsToCheck(database)

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        await super().prepare()
        await self.reports_to_check.prepare()

    async def rewrite(self, states: Mapping[str, tuple[int, State]]) -> None:
        """See `Views.rewrite`; what is kept of the aggregates besides is made anew with them."""
        await super().rewrite(states)
        holders = [state for _, state in states.values() if isinstance(state, MemberCommitments)]
        await self.reports_to_check.mark({holder.id: holder.coalition for holder in holders})

    async def plans(self) -> list[Plan]:
        """Every plan of which a version is published."""
        where = {"plan_version": {"$ne": None}}
        found = self.database["plans"].find(where).sort("_id", ASCENDING)
        return [plan async for plan in read_each(Plan, found)]

    async def plan(self, coalition: str) -> Plan | None:
        """A coalition's plan, perhaps without a published version yet."""
        document = await self.database["plans"].find_one({"_id": coalition})
        return read(Plan, document) if document else None

    async def of_member(self, id_: str) -> MemberCommitments | None:
        """A member's commitments."""
        document = await self.database["commitments"].find_one({"_id": id_})
        return read(MemberCommitments, document) if document else None

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
        return read(MemberReports, document) if document else None

    async def practices(
        self, where: dict[str, str | int | None], after: str, limit: int
    ) -> Page[Practice]:
        """A page of good practices, by id."""
        return await page(self.database["practices"], Practice, where, after, limit)

    async def practice(self, id_: str) -> Practice | None:
        """A good practice with its adoptions."""
        document = await self.database["practices"].find_one({"_id": id_})
        return read(Practice, document) if document else None

    async def publications(
        self, where: dict[str, str | None], after: str, limit: int
    ) -> Page[Publication]:
        """A page of papers and news, by id."""
        return await page(self.database["publications"], Publication, where, after, limit)

    # --- what the clock and reactions ask ------------------------------------------------------

    async def awaiting(self, coalition: str) -> AsyncIterator[MemberCommitments]:
        """The members of a coalition that wait for its plan."""
        where = {"coalition": coalition, "state": "awaiting"}
        async for holder in read_each(MemberCommitments, self.database["commitments"].find(where)):
            if is_bound(holder):
                yield holder

    async def of_coalition(self, coalition: str) -> AsyncIterator[MemberCommitments]:
        """The members of a coalition whose commitments are open, also those that have left."""
        where = {"coalition": coalition, "state": "open"}
        async for holder in read_each(MemberCommitments, self.database["commitments"].find(where)):
            yield holder

    async def merged_into(self, members: Collection[str]) -> AsyncIterator[MemberCommitments]:
        """The duplicates that were merged into some members."""
        found = self.database["commitments"].find({"into": {"$in": list(members)}})
        async for holder in read_each(MemberCommitments, found):
            yield holder

    async def duties(
        self, members: Collection[str]
    ) -> dict[str, tuple[Duty, MemberReports | None]]:
        """What decides when some members' reports are due, and the reports that there are.

        A member of which something cannot be read is named in the log and left out.
        """
        where = {"_id": {"$in": list(members)}}
        found = self.database["commitments"].find(where, {"commitments": 0, "past": 0})
        holders = [holder async for holder in read_each(MemberCommitments, found)]
        documents = await self.database["reports"].find(where).to_list()
        reports, unreadable = read_all(MemberReports, documents)
        by_member = {one.id: one for one in reports}
        rules = await self._rules({holder.coalition for holder in holders})
        return {
            holder.id: (Duty(holder, rules.get(holder.coalition)), by_member.get(holder.id))
            for holder in holders
            if holder.id not in unreadable
        }

    async def _rules(self, coalitions: Collection[str]) -> dict[str, ReportingRule | None]:
        where = {"_id": {"$in": list(coalitions)}}
        found = self.database["plans"].find(where, {"id": 1, "reporting": 1})
        return {plan.id: plan.reporting async for plan in read_each(Plan, found)}
