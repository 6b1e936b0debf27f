"""What staff follow up: how a member stood on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.plans.domain import Duty, MemberCommitments, MemberReports, Plan
from services.plans.domain.as_of import (
    CommitmentsThen,
    ReportsThen,
    commitments_at,
    reports_at,
)
from shared.contracts.base import MemberRef, Model
from shared.pipeline.tolerant import read, read_each

if TYPE_CHECKING:
    from collections.abc import Collection
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

    async def _by_id(self, kind: str, model: type[Any], ids: Collection[str]) -> dict[str, Any]:
        found = self._database[kind].find({"_id": {"$in": list(ids)}})
        return {one.id: one async for one in read_each(model, found)}
