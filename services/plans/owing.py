"""Who owes what, of all members: how many, and whom to read for a page.

What is owed follows from a member's commitments, its reports and local plans, its coalition's plan
and the day. So it is counted as `Tally` counts, from the snapshots: a bucket again when something
of it was written, all of them on another day or when a plan was. Beside the numbers stand the ids
of those who owe, by bucket; a page reads these members, and no others.
"""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from services.plans.domain import BOUND, LocalPlanDuty, MemberCommitments, MemberReports, Plan
from services.plans.domain.owed import Owed, Record, What, owed
from services.plans.queries import WITHOUT_TEXTS
from shared.pipeline.snapshots import BUCKETS, bucket_of
from shared.pipeline.tally import AT_ONCE, DailyTally, Numbers, zeros
from shared.pipeline.tolerant import UnreadableDocument, read_each, reading
from shared.web.paging import Page

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.domain.stream import Stream
    from shared.pipeline.engine import Clock
    from shared.pipeline.snapshots import Document

_KINDS: Final = frozenset({"commitments", "reports", "local-plan-duties"})
_LITTLE: Final = {"commitments": 0, "past": 0, "formerly": 0, "corrections": 0}
"""What is not read of a member to know what it owes."""

_PLACE: Final = re.compile(r"([0-9]{1,4})\.([a-z0-9-]+)\.([0-9]{1,3})")


class Group(NamedTuple):
    """What is counted together."""

    coalition: str
    what: What


class Place(NamedTuple):
    """Where a page ends: after so many of the things that a member owes."""

    bucket: int = 0
    member: str = ""
    number: int = 0

    def __str__(self) -> str:
        return f"{self.bucket}.{self.member}.{self.number}"

    @classmethod
    def of(cls, after: str) -> Place:
        """The place that the page before has named; the beginning, where it is none."""
        if found := _PLACE.fullmatch(after):
            return cls(int(found[1]), found[2], int(found[3]))
        return cls()


class Owing(DailyTally):
    """How much is owed, by coalition and what it is.

    Args:
        clock: tells the time, aware, UTC.
    """

    def __init__(
        self, database: AsyncDatabase[Document], clock: Clock = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__("owed", database, _KINDS, 1, self._count_buckets)
        self.clock = clock
        self._database = database
        self._owing: dict[int, dict[Group, list[str]]] = {}

    async def rebuild(self, states: Mapping[Stream, Any]) -> None:
        """Mark the buckets of members that were written; all of them, where a plan was."""
        await super().rebuild(states)
        if any(stream.kind == "plans" for stream in states):
            await self.mark_all()

    async def page(
        self, coalition: str | None, what: What | None, after: str, limit: int
    ) -> Page[Owed]:
        """A page of what is owed today; `total` counts all of it."""
        sums = await self.sums()
        asked = [
            one for one in sums if coalition in {None, one.coalition} and what in {None, one.what}
        ]
        total = sum(sums[one][0] for one in asked)
        behind = Place.of(after)
        wanted = list[tuple[int, str]]()
        for one in self._owers(asked, behind):
            wanted.append(one)
            if len(wanted) > limit + behind.number:
                break
        ids = list(dict.fromkeys(member for _, member in wanted))
        found = await self._owed_by(ids, coalition, what)
        return _page(found, behind, limit, total)

    def _owers(self, asked: Sequence[Group], behind: Place) -> Iterator[tuple[int, str]]:
        """Who owes what is asked for, from a place on, by bucket and id: once for each thing."""
        for bucket in range(behind.bucket, BUCKETS):
            by_group = self._owing.get(bucket, {})
            ids = sorted(id_ for group in asked for id_ in by_group.get(group, ()))
            first = behind.member if bucket == behind.bucket else ""
            yield from ((bucket, id_) for id_ in ids if id_ >= first)

    async def _owed_by(
        self, ids: Sequence[str], coalition: str | None, what: What | None
    ) -> list[tuple[Place, Owed]]:
        """What some members owe, as it is now, each with its place."""
        where = {"_id": {"$in": list(ids)}}
        today = self.today()
        found = list[tuple[Place, Owed]]()
        by_id = {record.holder.id: record for record in await self._records(where)}
        for id_ in ids:
            record = by_id.get(id_)
            mine = (
                owed(record, today)
                if record and coalition in {None, record.holder.coalition}
                else ()
            )
            those = [one for one in mine if what in {None, one.what}]
            found += [(Place(bucket_of(id_), id_, n), one) for n, one in enumerate(those, 1)]
        return found

    async def _count_buckets(self, buckets: Collection[int]) -> Mapping[int, Numbers]:
        today, counted = self.today(), defaultdict[int, Numbers](dict)
        owing = defaultdict[int, dict[Group, list[str]]](lambda: defaultdict(list))
        for record in await self._records({"bucket": {"$in": list(buckets)}}):
            holder = record.holder
            bucket = bucket_of(holder.id)
            # One that cannot be counted is left out, and named in the log.
            with suppress(UnreadableDocument), reading("commitments", holder.id):
                for one in owed(record, today):
                    group = Group(holder.coalition, one.what)
                    counted[bucket].setdefault(group, zeros(1))[0] += 1
                    owing[bucket][group].append(holder.id)
        for bucket in buckets:
            self._owing[bucket] = dict(owing.get(bucket, {}))
        return counted

    async def _records(self, where: Document) -> list[Record]:
        """What is recorded of some members that are in."""
        bound = {**where, "standing": {"$in": sorted(BOUND)}}
        commitments, reports = self._database["commitments"], self._database["reports"]
        holders = [
            holder
            async for holder in read_each(
                MemberCommitments, commitments.find(bound, _LITTLE, batch_size=AT_ONCE)
            )
        ]
        by_member = {
            one.id: one
            async for one in read_each(
                MemberReports, reports.find(where, WITHOUT_TEXTS, batch_size=AT_ONCE)
            )
        }
        found = self._database["local-plan-duties"].find(where, batch_size=AT_ONCE)
        duties = {one.id: one async for one in read_each(LocalPlanDuty, found)}
        whose = {"_id": {"$in": sorted({holder.coalition for holder in holders})}}
        plans = {
            plan.id: plan async for plan in read_each(Plan, self._database["plans"].find(whose))
        }
        return [
            Record(
                holder,
                plans.get(holder.coalition),
                by_member.get(holder.id),
                duties.get(holder.id),
            )
            for holder in holders
        ]


def _page(found: Sequence[tuple[Place, Owed]], behind: Place, limit: int, total: int) -> Page[Owed]:
    further = [(place, one) for place, one in found if place > behind]
    shown = further[:limit]
    next_ = str(shown[-1][0]) if len(further) > limit else None
    return Page(items=[one for _, one in shown], total=total, next=next_)
