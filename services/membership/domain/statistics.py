"""How many members, from how many countries: by the record, and as public sources count."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from services.membership.domain.coalitions.state import Coalition, PublicCount
from shared.domain.dates import certain_day
from shared.domain.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from services.membership.domain.members.state import Member
    from shared.contracts.membership import MemberState


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


def statistics(coalition: Coalition, members: Iterable[Member], day: str) -> Statistics:
    """Count members as of a day (`YYYY-MM-DD`)."""
    then = [(member, state) for member in members if (state := state_on(member, day))]
    inside = [member for member, state in then if state in {"member", "suspended"}]
    by_country = Counter(member.country or "-" for member in inside)
    return Statistics(
        coalition=coalition.id,
        name=coalition.name,
        day=day,
        members=len(inside),
        countries=len(by_country.keys() - {"-"}),
        by_state=dict(Counter(state for _, state in then)),
        by_kind=dict(Counter(member.kind for member in inside)),
        by_country=dict(sorted(by_country.items())),
        public_count=nearest(coalition.counts, day),
    )


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


def below(coalitions: Iterable[Coalition], top: str) -> set[str]:
    """The ids of a coalition and of all coalitions below it."""
    all_of_them = list(coalitions)
    found: set[str] = set()
    ahead = {top}
    while ahead:
        found |= ahead
        ahead = {c.id for c in all_of_them if c.parent in ahead} - found
    return found
