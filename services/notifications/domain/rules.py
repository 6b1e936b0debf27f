"""Rules: which events a person is told of, and how; those of a role stand in one table."""

from __future__ import annotations

from functools import cached_property
from typing import Final, Literal, NamedTuple

from shared.contracts.notifications import How, Role, Urgency
from shared.domain.state import State
from shared.fingerprint import digest

CRITICAL: Final = frozenset(
    {
        *("MemberSuspended", "ReportFellOverdue", "LocalPlanFellOverdue"),
        *("ReportChased", "LocalPlanChased"),
    }
)
LOW: Final = frozenset(
    {"ActionRecorded", "IndicatorRead", "PracticeAdopted", "CommitmentsFellIdle"}
)


def urgency_of(kind: str) -> Urgency:
    """How urgent a kind of event is for those whom it concerns; a correction never is."""
    if kind in CRITICAL:
        return "critical"
    return "low" if kind in LOW or kind.endswith("Corrected") else "normal"


class Facts(NamedTuple):
    """What rules look at of an event.

    Attributes:
        coalitions: the coalitions that it concerns; none means all.
        roles: of those whom it is for; none means all.
    """

    kind: str
    urgency: Urgency
    coalitions: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    points: frozenset[int] = frozenset()
    roles: frozenset[str] = frozenset()


class Scope(NamedTuple):
    """Whether an event concerns a person's own member, or the coalitions that they work for."""

    member: bool
    coalition: bool


class Rule(State):
    """How somebody is told of some events; whatever it does not name may be any.

    Attributes:
        own: only what concerns the person's own member, or a coalition that they work for.
        how: how they are told.
    """

    own: Literal["member", "coalition"] | None = None
    coalitions: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    points: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    urgency: tuple[Urgency, ...] = ()
    how: How

    def matches(self, facts: Facts, scope: Scope) -> bool:
        """Whether it says how somebody is told; an event of no coalition is for every coalition."""
        return (
            (not self.kinds or facts.kind in self.kinds)
            and (self.own is None or getattr(scope, self.own))
            and (not self.urgency or facts.urgency in self.urgency)
            and (
                not self.coalitions
                or not facts.coalitions
                or _meet(facts.coalitions, self.coalitions)
            )
            and (not self.members or _meet(facts.members, self.members))
            and (not self.countries or _meet(facts.countries, self.countries))
            and (not self.points or _meet(facts.points, self.points))
        )

    @cached_property
    def is_for_all(self) -> bool:
        """Whether it fits every event."""
        return self == Rule(how=self.how)

    @cached_property
    def fingerprint(self) -> str:
        """Tells what it is about from other rules, wherever it stands and whatever it says."""
        about = self.model_dump_json(exclude_defaults=True, exclude={"how"})
        return digest(about.encode())[:12]


def _meet(found: frozenset[str] | frozenset[int], named: tuple[str | int, ...]) -> bool:
    return not found.isdisjoint(named)


_ALL_ELSE: Final = Rule(how="never")
DEFAULTS: Final[dict[Role, tuple[Rule, ...]]] = {
    "secretariat": (
        Rule(own="coalition", urgency=("critical",), how="at once"),
        Rule(own="coalition", urgency=("normal",), how="daily"),
        Rule(own="coalition", how="weekly"),
        _ALL_ELSE,
    ),
    "lead city": (
        Rule(own="member", urgency=("critical", "normal"), how="at once"),
        Rule(own="coalition", urgency=("critical",), how="at once"),
        Rule(own="coalition", urgency=("normal",), how="daily"),
        Rule(own="coalition", how="weekly"),
        _ALL_ELSE,
    ),
    "focal point": (
        Rule(own="member", urgency=("critical", "normal"), how="at once"),
        Rule(own="member", how="daily"),
        Rule(own="coalition", how="weekly"),
        _ALL_ELSE,
    ),
    "observer": (
        Rule(own="coalition", how="weekly"),
        _ALL_ELSE,
    ),
}
"""What people of each role are told of where no rule of their own says it: the first counts."""
