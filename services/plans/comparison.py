"""Commitments side by side, across a coalition, a country or a point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.plans.domain import ADVANCE, BOUND
from shared.contracts.base import Country, EdtfDate, Model, Slug, Text
from shared.contracts.plans import Point, Status

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.pipeline.snapshots import Document


class Compared(Model):
    """One commitment of one member; `overdue` says that the member owes a report."""

    member: Slug
    name: Text | None
    country: Country | None
    coalition: Slug
    point: Point
    title: Text
    status: Status
    as_of: EdtfDate | None
    overdue: bool


class Comparison(Model):
    """How commitments stand.

    Attributes:
        total: how many commitments are compared.
        by_status: how many have each status.
        by_point: the same for each point of the plan.
        overdue_members: how many members among them owe an overdue report.
        first: those to look at first: stalled, then of members with an overdue report.
    """

    total: int
    by_status: dict[Status, int]
    by_point: dict[Point, dict[Status, int]]
    overdue_members: int
    first: list[Compared]


async def compare(
    database: AsyncDatabase[Document],
    coalition: str | None,
    country: str | None,
    point: int | None,
    limit: int,
) -> Comparison:
    """Compare the open commitments of those who are members, suspended ones too."""
    where: Document = {"state": "open", "standing": {"$in": sorted(BOUND)}}
    where |= {"coalition": coalition} if coalition else {}
    where |= {"member.country": country} if country else {}
    late = await _overdue(database, coalition)
    pipeline: list[Document] = [{"$match": where}, {"$unwind": "$commitments"}]
    if point:
        pipeline.append({"$match": {"commitments.point": point}})
    counts = await _counts(database, pipeline)
    overdue = await database["commitments"].count_documents({**where, "_id": {"$in": late}})
    first = await _first(database, pipeline, late, limit)
    return Comparison(
        total=sum(counts.values()),
        by_status={s: sum(n for (_, t), n in counts.items() if t == s) for s in ADVANCE},
        by_point={p: _of_point(counts, p) for p in sorted({p for p, _ in counts})},
        overdue_members=overdue,
        first=first,
    )


def _of_point(counts: dict[tuple[int, Status], int], point: int) -> dict[Status, int]:
    return {status: counts.get((point, status), 0) for status in ADVANCE}


async def _overdue(database: AsyncDatabase[Document], coalition: str | None) -> list[str]:
    where: Document = {"reports.state": "overdue"}
    where |= {"coalition": coalition} if coalition else {}
    return [doc["_id"] async for doc in database["reports"].find(where, {"_id": 1})]


async def _counts(
    database: AsyncDatabase[Document], pipeline: Sequence[Document]
) -> dict[tuple[int, Status], int]:
    by = {"point": "$commitments.point", "status": "$commitments.status"}
    group = {"$group": {"_id": by, "count": {"$sum": 1}}}
    found = await database["commitments"].aggregate([*pipeline, group])
    return {(doc["_id"]["point"], doc["_id"]["status"]): doc["count"] async for doc in found}


async def _first(
    database: AsyncDatabase[Document],
    pipeline: Sequence[Document],
    late: Collection[str],
    limit: int,
) -> list[Compared]:
    """The most urgent ones: each rank is a query of its own, until there are enough."""
    first: list[Compared] = []
    for rank in _ranks(list(late)):
        if len(first) >= limit:
            break
        order: Document = {"_id": 1, "commitments.point": 1}
        stages: list[Document] = [
            {"$match": rank},
            {"$sort": order},
            {"$limit": limit - len(first)},
        ]
        found = await database["commitments"].aggregate([*pipeline, *stages])
        first += [_compared(doc, late) async for doc in found]
    return first


def _ranks(late: list[str]) -> list[Document]:
    """Stalled ones first, then what is left of members with an overdue report, then the rest."""
    rest = [status for status in ADVANCE if status != "stalled"]
    whose: list[Document] = [{"_id": {"$in": late}}, {"_id": {"$nin": late}}]
    stalled = [{**who, "commitments.status": "stalled"} for who in whose]
    others = [{**who, "commitments.status": status} for who in whose for status in rest]
    return [*stalled, *others]


def _compared(document: dict[str, Any], late: Collection[str]) -> Compared:
    commitment, member = document["commitments"], document["member"]
    return Compared(
        member=document["_id"],
        name=member.get("name"),
        country=member.get("country"),
        coalition=document["coalition"],
        point=commitment["point"],
        title=commitment["title"],
        status=commitment["status"],
        as_of=commitment.get("as_of"),
        overdue=document["_id"] in late,
    )
