"""What people ask plans, and what its reactions and its clock do; read from the snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from services.plans.domain import (
    Duty,
    LocalPlanAsked,
    LocalPlanDuty,
    MemberCommitments,
    MemberReports,
    Plan,
    Practice,
    Publication,
    is_bound,
)
from services.plans.sharing import with_sharing
from shared.pipeline.snapshots import Document, Indexes
from shared.pipeline.tolerant import read, read_all, read_each
from shared.web.paging import Page, page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping

    from pymongo.asynchronous.database import AsyncDatabase

M = TypeVar("M", MemberReports, LocalPlanDuty)
INDEXES: Final[Indexes] = {
    "commitments": (
        ("coalition", "state", "_id"),
        ("state", "_id"),
        ("member.country", "_id"),
        ("plan_version", "_id"),
        ("population", "_id"),
        ("into",),
        ("bucket",),
    ),
    "reports": (("coalition", "reports.state", "_id"), ("reports.state", "_id"), ("bucket",)),
    "local-plans": (
        ("coalition", "_id"),
        ("holders.id", "_id"),
        ("holders.country", "_id"),
        ("followed.duplicate.id",),
    ),
    "local-plan-duties": (("coalition", "_id"), ("bucket",)),
    "practices": (
        ("coalition", "_id"),
        ("points", "_id"),
        ("member.id", "_id"),
        ("adoptions.member.id",),
        ("followed.duplicate.id",),
    ),
    "publications": (("coalition", "kind", "_id"),),
}
MEMBERS_ASKED: Final = {"member": (("commitments", "_id"), ("local-plans", "holders.id"))}
"""Parameters that name a member, and where one may stand."""
_NAMED: Final = {
    "local-plans": ("holders.id", "followed.duplicate.id"),
    "practices": ("member.id", "adoptions.member.id", "followed.duplicate.id"),
}
"""Where what names members names one."""
_HANDED_IN: Final = {"reports.due": 1, "reports.submitted": 1}
WITHOUT_TEXTS: Final = {"reports.texts": 0, "reports.draft": 0, "reports.comments": 0}
"""Of members' reports, what is read of single ones only."""


class Duties(NamedTuple):
    """What decides what a member owes: its duty to report with its reports, and its local plan."""

    duty: Duty
    reports: MemberReports | None
    local_plan: LocalPlanAsked


class PlansQueries:
    """Plans, members' commitments and reports, practices and publications."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._database = database

    async def plans(self, after: str, limit: int) -> Page[Plan]:
        """A page of the plans of which a version is published, by coalition."""
        where = {"plan_version": {"$ne": None}}
        return await page(self._database["plans"], Plan, where, after, limit)

    async def plan(self, coalition: str) -> Plan | None:
        """A coalition's plan, perhaps without a published version yet."""
        document = await self._database["plans"].find_one({"_id": coalition})
        return read(Plan, document) if document else None

    async def of_member(self, id_: str) -> MemberCommitments | None:
        """A member's commitments."""
        document = await self._database["commitments"].find_one({"_id": id_})
        return read(MemberCommitments, document) if document else None

    async def members(
        self, where: dict[str, Any], after: str, limit: int
    ) -> Page[MemberCommitments]:
        """A page of members with their commitments, by id."""
        return await page(self._database["commitments"], MemberCommitments, where, after, limit)

    async def reports(
        self, where: dict[str, str | None], after: str, limit: int
    ) -> Page[MemberReports]:
        """A page of members with their reports, by id; without what stands in these."""
        reports = self._database["reports"]
        return await page(reports, MemberReports, where, after, limit, fields=WITHOUT_TEXTS)

    async def reports_of(self, member: str) -> MemberReports | None:
        """A member's reports."""
        document = await self._database["reports"].find_one({"_id": member})
        return read(MemberReports, document) if document else None

    async def practices(self, where: Document, after: str, limit: int) -> Page[Practice]:
        """A page of good practices, by id; `population` is of the member that shares one."""
        wanted = await with_sharing(self._database, where)
        return await page(self._database["practices"], Practice, wanted, after, limit)

    async def practice(self, id_: str) -> Practice | None:
        """A good practice with its adoptions."""
        document = await self._database["practices"].find_one({"_id": id_})
        return read(Practice, document) if document else None

    async def publications(
        self, where: dict[str, str | None], after: str, limit: int
    ) -> Page[Publication]:
        """A page of papers and news, by id."""
        return await page(self._database["publications"], Publication, where, after, limit)

    async def publication(self, id_: str) -> Publication | None:
        """A paper, or news."""
        document = await self._database["publications"].find_one({"_id": id_})
        return read(Publication, document) if document else None


