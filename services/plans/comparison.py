"""Commitments side by side, across a coalition, a country or a point."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Final

from services.plans.by_status import Asked, Rank, chosen_in, is_counted
from services.plans.domain import ADVANCE, BOUND, Plan, comparing
from services.plans.domain.commitments.size import Size, having
from shared.contracts.base import Country, EdtfDate, Model, Slug, Text
from shared.contracts.plans import Percent, Point, Status, Version
from shared.pipeline.snapshots import Document
from shared.pipeline.tolerant import read_each

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pymongo.asynchronous.database import AsyncDatabase

    from services.plans.by_status import CommitmentsByStatus, HowFar


class Compared(Model):
    """One commitment of one member.

    Attributes:
        taken_up: whether the member has chosen it, or none of the ten; its choice has a term.
        overdue: whether the member owes an overdue report.
    """

    member: Slug
    name: Text | None
    country: Country | None
    coalition: Slug
    plan_version: Version
    point: Point
    title: Text
    status: Status
    percent: Percent | None
    as_of: EdtfDate | None
    taken_up: bool
    overdue: bool


class OfPoint(Model):
    """How the commitments of one point stand; its number in another version is another point."""

    coalition: Slug
    plan_version: Version
    point: Point
    title: Text | None
    by_status: dict[Status, int]


class Comparison(Model):
    """How commitments stand.

    Attributes:
        total: how many commitments are compared: of members that chose some, only these.
        not_taken_up: how many commitments there are besides, which their members did not choose.
        by_status: how many have each status.
        by_point: the same for each point of each version of each plan.
        by_area: the same for each area of competence; a commitment of two areas counts in both.
        by_instrument: the same for each international instrument, by name.
        by_size: the same for members of each class of size, by the last count of their people.
        overdue_members: how many members among them owe an overdue report.
        first: those to look at first: stalled ones of members with an overdue report, then other
            stalled ones, then what else these members have, then the least advanced.
    """

    total: int
    not_taken_up: int
    by_status: dict[Status, int]
    by_point: list[OfPoint]
    by_area: dict[Slug, dict[Status, int]]
    by_instrument: dict[Text, dict[Status, int]]
    by_size: dict[Size, dict[Status, int]]
    overdue_members: int
    first: list[Compared]


class Unlike(Exception):
    """What would be compared under one number is not the same; the message says what to give."""


def _members(asked: Asked) -> Document:
    """The members whose commitments are asked for."""
    where: Document = {"state": "open", "standing": {"$in": sorted(BOUND)}}
    where |= {"coalition": asked.coalition} if asked.coalition else {}
    where |= {"plan_version": asked.plan_version} if asked.plan_version else {}
    where |= {"population": having(asked.size)} if asked.size else {}
    return where | ({"member.country": asked.country} if asked.country else {})


_STALLED: Final[frozenset[Status]] = frozenset({"stalled"})
_RANKS: Final = (
    Rank(_STALLED, is_overdue=True),
    Rank(_STALLED, is_overdue=False),
    Rank(frozenset(ADVANCE) - _STALLED, is_overdue=True),
    *(Rank(frozenset({one}), is_overdue=False) for one in ADVANCE if one not in _STALLED),
)
"""The most urgent ones first."""
_AT_ONCE: Final = 64
"""Buckets that are read together."""
_COMPARED: Final = {
    "member": 1,
    "coalition": 1,
    "plan_version": 1,
    "choices": 1,
    "commitments.percent": 1,
    "commitments.point": 1,
    "commitments.title": 1,
    "commitments.status": 1,
    "commitments.borne_by": 1,
    "commitments.as_of": 1,
}


class Comparisons:
    """Compares the open commitments of those who are members, suspended ones and those on hold too.

    Args:
        by_status: how many are how far.
    """

    def __init__(self, database: AsyncDatabase[Document], by_status: CommitmentsByStatus) -> None:
        self._commitments = database["commitments"]
        self._reports = database["reports"]
        self._plans = database["plans"]
        self._by_status = by_status

    async def compare(self, asked: Asked, limit: int) -> Comparison:
        """Compare those that are asked for, and list so many to look at first.

        Raises:
            Unlike: the point is not the same one for all that would be compared.
        """
        found = await self._by_status.of_those(asked)
        if asked.point is not None:
            _refuse_unlike(found, asked.point)
        plans = await self._plans_of({one.which.coalition for one in found.counted})
        first: dict[tuple[str, int], Compared] = {}
        for rank in _RANKS:
            await self._fill(first, asked, rank, limit)
        return _comparison(found, plans, list(first.values()))

    async def _plans_of(self, coalitions: Collection[str]) -> dict[str, Plan]:
        found = self._plans.find({"_id": {"$in": sorted(coalitions)}})
        return {plan.id: plan async for plan in read_each(Plan, found)}

    async def _fill(
        self, first: dict[tuple[str, int], Compared], asked: Asked, rank: Rank, limit: int
    ) -> None:
        """Add what has a rank, as far as there is room.

        The numbers of the buckets say in which of them there is such a one, and how many of them
        are enough: so it takes the same time however many members there are.
        """
        some, expected = list[int](), 0
        buckets = self._by_status.having(rank, asked)
        for bucket, count in buckets if len(first) < limit else ():
            some.append(bucket)
            expected += count
            if len(first) + expected >= limit or len(some) == _AT_ONCE:
                _add(first, await self._having(asked, rank, some), asked, rank, limit)
                some, expected = [], 0
            if len(first) >= limit:
                return
        if some:
            _add(first, await self._having(asked, rank, some), asked, rank, limit)

    async def _having(self, asked: Asked, rank: Rank, buckets: list[int]) -> list[Document]:
        """Members of some buckets that are asked for, and owe a report as those of a rank do."""
        of_those: Document = {"bucket": {"$in": buckets}}
        overdue = self._reports.find({**of_those, "reports.state": "overdue"}, {"_id": 1})
        late = {document["_id"] async for document in overdue}
        found = await self._commitments.find({**of_those, **_members(asked)}, _COMPARED).to_list()
        today = self._by_status.today()
        return [
            member | {"chosen": chosen_in(member, today)}
            for member in found
            if (member["_id"] in late) == rank.is_overdue
        ]


def _add(
    first: dict[tuple[str, int], Compared],
    members: list[Document],
    asked: Asked,
    rank: Rank,
    limit: int,
) -> None:
    """Add what members have of a rank, as far as there is room."""
    for member in sorted(members, key=itemgetter("_id")):
        for commitment in member.get("commitments", ()):
            point, status = commitment["point"], commitment["status"]
            fits = status in rank.statuses and asked.point in {None, point}
            if fits and len(first) < limit:
                first[member["_id"], point] = _compared(member, commitment, rank)


def _refuse_unlike(found: HowFar, point: int) -> None:
    """Refuse a point that is another one in another coalition's plan, or in another version.

    Raises:
        Unlike: it is.
    """
    plans = sorted({(one.which.coalition, one.which.plan_version) for one in found.counted})
    if len(plans) > 1:
        there = ", ".join(f"{coalition} version {version}" for coalition, version in plans[:5])
        raise Unlike(
            f"point {point} is another one in each plan: give coalition and version, one of {there}"
        )


def _comparison(found: HowFar, plans: Mapping[str, Plan], first: list[Compared]) -> Comparison:
    taken_up = [one for one in found.counted if one.taken_up]
    return Comparison(
        total=sum(one.number for one in taken_up),
        not_taken_up=sum(one.number for one in found.counted if not one.taken_up),
        by_status=comparing.by_status(taken_up),
        by_point=[
            OfPoint(**which._asdict(), title=comparing.title_of(plans, which), by_status=numbers)
            for which, numbers in comparing.by_point(taken_up).items()
        ],
        by_area=comparing.by_area(taken_up, plans),
        by_instrument=comparing.by_instrument(taken_up, plans),
        by_size=comparing.by_size(taken_up),
        overdue_members=found.overdue,
        first=first,
    )


def _compared(document: Document, commitment: Document, rank: Rank) -> Compared:
    member = document["member"]
    return Compared(
        member=document["_id"],
        name=member.get("name"),
        country=member.get("country"),
        coalition=document["coalition"],
        plan_version=document["plan_version"],
        point=commitment["point"],
        title=commitment["title"],
        status=commitment["status"],
        percent=commitment.get("percent"),
        taken_up=is_counted(commitment, document["chosen"]),
        as_of=commitment.get("as_of"),
        overdue=rank.is_overdue,
    )
