"""How many commitments were how far at the end of each month."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from services.plans.domain import BOUND, MemberCommitments
from services.plans.domain.trend import LENGTH, Month, changes, months
from shared.pipeline.snapshots import bucket_of
from shared.pipeline.tally import AT_ONCE, DailyTally, Numbers, add, zeros
from shared.pipeline.tolerant import UnreadableDocument, read_each, reading

if TYPE_CHECKING:
    from array import array
    from collections.abc import Collection, Mapping, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.pipeline.engine import Clock
    from shared.pipeline.snapshots import Document

_LITTLE: Final = {
    "formerly": 0,
    "corrections": 0,
    "taken_over": 0,
    "commitments.actions": 0,
    "commitments.evidence": 0,
    "commitments.note": 0,
    "past.actions": 0,
    "past.evidence": 0,
    "past.note": 0,
}


class Group(NamedTuple):
    """What the changes that are counted together have in common."""

    coalition: str
    country: str | None
    month: str


class CommitmentsByMonth(DailyTally):
    """By how much the numbers of a coalition and country are others since the month before.

    Counted are those who are members today, suspended ones and those on hold too: what they did
    in all months that are over, and in this one up to today.

    Args:
        clock: tells the time, aware, UTC.
    """

    def __init__(
        self, database: AsyncDatabase[Document], clock: Clock = lambda: datetime.now(UTC)
    ) -> None:
        kinds = {"commitments"}
        super().__init__("commitments by month", database, kinds, LENGTH, self._count_buckets)
        self.clock = clock
        self._commitments = database["commitments"]

    async def at(
        self, days: Sequence[str], coalition: str | None, country: str | None
    ) -> list[Month]:
        """How commitments stood on the last days of some months, in order."""
        by_month = defaultdict[str, "array[int]"](lambda: zeros(LENGTH))
        for group, numbers in (await self.sums()).items():
            if coalition in {None, group[0]} and country in {None, group[1]}:
                add(by_month[group[2]], numbers)
        return months(days, by_month)

    async def _count_buckets(self, buckets: Collection[int]) -> Mapping[int, Numbers]:
        today, counted = self.today(), defaultdict[int, Numbers](dict)
        where = {
            "bucket": {"$in": list(buckets)},
            "state": "open",
            "standing": {"$in": sorted(BOUND)},
        }
        found = self._commitments.find(where, _LITTLE, batch_size=AT_ONCE)
        async for holder in read_each(MemberCommitments, found):
            # One that cannot be counted is left out, and named in the log.
            with suppress(UnreadableDocument), reading("commitments", holder.id):
                count(counted[bucket_of(holder.id)], holder, today)
        return counted


def count(numbers: Numbers, holder: MemberCommitments, today: str) -> None:
    """Count a member in all months up to today."""
    for change in list(changes(holder, today)):
        group = Group(change.coalition, holder.member.country, change.month)
        add(numbers.setdefault(group, zeros(LENGTH)), change.numbers)
