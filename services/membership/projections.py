"""What membership keeps for queries across aggregates: how many members are what, today."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple, get_args

from services.membership.domain import Alike, Member
from shared.contracts.base import Country
from shared.contracts.membership import MemberState
from shared.contracts.text import Kind
from shared.pipeline.snapshots import bucket_of
from shared.pipeline.tally import AT_ONCE, Numbers, Tally, zeros
from shared.pipeline.tolerant import UnreadableDocument, read_each, reading

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.pipeline.engine import Clock
    from shared.pipeline.snapshots import Document

_KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_STATES: Final[tuple[MemberState, ...]] = get_args(MemberState)


class Change(NamedTuple):
    """A member begins or ceases to be counted as something.

    Attributes:
        since: from which day on; empty where that was so on the day of the count.
        sign: 1 where it begins, -1 where it ceases.
    """

    coalition: str
    country: Country | None
    since: str
    kind: Kind
    state: MemberState
    sign: int


class MembersByState(Tally):
    """Members of each coalition by country, kind and state: today, and later by their dates.

    Args:
        clock: tells the time, aware, UTC.
    """

    def __init__(
        self, database: AsyncDatabase[Document], clock: Clock = lambda: datetime.now(UTC)
    ) -> None:
        length = len(_KINDS) * len(_STATES)
        super().__init__("members by state", database, {"members"}, length, self._count_buckets)
        self._members = database["members"]
        self._clock = clock

    async def on(self, day: str, coalitions: Collection[str]) -> Counter[Alike]:
        """How many members of some coalitions are what on a day, from today on."""
        found = Counter[Alike]()
        for (coalition, country, since), numbers in (await self.sums()).items():
            if coalition in coalitions and since <= day:
                for place, number in enumerate(numbers):
                    found[_alike(country, place)] += number
        return +found

    async def _count_buckets(self, buckets: Collection[int]) -> Mapping[int, Numbers]:
        today, counted = self._clock().date().isoformat(), defaultdict[int, Numbers](dict)
        where = {"bucket": {"$in": list(buckets)}}
        async for member in read_each(Member, self._members.find(where, batch_size=AT_ONCE)):
            numbers = counted[bucket_of(member.id)]
            # One that cannot be counted is left out, and named in the log.
            with suppress(UnreadableDocument), reading("members", member.id):
                for change in list(changes(member, today)):
                    group = change[:3]
                    numbers.setdefault(group, zeros(len(_KINDS) * len(_STATES)))
                    numbers[group][_place(change)] += change.sign
        return counted


def changes(member: Member, today: str) -> Iterator[Change]:
    """What a member is today, and what it will be by the dates that are recorded already."""
    who = (member.coalition, member.country)
    for standing in member.standings:
        if standing.until is not None and standing.until <= today:
            continue
        since = standing.since if standing.since > today else ""
        yield Change(*who, since, member.kind, standing.state, 1)
        if standing.until is not None:
            yield Change(*who, standing.until, member.kind, standing.state, -1)


def _place(change: Change) -> int:
    return _KINDS.index(change.kind) * len(_STATES) + _STATES.index(change.state)


def _alike(country: Country | None, place: int) -> Alike:
    kind, state = divmod(place, len(_STATES))
    return Alike(country, _KINDS[kind], _STATES[state])
