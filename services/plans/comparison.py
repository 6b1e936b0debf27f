"""Commitments side by side, across a coalition, a country or a point."""

from __future__ import annotations

from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from services.plans.domain import ADVANCE, BOUND
from services.plans.projections import Rank
from shared.contracts.base import Country, EdtfDate, Model, Slug, Text
from shared.contracts.plans import Point, Status
from shared.pipeline.snapshots import Document

if TYPE_CHECKING:
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
        first: those to look at first: stalled ones of members with an overdue report, then other
            stalled ones, then what else these members have, then the least advanced.
    """

    total: int
    by_status: dict[Status, int]
    by_point: dict[Point, dict[Status, int]]
    overdue_members: int
    first: list[Compared]


class _Asked(NamedTuple):
    """Which commitments are compared: of a coalition, a country and a point; None for all."""

    coalition: str | None
    country: str | None
    point: int | None
    limit: int

    @property
    def where(self) -> Document:
        """The members that they are of."""
        where: Document = {"state": "open", "standing": {"$in": sorted(BOUND)}}
        where |= {"coalition": self.coalition} if self.coalition else {}
        return where | ({"member.country": self.country} if self.country else {})


_STALLED: Final[frozenset[Status]] = frozenset({"stalled"})
_RANKS: Final = (
    Rank(_STALLED, is_overdue=True),
    Rank(_STALLED, is_overdue=False),
    Rank(frozenset(ADVANCE) - _STALLED, is_overdue=True),
    *(Rank(frozenset({one}), is_overdue=False) for one in ADVANCE if one not in _STALLED),
)
"""The most urgent ones first."""
_AT_ONCE: Final = 64
"""Parts that are read together."""
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
        counts = Counter({at: n for at, n in found.counts.items() if point in {None, at[0]}})
        first: dict[tuple[str, int], Compared] = {}
        for rank in _RANKS:
            await self._fill(first, _Asked(coalition, country, point, limit), rank)
        return Comparison(
            total=counts.total(),
            by_status={s: sum(n for (_, t), n in counts.items() if t == s) for s in ADVANCE},
            by_point={
                p: {status: counts[p, status] for status in ADVANCE}
                for p in sorted({p for p, _ in counts})
            },
            overdue_members=found.overdue,
            first=list(first.values()),
        )

    async def _fill(
        self, first: dict[tuple[str, int], Compared], asked: _Asked, rank: Rank
    ) -> None:
        """Add what has a rank, as far as there is room.

        The numbers of the parts say in which of them there is such a one, and how many parts are
        enough: so it takes the same time however many members there are.
        """
        some, expected = list[int](), 0
        parts = self._by_status.having(rank, asked.coalition, asked.country, asked.point)
        for part, count in parts if len(first) < asked.limit else ():
            some.append(part)
            expected += count
            if len(first) + expected >= asked.limit or len(some) == _AT_ONCE:
                await self._add(first, asked, rank, some)
                some, expected = [], 0
            if len(first) >= asked.limit:
                return
        if some:
            await self._add(first, asked, rank, some)

    async def _add(
        self, first: dict[tuple[str, int], Compared], asked: _Asked, rank: Rank, parts: list[int]
    ) -> None:
        """Add what has a rank in some parts, by member."""
        of_those: Document = {"part": {"$in": parts}}
        overdue = self._reports.find({**of_those, "reports.state": "overdue"}, {"_id": 1})
        late = {document["_id"] async for document in overdue}
        found = await self._commitments.find({**of_those, **asked.where}, _COMPARED).to_list()
        for member in sorted(found, key=itemgetter("_id")):
            if (member["_id"] in late) != rank.is_overdue:
                continue
            for commitment in member.get("commitments", ()):
                point, status = commitment["point"], commitment["status"]
                fits = status in rank.statuses and asked.point in {None, point}
                if fits and len(first) < asked.limit:
                    first[member["_id"], point] = _compared(member, commitment, rank)


def _compared(document: Document, commitment: Document, rank: Rank) -> Compared:
    member = document["member"]
    return Compared(
        member=document["_id"],
        name=member.get("name"),
        country=member.get("country"),
        coalition=document["coalition"],
        point=commitment["point"],
        title=commitment["title"],
        status=commitment["status"],
        as_of=commitment.get("as_of"),
        overdue=rank.is_overdue,
    )
