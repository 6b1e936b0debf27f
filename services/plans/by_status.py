"""How many commitments are how far, and how many members owe an overdue report."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from services.plans.domain import ADVANCE, BOUND
from services.plans.domain.commitments.size import Size, size_of
from services.plans.domain.commitments.state import Choice
from services.plans.domain.comparing import Counted, Which, chosen_on, is_taken_up
from shared.pipeline.tally import AT_ONCE, DailyTally, Numbers, add, zeros
from shared.pipeline.tolerant import UnreadableDocument, reading

if TYPE_CHECKING:
    from array import array
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.contracts.plans import Status
    from shared.pipeline.engine import Clock
    from shared.pipeline.snapshots import Document

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
    size: Size


class Asked(NamedTuple):
    """Which commitments are asked for; None stands for all."""

    coalition: str | None = None
    country: str | None = None
    plan_version: int | None = None
    point: int | None = None
    size: Size | None = None

    def has(self, group: Group) -> bool:
        """Whether a group is asked for, whatever the point."""
        asked = self.coalition, self.country, self.plan_version, self.size
        return all(mine in {None, its} for mine, its in zip(asked, group, strict=True))


class HowFar(NamedTuple):
    """How far the commitments of some members are.

    Attributes:
        counted: how many of each point of each version of a plan have each status.
        overdue: how many of the members owe an overdue report.
    """

    counted: Sequence[Counted]
    overdue: int


class CommitmentsByStatus(DailyTally):
    """The open commitments of those who are members, suspended ones and those on hold too.

    They are counted for each coalition, country, version of the plan and size of the member, by
    point and status, and by whether their members have taken them up today; beside them, how many
    of these members owe an overdue report.

    Args:
        clock: tells the time, aware, UTC.
    """

    def __init__(
        self, database: AsyncDatabase[Document], clock: Clock = lambda: datetime.now(UTC)
    ) -> None:
        kinds = {"commitments", "reports"}
        super().__init__("commitments by status", database, kinds, _LENGTH, self._count_buckets)
        self.clock = clock
        self._database = database

    async def of_those(self, asked: Asked) -> HowFar:
        """How far those are that are asked for."""
        totals = defaultdict[tuple[str, int, Size], "array[int]"](lambda: zeros(_LENGTH))
        for group, numbers in (await self.sums()).items():
            if asked.has(group):
                add(totals[group[0], group[2], group[3]], numbers)
        counted = (
            one
            for (whose, version, size), total in totals.items()
            for one in _counted(whose, version, size, total)
        )
        return HowFar(
            [one for one in counted if asked.point in {None, one.which.point}],
            sum(total[_OVERDUE] for total in totals.values()),
        )

    def having(self, rank: Rank, asked: Asked) -> Iterator[tuple[int, int]]:
        """The buckets that have commitments of a rank, each with how many these are at most.

        The sums tell when the last one has been found, and that there is none before any is looked
        at.
        """
        points = (asked.point,) if asked.point else tuple(range(1, _POINTS + 1))
        sums = {group: numbers for group, numbers in self.counted() if asked.has(group)}
        left = sum(_of_rank(numbers, rank, points) for numbers in sums.values())
        for bucket, its_numbers in self.buckets() if left else ():
            those = its_numbers.of(sums.__contains__)
            if count := sum(_of_rank(numbers, rank, points) for _, numbers in those):
                yield bucket, count
                left -= count
            if left <= 0:
                return

    async def _count_buckets(self, buckets: Collection[int]) -> Mapping[int, Numbers]:
        today = self.today()
        counted, of_those = defaultdict[int, Numbers](dict), {"bucket": {"$in": list(buckets)}}
        commitments, reports = self._database["commitments"], self._database["reports"]
        late = {
            document["_id"]
            async for document in reports.find({**of_those, "reports.state": "overdue"}, {"_id": 1})
        }
        open_ones = {**of_those, "state": "open", "standing": {"$in": sorted(BOUND)}}
        async for document in commitments.find(open_ones, _COUNTED, batch_size=AT_ONCE):
            # One that cannot be counted is left out, and named in the log.
            with suppress(UnreadableDocument), reading("commitments", document["_id"]):
                is_late = document["_id"] in late
                count(counted[document["bucket"]], document, today, is_late=is_late)
        return counted


def count(numbers: Numbers, document: Document, today: str, *, is_late: bool) -> None:
    """Count a member's commitments, as they are today."""
    country, size = document["member"].get("country"), size_of(document.get("population"))
    group = Group(document["coalition"], country, document["plan_version"], size)
    commitments, chosen = document.get("commitments", ()), chosen_in(document, today)
    places = [
        _place(c["point"], c["status"], is_counted=is_counted(c, chosen)) for c in commitments
    ]
    if is_late:
        stalled = (one["point"] for one in commitments if one["status"] == "stalled")
        places += [_OVERDUE, *(_STALLED + point - 1 for point in stalled)]
    its_numbers = numbers.setdefault(group, zeros(_LENGTH))
    for place in places:
        its_numbers[place] += 1


def chosen_in(document: Document, today: str) -> Sequence[int]:
    """What a member has chosen, by its snapshot; nothing after the term of its choice."""
    choices = [Choice.model_validate(one) for one in document.get("choices", ())]
    return chosen_on(choices, document["plan_version"], today)


def is_counted(commitment: Document, chosen: Sequence[int]) -> bool:
    """Whether a member is compared by a commitment."""
    return is_taken_up(commitment["point"], chosen, commitment.get("borne_by"))


_COUNTED: Final = {
    "bucket": 1,
    "coalition": 1,
    "member.country": 1,
    "plan_version": 1,
    "population": 1,
    "choices": 1,
    "commitments.point": 1,
    "commitments.status": 1,
    "commitments.borne_by": 1,
}


def _place(point: int, status: Status, *, is_counted: bool = True) -> int:
    place = (point - 1) * len(ADVANCE) + ADVANCE.index(status)
    return place if is_counted else _TAKEN_UP + place


def _counted(coalition: str, version: int, size: Size, total: array[int]) -> Iterator[Counted]:
    for place, number in enumerate(total[:_OVERDUE]):
        if number:
            point, status = divmod(place % _TAKEN_UP, len(ADVANCE))
            which = Which(coalition, version, point + 1)
            taken_up = place < _TAKEN_UP
            yield Counted(which, ADVANCE[status], taken_up=taken_up, number=number, size=size)


def _of_rank(numbers: array[int], rank: Rank, points: Sequence[int]) -> int:
    """How many commitments have a rank at most."""
    stalled = sum(numbers[_STALLED + point - 1] for point in points)
    if rank.is_overdue:
        is_stalled = "stalled" in rank.statuses
        return stalled if is_stalled else numbers[_OVERDUE] * len(points) - stalled
    places = (_place(point, status) for point in points for status in rank.statuses)
    return sum(numbers[place] + numbers[_TAKEN_UP + place] for place in places)
