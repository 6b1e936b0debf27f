"""What membership keeps for queries across aggregates: how many members were what, on any day."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter, defaultdict
from contextlib import suppress
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from services.membership.domain import Alike, Member, changes
from shared.pipeline.snapshots import bucket_of
from shared.pipeline.tally import AT_ONCE, Numbers, Tally
from shared.pipeline.tolerant import UnreadableDocument, read_each, reading

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Mapping

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.pipeline.snapshots import Document


class Group(NamedTuple):
    """What members that are counted together have in common."""

    coalition: str
    alike: Alike


class Course:
    """How many there were, by day: kept as what changed on a day, read as what stood on one.

    Most members changed on a few days of many years, so only these days are kept.
    """

    __slots__ = ("_changes", "_days", "_sums")

    def __init__(self) -> None:
        self._changes: dict[int, int] = {}
        self._days = array("i")
        self._sums: array[int] | None = None

    def change(self, day: int, by: int) -> None:
        """From a day on there are so many more."""
        self._sums = None
        if number := self._changes.get(day, 0) + by:
            self._changes[day] = number
        else:
            self._changes.pop(day, None)

    def on(self, day: int) -> int:
        """How many there were on a day."""
        if self._sums is None:
            self._days = array("i", sorted(self._changes))
            self._sums = array("i", accumulate(self._changes[one] for one in self._days))
        place = bisect_right(self._days, day)
        return self._sums[place - 1] if place else 0


class MembersByState(Tally):
    """Members of each coalition by country, kind and state, on any day, also in time to come.

    The numbers of a group are days, each followed by 1 or -1: from then on there is one more or
    one less. So it takes as long to answer of a day that is over as of today.
    """

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        super().__init__("members by state", database, {"members"}, 0, self._count_buckets)
        self._members = database["members"]
        self._courses = defaultdict[Group, Course](Course)

    async def on(self, day: int, coalitions: Collection[str] | None) -> Counter[Alike]:
        """How many members of some coalitions, or of all, were what on a day (its ordinal)."""
        await self.sums()
        found = Counter[Alike]()
        for group, course in self._courses.items():
            if coalitions is None or group.coalition in coalitions:
                found[group.alike] += course.on(day)
        return +found

    def _add(self, numbers: Iterable[tuple[Hashable, array[int]]], sign: int) -> None:
        for group, days in numbers:
            assert isinstance(group, Group)  # noqa: S101 - they are those counted below
            course = self._courses[group]
            for day, by in zip(days[::2], days[1::2], strict=True):
                course.change(day, sign * by)

    async def _count_buckets(self, buckets: Collection[int]) -> Mapping[int, Numbers]:
        counted = defaultdict[int, Numbers](dict)
        where = {"bucket": {"$in": list(buckets)}}
        async for member in read_each(Member, self._members.find(where, batch_size=AT_ONCE)):
            numbers = counted[bucket_of(member.id)]
            # One that cannot be counted is left out, and named in the log.
            with suppress(UnreadableDocument), reading("members", member.id):
                for change in list(changes(member)):
                    group = Group(change.coalition, change.alike)
                    numbers.setdefault(group, array("i")).extend((change.day, change.by))
        return counted
