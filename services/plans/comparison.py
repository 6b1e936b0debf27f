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
    from collections.abc import AsyncIterator, Collection, Iterator, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from services.plans.projections import CommitmentsByStatus


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
        first: those to look at first: stalled, then of members with an overdue report, then the
            least advanced.
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
        how_far, overdue = await self._by_status.of_those(coalition, country)
        counts = Counter({(p, s): n for p, s, n in how_far if point in {None, p}})
        where: Document = {"state": "open", "standing": {"$in": sorted(BOUND)}}
        where |= {"coalition": coalition} if coalition else {}
        where |= {"member.country": country} if country else {}
        there = {status for _, status in counts}
        first = await self._first(_Asked(where, coalition, point, limit), there, overdue)
        return Comparison(
            total=counts.total(),
            by_status={s: sum(n for (_, t), n in counts.items() if t == s) for s in ADVANCE},
            by_point={
                p: {status: counts[p, status] for status in ADVANCE}
                for p in sorted({p for p, _ in counts})
            },
            overdue_members=overdue,
            first=first,
        )

    async def _first(
        self, asked: _Asked, there: Collection[Status], overdue: int
    ) -> list[Compared]:
        """The most urgent ones: each rank is read only as far as there is room.

        What nobody has is not looked for, since an index would be read to its end for it.
        """
        first: list[Compared] = []
        if "stalled" in there:
            await self._fill(first, asked, self._with_status(asked, "stalled"), {"stalled"})
        if overdue:
            await self._fill(first, asked, self._overdue(asked), _NOT_STALLED)
        for status in ADVANCE:
            if status != "stalled" and status in there:
                await self._fill(first, asked, self._with_status(asked, status), {status})
        return first

    async def _fill(
        self,
        first: list[Compared],
        asked: _Asked,
        members: AsyncIterator[list[Document]],
        statuses: Collection[Status],
    ) -> None:
        """Add what members have of some statuses, until there are as many as were asked for."""
        if len(first) >= asked.limit:
            return
        there = {(one.member, one.point) for one in first}
        async for some in members:
            late = await self._late(some)
            for one in (one for member in some for one in _compared(member, asked.point, late)):
                if one.status in statuses and (one.member, one.point) not in there:
                    first.append(one)
                if len(first) >= asked.limit:
                    return

    async def _with_status(self, asked: _Asked, status: Status) -> AsyncIterator[list[Document]]:
        """Members that have a commitment of a status, by id, some at a time."""
        is_so = {"status": status} | ({"point": asked.point} if asked.point else {})
        where = {
            **asked.where,
            "commitments.status": status,
            "commitments": {"$elemMatch": is_so},
        }
        found = self._commitments.find(where, _COMPARED).sort("_id", ASCENDING)
        while some := await found.to_list(asked.limit):
            yield some

    async def _overdue(self, asked: _Asked) -> AsyncIterator[list[Document]]:
        """Members that owe an overdue report, by id, some at a time."""
        where: Document = {"reports.state": "overdue"}
        where |= {"coalition": asked.coalition} if asked.coalition else {}
        late = self._reports.find(where, {"_id": 1}).sort("_id", ASCENDING)
        while some := await late.to_list(asked.limit):
            ids = {"_id": {"$in": [document["_id"] for document in some]}}
            found = self._commitments.find({**asked.where, **ids}, _COMPARED)
            yield await found.sort("_id", ASCENDING).to_list()

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
