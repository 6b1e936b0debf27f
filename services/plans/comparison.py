"""Commitments side by side, across a coalition, a country or a point."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from pymongo import ASCENDING

from services.plans.domain import ADVANCE, BOUND
from shared.contracts.base import Country, EdtfDate, Model, Slug, Text
from shared.contracts.plans import Point, Status
from shared.pipeline.snapshots import Document

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from services.plans.projections import CommitmentsByStatus, Counts


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
        first: those to look at first: stalled ones of members with an overdue report, then other
            stalled ones, then what else these members have, then the least advanced.
    """

    total: int
    by_status: dict[Status, int]
    by_point: dict[Point, dict[Status, int]]
    overdue_members: int
    first: list[Compared]


class _Asked(NamedTuple):
    """Which commitments are compared: of members like `where`, of a coalition, and of a point."""

    where: Document
    coalition: str | None
    point: int | None
    limit: int


_AT_ONCE: Final = 200
"""Members with an overdue report that are looked at together."""
_NOT_STALLED: Final = frozenset(ADVANCE) - {"stalled"}
_COMPARED: Final = {
    "member": 1,
    "coalition": 1,
    "commitments.point": 1,
    "commitments.title": 1,
    "commitments.status": 1,
    "commitments.as_of": 1,
}


class Comparisons:
    """Compares the open commitments of those who are members, suspended ones too.

    Args:
        by_status: how many are how far.
    """

    def __init__(self, database: AsyncDatabase[Document], by_status: CommitmentsByStatus) -> None:
        self._commitments = database["commitments"]
        self._reports = database["reports"]
        self._by_status = by_status

    async def compare(
        self, coalition: str | None, country: str | None, point: int | None, limit: int
    ) -> Comparison:
        """Compare those of a coalition, a country, a point; None stands for all."""
        found = await self._by_status.of_those(coalition, country)
        counts = Counter({(p, s): n for p, s, n in found.how_far if point in {None, p}})
        where: Document = {"state": "open", "standing": {"$in": sorted(BOUND)}}
        where |= {"coalition": {"$in": sorted(found.coalitions)}}
        where |= {"member.country": country} if country else {}
        first = await self._first(_Asked(where, coalition, point, limit), found)
        return Comparison(
            total=counts.total(),
            by_status={s: sum(n for (_, t), n in counts.items() if t == s) for s in ADVANCE},
            by_point={
                p: {status: counts[p, status] for status in ADVANCE}
                for p in sorted({p for p, _ in counts})
            },
            overdue_members=found.overdue,
            first=first,
        )

    async def _first(self, asked: _Asked, found: Counts) -> list[Compared]:
        """The most urgent ones: each rank is read only as far as there is room.

        What nobody has is not looked for, since an index would be read to its end for it.
        """
        first: dict[tuple[str, int], Compared] = {}
        there = {status for p, status, _ in found.how_far if asked.point in {None, p}}
        stalled = sum(n for p, n in found.stalled.items() if asked.point in {None, p})
        await self._add_overdue(first, asked, {"stalled"}, stalled)
        if "stalled" in there and len(first) < asked.limit:
            await self._add(first, asked, await self._with_status(asked, "stalled"), {"stalled"})
        if found.overdue:
            await self._add_overdue(first, asked, _NOT_STALLED, asked.limit)
        for status in ADVANCE:
            if status != "stalled" and status in there and len(first) < asked.limit:
                await self._add(first, asked, await self._with_status(asked, status), {status})
        return list(first.values())

    async def _add_overdue(
        self,
        first: dict[tuple[str, int], Compared],
        asked: _Asked,
        statuses: Collection[Status],
        most: int,
    ) -> None:
        """Add so many that members with an overdue report have, some members at a time."""
        enough = min(asked.limit, len(first) + most)
        where: Document = {"reports.state": "overdue"}
        where |= {"coalition": asked.coalition} if asked.coalition else {}
        after = ""
        while len(first) < enough:
            late = self._reports.find({**where, "_id": {"$gt": after}}, {"_id": 1})
            ids = [one["_id"] async for one in late.sort("_id", ASCENDING).limit(_AT_ONCE)]
            if not ids:
                return
            after = ids[-1]
            found = self._commitments.find({**asked.where, "_id": {"$in": ids}}, _COMPARED)
            members = await found.sort("_id", ASCENDING).to_list()
            await self._add(first, asked, members, statuses)

    async def _add(
        self,
        first: dict[tuple[str, int], Compared],
        asked: _Asked,
        members: Sequence[Document],
        statuses: Collection[Status],
    ) -> None:
        """Add what members have of some statuses, as far as there is room."""
        late = await self._late(members)
        for one in (one for member in members for one in _compared(member, asked.point, late)):
            if len(first) >= asked.limit:
                return
            if one.status in statuses:
                first.setdefault((one.member, one.point), one)

    async def _with_status(self, asked: _Asked, status: Status) -> Sequence[Document]:
        """Members that have a commitment of a status, by id, as many as there is need for.

        Of each at least one commitment counts, unless it was added before.
        """
        is_so = {"status": status} | ({"point": asked.point} if asked.point else {})
        of_that = {"commitments.status": status, "commitments": {"$elemMatch": is_so}}
        found = self._commitments.find({**asked.where, **of_that}, _COMPARED)
        return await found.sort("_id", ASCENDING).limit(2 * asked.limit).to_list()

    async def _late(self, members: Sequence[Document]) -> set[str]:
        where = {"_id": {"$in": [one["_id"] for one in members]}, "reports.state": "overdue"}
        return {document["_id"] async for document in self._reports.find(where, {"_id": 1})}


def _compared(document: Document, point: int | None, late: Collection[str]) -> Iterator[Compared]:
    member = document["member"]
    for commitment in document.get("commitments", ()):
        if point in {None, commitment["point"]}:
            yield Compared(
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
