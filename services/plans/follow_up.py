"""What staff follow up: how a member stood on a day, and who owes what."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from services.plans.domain import (
    Duty,
    LocalPlan,
    LocalPlanDuty,
    MemberCommitments,
    MemberReports,
    Plan,
)
from services.plans.domain.as_of import (
    CommitmentsThen,
    ReportsThen,
    commitments_at,
    reports_at,
)
from services.plans.domain.owed import Owed, Record, What, owed
from shared.contracts.base import MemberRef, Model
from shared.pipeline.tolerant import read, read_each
from shared.web.paging import Page, page

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.pipeline.snapshots import Document


class Progress(Model):
    """How a member stood on a day.

    Attributes:
        commitments: None before it joined, and where it waited for its plan.
        reports: None where it has none.
    """

    member: MemberRef
    commitments: CommitmentsThen | None
    reports: ReportsThen | None


class FollowUp:
    """Reads what staff follow up."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._database = database

    async def progress(self, member: str, day: date) -> Progress | None:
        """How a member stood on a day, in states and in percent."""
        document = await self._database["commitments"].find_one({"_id": member})
        if document is None:
            return None
        holder = read(MemberCommitments, document)
        plans = await self._by_id("plans", Plan, [holder.coalition])
        plan = plans.get(holder.coalition)
        duty = Duty(holder, plan.reporting if plan else None)
        reports = (await self._by_id("reports", MemberReports, [member])).get(member)
        return Progress(
            member=holder.member,
            commitments=commitments_at(holder, day.isoformat()),
            reports=reports_at(duty, reports, day) if reports else None,
        )

    async def owed(
        self, coalition: str | None, what: What | None, after: str, limit: int, today: date
    ) -> Page[Owed]:
        """What some members owe and are owed, by id of the member."""
        where = {"coalition": coalition}
        found = await page(self._database["commitments"], MemberCommitments, where, after, limit)
        items = [
            one
            for record in await self._records(found.items)
            for one in owed(record, today.isoformat())
            if what in {None, one.what}
        ]
        return Page(items=items, total=found.total, next=found.next, unreadable=found.unreadable)

    async def _records(self, holders: Sequence[MemberCommitments]) -> list[Record]:
        plans = await self._by_id("plans", Plan, {holder.coalition for holder in holders})
        ids = [holder.id for holder in holders]
        reports = await self._by_id("reports", MemberReports, ids)
        duties = await self._by_id("local-plan-duties", LocalPlanDuty, ids)
        local_plans = await self._local_plans(ids)
        return [
            Record(
                holder,
                plans.get(holder.coalition),
                reports.get(holder.id),
                local_plans.get(holder.id, ()),
                duties.get(holder.id),
            )
            for holder in holders
        ]

    async def _local_plans(self, members: Sequence[str]) -> dict[str, list[LocalPlan]]:
        """The local plans of members, by the id of each holder."""
        found = self._database["local-plans"].find({"holders.id": {"$in": list(members)}})
        by_holder = defaultdict[str, list[LocalPlan]](list)
        async for plan in read_each(LocalPlan, found):
            for holder in plan.holders:
                by_holder[holder.key].append(plan)
        return by_holder

    async def _by_id(self, kind: str, model: type[Any], ids: Collection[str]) -> dict[str, Any]:
        found = self._database[kind].find({"_id": {"$in": list(ids)}})
        return {one.id: one async for one in read_each(model, found)}
