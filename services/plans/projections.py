"""What plans keeps for queries across aggregates.

**Whose reports and local plans the clock has to look at, and when.** When one falls due follows
from several aggregates: a member's joining, the rules, its reports and plans. An event about one of
them marks the members that it concerns, to be looked at soon; whoever has looked notes the next day
on which there may be something to say. So a sweep reads those members only, however many there are.

**How many commitments are how far**, and how many members owe an overdue report: see `Tally`.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from pymongo import ASCENDING, UpdateMany, UpdateOne

from services.plans.domain import ADVANCE, BOUND, DECIDER, MemberCommitments
from services.plans.domain.comparing import Counted, Which, is_taken_up
from shared import mongo
from shared.contracts.plans import (
    CommitmentsOpened,
    LocalPlanDutyEvent,
    LocalPlanNoted,
    LocalPlanRuleSet,
    MemberNoted,
    ReportEvent,
    ReportingRuleSet,
    Status,
)
from shared.pipeline.tally import AT_ONCE, Numbers, Tally, zeros
from shared.pipeline.tolerant import UnreadableDocument, reading

if TYPE_CHECKING:
    from array import array
    from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
    from datetime import date

    from pymongo.asynchronous.database import AsyncDatabase

    from services.plans.domain import State
    from shared.contracts.base import Event
    from shared.domain.stream import Stream
    from shared.pipeline.snapshots import Document

_SOON: Final = ""
"""Before any day."""
_AT_ONCE: Final = 500
"""Documents in one write."""
_OF_MEMBERS: Final = (CommitmentsOpened, MemberNoted, ReportEvent, LocalPlanDutyEvent)
_LOOKED_AT_ONCE: Final = 200
"""Members whose reports are read together."""


class Marked(NamedTuple):
    """A member that the clock has to look at; `marks` counts the events that asked for it."""

    member: str
    coalition: str
    marks: int


class ReportsToCheck:
    """Members by the next day on which the clock may have to say something of what they owe."""

    of: tuple[type[Event], ...] = (
        CommitmentsOpened,
        MemberNoted,
        ReportingRuleSet,
        LocalPlanRuleSet,
        *(r.event for k in ("reports", "local-plan-duties") for r in DECIDER.aggregates[k].rows),
    )

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._members = database["reports_to_check"]

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        await self._members.create_index([("next", ASCENDING)])
        await self._members.create_index("coalition")

    # --- kept by events ------------------------------------------------------------------

    async def project(self, states: Mapping[Stream, State], events: Sequence[Event]) -> None:
        """Mark whom events concern; twice is harmless, and only costs one look more."""
        del states
        members, coalitions, planning = dict[str, str](), set[str](), set[str]()
        for event in events:
            if isinstance(event, ReportingRuleSet | LocalPlanRuleSet):
                coalitions.add(event.coalition)
            elif isinstance(event, LocalPlanNoted):
                planning.add(event.subject)
            elif isinstance(event, _OF_MEMBERS):
                members[event.subject] = event.coalition
        await self.mark(members)
        # Whoever has a local plan need not be a member yet; it is marked when it is.
        for field, values in (("coalition", coalitions), ("_id", planning - members.keys())):
            if values:
                those = UpdateMany({field: {"$in": sorted(values)}}, _marked())
                await mongo.bulk_write(self._members, [those])

    async def rebuild(self, states: Mapping[Stream, State]) -> None:
        """Mark all members whose commitments were made anew."""
        holders = [state for state in states.values() if isinstance(state, MemberCommitments)]
        await self.mark({holder.id: holder.coalition for holder in holders})

    async def mark(self, members: Mapping[str, str]) -> None:
        """Have the clock look at members soon, each with its coalition."""
        ids = sorted(members)
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            writes = [
                UpdateOne({"_id": m}, _marked(coalition=members[m]), upsert=True) for m in part
            ]
            await mongo.bulk_upsert(self._members, writes)

    # --- read by the clock ---------------------------------------------------------------

    async def due(self, today: date) -> AsyncIterator[list[Marked]]:
        """Those to look at on a day, some at a time."""
        found = self._members.find({"next": {"$lte": today.isoformat()}})
        while documents := await found.to_list(_LOOKED_AT_ONCE):
            yield [Marked(d["_id"], d["coalition"], d["marks"]) for d in documents]

    async def looked_at(self, looked: Mapping[Marked, date | None]) -> None:
        """Note the next day for each, None for never; who was marked meanwhile stays marked."""
        writes = [
            UpdateOne(
                {"_id": one.member, "marks": one.marks},
                {"$set": {"next": day.isoformat() if day else None}},
            )
            for one, day in looked.items()
        ]
        if writes:
            await mongo.bulk_write(self._members, writes)


def _marked(**fields: str) -> Document:
    return {"$set": {"next": _SOON, **fields}, "$inc": {"marks": 1}}


_POINTS: Final = 10
_TAKEN_UP: Final = _POINTS * len(ADVANCE)
"""Places for commitments that were taken up, by point and status; behind them the others."""
_OVERDUE: Final = 2 * _TAKEN_UP
"""The place, behind those of the commitments, at which members with an overdue report stand."""
_STALLED: Final = _OVERDUE + 1
"""From this place on stand the stalled commitments of these members, by point."""
_LENGTH: Final = _STALLED + _POINTS


class Rank(NamedTuple):
    """Commitments that are as urgent: of some statuses, and whether their members owe a report."""

    statuses: frozenset[Status]
    is_overdue: bool


class Group(NamedTuple):
    """What the commitments that are counted together have in common."""

    coalition: str
    country: str | None
    plan_version: int


class Asked(NamedTuple):
    """Which commitments are asked for; None stands for all."""

    coalition: str | None = None
    country: str | None = None
    plan_version: int | None = None
    point: int | None = None

    def has(self, group: Group) -> bool:
        """Whether a group is asked for, whatever the point."""
        asked = self.coalition, self.country, self.plan_version
        return all(mine in {None, its} for mine, its in zip(asked, group, strict=True))


class HowFar(NamedTuple):
    """How far the commitments of some members are.

    Attributes:
        counted: how many of each point of each version of a plan have each status.
        overdue: how many of the members owe an overdue report.
    """

    counted: Sequence[Counted]
    overdue: int


class CommitmentsByStatus(Tally):
    """The open commitments of those who are members, suspended ones and those on hold too.

    They are counted for each coalition, country and version of the plan, by point and status, and
    by whether their members took them up; beside them, how many of these members owe an overdue
    report.
    """

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        kinds = {"commitments", "reports"}
        super().__init__("commitments by status", database, kinds, _LENGTH, self._count_parts)
        self._database = database

    async def of_those(self, asked: Asked) -> HowFar:
        """How far those are that are asked for."""
        totals = defaultdict[tuple[str, int], "array[int]"](lambda: zeros(_LENGTH))
        for group, numbers in (await self.sums()).items():
            if asked.has(group):
                total = totals[group[0], group[2]]
                for place, number in enumerate(numbers):
                    total[place] += number
        counted = (
            one
            for (whose, version), total in totals.items()
            for one in _counted(whose, version, total)
        )
        return HowFar(
            [one for one in counted if asked.point in {None, one.which.point}],
            sum(total[_OVERDUE] for total in totals.values()),
        )

    def having(self, rank: Rank, asked: Asked) -> Iterator[tuple[int, int]]:
        """The parts that have commitments of a rank, each with how many these are at most."""
        points = (asked.point,) if asked.point else tuple(range(1, _POINTS + 1))
        for part, by_group in self.parts():
            those = (n for group, n in by_group.items() if asked.has(cast("Group", group)))
            if count := sum(_of_rank(numbers, rank, points) for numbers in those):
                yield part, count

    async def _count_parts(self, parts: Collection[int]) -> Mapping[int, Numbers]:
        counted, of_those = defaultdict[int, Numbers](dict), {"part": {"$in": list(parts)}}
        commitments, reports = self._database["commitments"], self._database["reports"]
        late = {
            document["_id"]
            async for document in reports.find({**of_those, "reports.state": "overdue"}, {"_id": 1})
        }
        open_ones = {**of_those, "state": "open", "standing": {"$in": sorted(BOUND)}}
        async for document in commitments.find(open_ones, _COUNTED, batch_size=AT_ONCE):
            # One that cannot be counted is left out, and named in the log.
            with suppress(UnreadableDocument), reading("commitments", document["_id"]):
                _count(counted[document["part"]], document, is_late=document["_id"] in late)
        return counted


def _count(numbers: Numbers, document: Document, *, is_late: bool) -> None:
    group = Group(
        document["coalition"], document["member"].get("country"), document["plan_version"]
    )
    commitments, chosen = document.get("commitments", ()), document.get("chosen", ())
    places = [
        _place(c["point"], c["status"], is_counted=_is_counted(c, chosen)) for c in commitments
    ]
    if is_late:
        stalled = (one["point"] for one in commitments if one["status"] == "stalled")
        places += [_OVERDUE, *(_STALLED + point - 1 for point in stalled)]
    its_numbers = numbers.setdefault(group, zeros(_LENGTH))
    for place in places:
        its_numbers[place] += 1


def _is_counted(commitment: Document, chosen: Sequence[int]) -> bool:
    return is_taken_up(commitment["point"], chosen, commitment.get("borne_by"))


_COUNTED: Final = {
    "part": 1,
    "coalition": 1,
    "member.country": 1,
    "plan_version": 1,
    "chosen": 1,
    "commitments.point": 1,
    "commitments.status": 1,
    "commitments.borne_by": 1,
}


def _place(point: int, status: Status, *, is_counted: bool = True) -> int:
    place = (point - 1) * len(ADVANCE) + ADVANCE.index(status)
    return place if is_counted else _TAKEN_UP + place


def _counted(coalition: str, version: int, total: array[int]) -> Iterator[Counted]:
    for place, number in enumerate(total[:_OVERDUE]):
        if number:
            point, status = divmod(place % _TAKEN_UP, len(ADVANCE))
            which = Which(coalition, version, point + 1)
            yield Counted(which, ADVANCE[status], taken_up=place < _TAKEN_UP, number=number)


def _of_rank(numbers: array[int], rank: Rank, points: Sequence[int]) -> int:
    """How many commitments have a rank at most."""
    stalled = sum(numbers[_STALLED + point - 1] for point in points)
    if rank.is_overdue:
        is_stalled = "stalled" in rank.statuses
        return stalled if is_stalled else numbers[_OVERDUE] * len(points) - stalled
    places = (_place(point, status) for point in points for status in rank.statuses)
    return sum(numbers[place] + numbers[_TAKEN_UP + place] for place in places)