class Concerned:
    """Whom an event, or the time that passes, concerns; for reactions and the sweeper."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._database = database

    async def published(self) -> AsyncIterator[Plan]:
        """The plans of which a version is published, without their texts."""
        where, fields = {"plan_version": {"$ne": None}}, {"id": 1, "plan_version": 1}
        async for plan in read_each(Plan, self._database["plans"].find(where, fields)):
            yield plan

    async def awaiting(self, coalition: str) -> AsyncIterator[MemberCommitments]:
        """The members of a coalition that wait for its plan."""
        where = {"coalition": coalition, "state": "awaiting"}
        async for holder in read_each(MemberCommitments, self._database["commitments"].find(where)):
            if is_bound(holder):
                yield holder

    async def of_coalition(self, coalition: str) -> AsyncIterator[MemberCommitments]:
        """The members of a coalition whose commitments are open, also those that have left."""
        where, fields = {"coalition": coalition, "state": "open"}, {"commitments": 0, "past": 0}
        found = self._database["commitments"].find(where, fields)
        async for holder in read_each(MemberCommitments, found):
            yield holder

    async def merged_into(self, members: Collection[str]) -> AsyncIterator[MemberCommitments]:
        """The duplicates that were merged into some members."""
        found = self._database["commitments"].find({"into": {"$in": list(members)}})
        async for holder in read_each(MemberCommitments, found):
            yield holder

    async def duplicates(self, members: Collection[str]) -> Mapping[str, str]:
        """Those of some members that were merged into another, with its id; in one question."""
        merged = {"_id": {"$in": sorted(members)}, "into": {"$gt": ""}}
        found = self._database["commitments"].find(merged, {"into": 1})
        return {one["_id"]: one["into"] async for one in found}

    async def handed_in(self, member: str) -> AsyncIterator[str]:
        """When the reports were due that a member has handed in, or has taken over."""
        found = await self._database["reports"].find_one({"_id": member}, _HANDED_IN)
        for report in found.get("reports", ()) if found else ():
            if report.get("submitted"):
                yield report["due"]

    async def naming(self, kind: str, member: str) -> AsyncIterator[str]:
        """The ids of what of a kind names a member, or has named it before a merger."""
        where = [{field: member} for field in _NAMED[kind]]
        async for found in self._database[kind].find({"$or": where}, {"_id": 1}):
            yield found["_id"]

    async def duties(self, members: Collection[str]) -> dict[str, Duties]:
        """What decides when some members' reports and local plans are due.

        A member of which something cannot be read is named in the log and left out.
        """
        where = {"_id": {"$in": list(members)}}
        found = self._database["commitments"].find(where, {"commitments": 0, "past": 0})
        holders = [holder async for holder in read_each(MemberCommitments, found)]
        reports, unreadable = await self._by_member("reports", MemberReports, where, WITHOUT_TEXTS)
        records, also = await self._by_member("local-plan-duties", LocalPlanDuty, where)
        plans = await self._rules({holder.coalition for holder in holders})
        return {
            holder.id: _duties(
                holder,
                plans.get(holder.coalition),
                reports.get(holder.id),
                records.get(holder.id),
            )
            for holder in holders
            if holder.id not in {*unreadable, *also}
        }

    async def _by_member(
        self, kind: str, model: type[M], where: Document, fields: Document | None = None
    ) -> tuple[dict[str, M], Collection[str]]:
        """What of a kind some members have, and the ids of what cannot be read."""
        documents = await self._database[kind].find(where, fields).to_list()
        found, unreadable = read_all(model, documents)
        return {one.id: one for one in found}, unreadable

    async def _rules(self, coalitions: Collection[str]) -> dict[str, Plan]:
        """The plans of coalitions, with no more than their rules."""
        where = {"_id": {"$in": list(coalitions)}}
        found = self._database["plans"].find(where, {"id": 1, "reporting": 1, "local_plans": 1})
        return {plan.id: plan async for plan in read_each(Plan, found)}


def _duties(
    holder: MemberCommitments,
    plan: Plan | None,
    reports: MemberReports | None,
    record: LocalPlanDuty | None,
) -> Duties:
    return Duties(
        Duty(holder, plan.reporting if plan else None),
        reports,
        LocalPlanAsked(holder, plan.local_plans if plan else None, record),
    )
