"""Numbers over all aggregates, for queries that must not read all of them at each call.

Aggregates fall into buckets by their id. Whatever is written to one marks its bucket in the store.
Each process keeps the numbers of each bucket, with the mark under which it counted them; a query
reads the marks, and counts again the buckets whose mark is another one. So the store holds no sum
that could be wrong: what is counted twice, late or by two at once is only counted once more, from
the snapshots.
"""

from __future__ import annotations

import asyncio
import secrets
from array import array
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from itertools import accumulate, chain
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from shared import mongo
from shared.contracts.base import Model
from shared.outlasting import outlasted
from shared.pipeline.projections import NO_TRACES
from shared.pipeline.snapshots import BUCKETS, bucket_of
from shared.waits import is_set_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.contracts.base import Event
    from shared.domain.stream import Stream
    from shared.pipeline.snapshots import Document
    from shared.tracing.context import TraceContext

Numbers: TypeAlias = dict[Hashable, "array[int]"]
"""Numbers by group."""
_BUCKETS_AT_ONCE: Final = 64
"""Buckets that are counted together."""
AT_ONCE: Final = 500
"""Snapshots that are counted before something else has its turn."""
_SECONDS: Final = 5
"""How often buckets are counted again that nobody has asked for meanwhile, at most."""
_ALL: Final = "all"
_DAYS: Final = 2**62
"""Marks are smaller: a mark of one day is none of another."""
_REST: Final = 50
"""So many times as long as it has taken is not counted: with many members it takes seconds."""
_MUCH: Final = BUCKETS // 4
"""Marks between two looks at which what is counted now is out of date at once."""
_LONGEST_SECONDS: Final = 60
"""How long counting waits for that to end."""


class Bucket(NamedTuple):
    """The numbers of one bucket, with the mark under which they were counted.

    There are a thousand of them, so the groups are those of the sums, and their numbers stand one
    behind the other, up to the ends: a tenth of what as many small arrays take.
    """

    mark: int | None
    groups: tuple[Hashable, ...]
    numbers: array[int]
    ends: array[int]

    def of(self, is_asked: Callable[[Any], bool]) -> Iterator[tuple[Hashable, array[int]]]:
        """The numbers of those groups that are asked for."""
        begin = 0
        for group, end in zip(self.groups, self.ends, strict=True):
            if is_asked(group):
                yield group, self.numbers[begin:end]
            begin = end


