"""How many members, from how many countries: by the record, and as public sources count."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from services.membership.domain.coalitions.state import Coalition, PublicCount
from services.membership.domain.members.way import RESTING
from shared.domain.dates import certain_day
from shared.domain.state import State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from services.membership.domain.members.state import Member
    from shared.contracts.base import Country, Kind
    from shared.contracts.membership import MemberState

INSIDE: frozenset[MemberState] = frozenset({"member", *RESTING})
"""Who counts as a member: those included whose rights rest."""


class Alike(NamedTuple):
    """What members have in common that are counted together."""

    country: Country | None
    kind: Kind
    state: MemberState


class Change(NamedTuple):
    """From a day on (its ordinal) a coalition has so many more members that are something."""

    coalition: str
    alike: Alike
    day: int
    by: int


class Statistics(State):
    """Numbers of a coalition, and of those below it, as of a day.

    Attributes:
        day: what is counted is what has happened for certain by the end of this day; a date known
            only to the month counts from the month's last day.
        members: all who are members, those included whose rights rest.
        countries: of those members.
        by_state: of all who have taken a step, members or not yet or no more.
        public_count: the count of a public source that is nearest in time, and its own date.
    """

    coalition: str
    name: str
    day: str
    members: int
    countries: int
    by_state: dict[str, int]
    by_kind: dict[str, int]
    by_country: dict[str, int]
    public_count: PublicCount | None = None


def statistics(coalition: Coalition, counts: Mapping[Alike, int], day: str) -> Statistics:
    """The numbers of a day (`YYYY-MM-DD`), of members that were counted as of that day."""
    by_state, by_kind, by_country = Counter[str](), Counter[str](), Counter[str]()
    for alike, number in counts.items():
        by_state[alike.state] += number
        if alike.state in INSIDE:
            by_kind[alike.kind] += number
            by_country[alike.country or "-"] += number
    return Statistics(
        coalition=coalition.id,
        name=coalition.name,
        day=day,
        members=by_kind.total(),
        countries=len(by_country.keys() - {"-"}),
        by_state=dict(by_state),
        by_kind=dict(by_kind),
        by_country=dict(sorted(by_country.items())),
        public_count=nearest(coalition.counts, day),
    )


def counted(members: Iterable[Member], day: str, coalitions: Collection[str]) -> Counter[Alike]:
    """Count members of some coalitions by what they were on a day."""
    found = (alike_on(member, day, coalitions) for member in members)
    return Counter(alike for alike in found if alike)


def changes(member: Member) -> Iterator[Change]:
    """What a member adds to the numbers of its coalitions, and takes from them, day by day.

    All of it up to a day is what `alike_on` says of that day.
    """
    days = {standing.since for standing in member.standings}
    before: tuple[str, Alike] | None = None
    for day in sorted(days.union(certain_day(move.moved) for move in member.moves)):
        coalition, state = member.coalition_on(day), state_on(member, day)
        now = (coalition, Alike(member.country, member.kind, state)) if state else None
        if now != before:
            ordinal = date.fromisoformat(day).toordinal()
            if before:
                yield Change(*before, ordinal, -1)
            if now:
                yield Change(*now, ordinal, 1)
        before = now


def alike_on(member: Member, day: str, coalitions: Collection[str]) -> Alike | None:
    """With whom a member is counted on a day.

    None before its first step is certain, and where it was in no such coalition then.
    """
    state = state_on(member, day) if member.coalition_on(day) in coalitions else None
    return Alike(member.country, member.kind, state) if state else None


def state_on(member: Member, day: str) -> MemberState | None:
    """What a member was on a day; None before its first step is certain."""
    states = [standing.state for standing in member.standings if standing.since <= day]
    return states[-1] if states else None


def nearest(counts: Sequence[PublicCount], day: str) -> PublicCount | None:
    """The count nearest in time, the earlier of two equally near ones; words are no count."""
    asked = date.fromisoformat(day)

    def distance(count: PublicCount) -> int:
        return abs((date.fromisoformat(certain_day(count.as_of)) - asked).days)

    return min((c for c in counts if c.members is not None), key=distance, default=None)


def below(parents: Mapping[str, str | None], top: str) -> set[str]:
    """The ids of a coalition and of all coalitions below it, of the coalition above each."""
    found: set[str] = set()
    ahead = {top}
    while ahead:
        found |= ahead
        ahead = {id_ for id_, parent in parents.items() if parent in ahead} - found
    return found
