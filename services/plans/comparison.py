"""Commitments side by side, across a coalition, a country or a point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pymongo import ASCENDING

from services.plans.domain import ADVANCE, BOUND, Plan, comparing
from services.plans.domain.comparing import is_taken_up
from shared.contracts.base import Country, EdtfDate, Model, Slug, Text
from shared.contracts.plans import Percent, Point, Status, Version
from shared.pipeline.snapshots import Document
from shared.pipeline.tolerant import read_each

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from services.plans.projections import CommitmentsByStatus, Counts


class Compared(Model):
    """One commitment of one member.

    Attributes:
        taken_up: whether the member chose it, or has chosen none of the ten.
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
    overdue_members: int
    first: list[Compared]


class Unlike(Exception):
    """What would be compared under one number is not the same; the message says what to give."""


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
    "plan_version": 1,
    "chosen": 1,
    "commitments.percent": 1,
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
        self._plans = database["plans"]
        self._by_status = by_status

    async def compare(
        self,
        coalition: str | None,
        country: str | None,
        version: int | None,
        point: int | None,
        limit: int,
    ) -> Comparison:
        """Compare those of a coalition, a country, a version, a point; None stands for all.

        Raises:
            Unlike: the point is not the same one for all that would be compared.
        """
        counts = await self._by_status.of_those(coalition, country, version)
        found = counts._replace(
            counted=[one for one in counts.counted if point in {None, one.which.point}]
        )
        if point is not None:
            _refuse_unlike(found, point)
        coalitions = sorted({one.which.coalition for one in found.counted})
        plans = await self._plans_of(coalitions)
        where: Document = {"state": "open", "standing": {"$in": sorted(BOUND)}}
        where |= {"coalition": {"$in": coalitions}}
        where |= {"member.country": country} if country else {}
        where |= {"plan_version": version} if version else {}
        first = await self._first(_Asked(where, coalition, point, limit), found)
        return _comparison(found, plans, first)

    async def _plans_of(self, coalitions: Sequence[str]) -> dict[str, Plan]:
        found = self._plans.find({"_id": {"$in": list(coalitions)}})
        return {plan.id: plan async for plan in read_each(Plan, found)}

    async def _first(self, asked: _Asked, found: Counts) -> list[Compared]:
        """The most urgent ones: each rank is read only as far as there is room.

        What nobody has is not looked for, since an index would be read to its end for it.
        """
        first: dict[tuple[str, int], Compared] = {}
        there = {one.status for one in found.counted}
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


def _refuse_unlike(found: Counts, point: int) -> None:
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


def _comparison(found: Counts, plans: Mapping[str, Plan], first: list[Compared]) -> Comparison:
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
        overdue_members=found.overdue,
        first=first,
    )


def _compared(document: Document, point: int | None, late: Collection[str]) -> Iterator[Compared]:
    member = document["member"]
    for commitment in document.get("commitments", ()):
        if point in {None, commitment["point"]}:
            yield Compared(
                member=document["_id"],
                name=member.get("name"),
                country=member.get("country"),
                coalition=document["coalition"],
                plan_version=document["plan_version"],
                point=commitment["point"],
                title=commitment["title"],
                status=commitment["status"],
                percent=commitment.get("percent"),
                as_of=commitment.get("as_of"),
                taken_up=is_taken_up(commitment["point"], document.get("chosen", ())),
                overdue=document["_id"] in late,
            )