class Tally:
    """Numbers over the aggregates of some kinds; a projection.

    Args:
        name: under which its marks are kept.
        kinds: whose snapshots are counted.
        length: of the numbers of one group, where they are added place by place.
        count: counts buckets, as their snapshots are now; one without any may be left out.
    """

    of: tuple[type[Event], ...] = ()

    def __init__(
        self,
        name: str,
        database: AsyncDatabase[Document],
        kinds: Collection[str],
        length: int,
        count: Callable[[Collection[int]], Awaitable[Mapping[int, Numbers]]],
    ) -> None:
        self._name = name
        self._marks = database["tally_marks"]
        self._kinds = frozenset(kinds)
        self._length = length
        self._count = count
        self._counted: dict[int, Bucket] = {}
        self._groups: dict[Hashable, Hashable] = {}
        self._sums: Numbers = {}
        self._counting = asyncio.Lock()
        self._marked = 0

    # --- kept by what is written ---------------------------------------------------------

    async def prepare(self) -> None:
        """There is nothing to create: the snapshots have an index by bucket."""

    async def project(
        self,
        states: Mapping[Stream, Model],
        events: Sequence[Event],
        traces: Mapping[Stream, TraceContext] = NO_TRACES,
    ) -> None:
        """Mark the buckets of aggregates whose snapshots were written; twice is harmless."""
        del events, traces
        await self.rebuild(states)

    async def rebuild(self, states: Mapping[Stream, Model]) -> None:
        """Likewise: a mark is another one each time, so nobody takes it for the one before."""
        buckets = {bucket_of(stream.id) for stream in states if stream.kind in self._kinds}
        self._marked += len(buckets)
        if buckets:
            mark = secrets.randbits(62)
            await mongo.upsert(self._marks, self._name, {f"buckets.{n}": mark for n in buckets})

    # --- read ----------------------------------------------------------------------------

    async def sums(self) -> Mapping[Any, array[int]]:
        """The numbers of all buckets together, by group."""
        async with self._counting:
            marks = await self._read_marks()  # before the snapshots, which are as new at least
            others = [bucket for bucket in range(BUCKETS) if self._is_another(bucket, marks)]
            for start in range(0, len(others), _BUCKETS_AT_ONCE):
                some = others[start : start + _BUCKETS_AT_ONCE]
                found = await self._count(some)
                for bucket in some:
                    self._replace(bucket, marks.get(str(bucket)), found.get(bucket, {}))
                    await asyncio.sleep(0)  # there may be thousands of groups in each
            return self._sums

    def counted(self) -> Iterable[tuple[Any, array[int]]]:
        """The numbers of all buckets together, as these were counted last."""
        return self._sums.items()

    def buckets(self) -> Iterator[tuple[int, Bucket]]:
        """Each bucket, as it was counted last."""
        yield from list(self._counted.items())

    async def run(self, stopping: asyncio.Event) -> None:
        """Count again now and then, so that whoever asks finds little left to count.

        While the engine works on a backlog it needs the processor itself, and each bucket is
        marked again as soon as it is counted.
        """
        rest, counted = 2.0 * _SECONDS, monotonic()
        while not await is_set_within(stopping, rest):
            rest, begun = _SECONDS, monotonic()
            much, self._marked = self._marked > _MUCH, 0
            if much and begun - counted < _LONGEST_SECONDS:
                continue
            await outlasted(self.sums(), stopping)
            counted = monotonic()
            rest = rest_after(counted - begun)

    async def _read_marks(self) -> Mapping[str, int]:
        found = await self._marks.find_one({"_id": self._name})
        return found["buckets"] if found else {}

    def _is_another(self, bucket: int, marks: Mapping[str, int]) -> bool:
        """Whether something was written to a bucket since it was counted."""
        return bucket not in self._counted or self._counted[bucket].mark != marks.get(str(bucket))

    def _replace(self, bucket: int, mark: int | None, new: Numbers) -> None:
        counted = self._counted.get(bucket)
        old = dict(counted.of(lambda _: True)) if counted else {}
        # Of a bucket in which one member has changed nearly all is as it was.
        self._add((one for one in new.items() if old.get(one[0]) != one[1]), 1)
        self._add((one for one in old.items() if new.get(one[0]) != one[1]), -1)
        groups = tuple(self._groups.setdefault(group, group) for group in new)
        flat = array("i", chain.from_iterable(new.values()))
        ends = array("i", accumulate(map(len, new.values())))
        self._counted[bucket] = Bucket(mark, groups, flat, ends)

    def _add(self, numbers: Iterable[tuple[Hashable, array[int]]], sign: int) -> None:
        """Add numbers of a bucket to the sums, or take them from these."""
        for group, added in numbers:
            sums = self._sums.setdefault(group, zeros(self._length))
            add(sums, added, sign)
            if not any(sums):
                del self._sums[group]
                self._groups.pop(group, None)


class DailyTally(Tally):
    """Numbers that follow from the day as well: on another one all buckets are counted again.

    Attributes:
        clock: tells the time, aware, UTC; whoever makes it sets it.
    """

    clock: Callable[[], datetime]

    def today(self) -> str:
        """The day for which is counted."""
        return self.clock().date().isoformat()

    async def mark_all(self) -> None:
        """Have all buckets counted again."""
        await mongo.upsert(self._marks, self._name, {f"buckets.{_ALL}": secrets.randbits(62)})

    async def _read_marks(self) -> Mapping[str, int]:
        """The marks of today: all buckets have another one on another day."""
        marks = await super()._read_marks()
        day, of_all = (self.clock().date().toordinal() + 1) * _DAYS, marks.get(_ALL, 0)
        return {
            str(bucket): day + (marks.get(str(bucket), 0) ^ of_all) for bucket in range(BUCKETS)
        }


def rest_after(seconds: float) -> float:
    """How long nothing is counted again after so many seconds of counting.

    It shares its processor with the engine.
    """
    return max(_SECONDS, _REST * seconds)


def zeros(length: int) -> array[int]:
    """Numbers of a group of which nothing was counted yet."""
    return array("i", [0]) * length


def add(total: array[int], numbers: Iterable[int], sign: int = 1) -> None:
    """Add numbers to a total, or take them from it, place by place."""
    for place, number in enumerate(numbers):
        if number:
            total[place] += sign * number
