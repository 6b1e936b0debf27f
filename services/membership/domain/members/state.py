"""A member: its names, its steps, what it is because of them, and what mends the record."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from pydantic import Field, computed_field

from services.membership.domain.claims import Claims
from services.membership.domain.members import way
from services.membership.domain.members.partners import Partners
from services.membership.domain.members.way import Rules, Standing, Steps
from shared.contracts.base import (
    Country,
    EdtfDate,
    Kind,
    Link,
    MemberRef,
    Qualifier,
    Slug,
    Text,
    Texts,
    member_id,
)
from shared.contracts.membership import MemberState, Step
from shared.contracts.sources import Source
from shared.domain.corrections.kept import Corrections
from shared.domain.dates import certain_day, in_force
from shared.domain.state import State
from shared.domain.stream import Stream

KIND: Final = "members"


def stream(id_: str) -> Stream:
    """The stream of a member."""
    return Stream(KIND, id_)


class MemberName(State):
    """What a member was called, and of which kind it was, from a date on."""

    since: EdtfDate | None = None
    name: Text
    local_name: Text | None = None
    names: Texts = Field(default_factory=dict)
    kind: Kind

    @property
    def marks(self) -> dict[str, str]:
        """What tells it from other names."""
        return {"name": self.name, **({"since": self.since} if self.since else {})}


class Move(State):
    """When a member moved, and from which coalition, with the rules by which it was in there."""

    moved: EdtfDate
    coalition: Slug
    coalition_name: Text | None = None
    joining_rules: Rules = ()

    @property
    def there(self) -> dict[str, object]:
        """What of a member's state says in which coalition it is."""
        names = ("coalition", "coalition_name", "joining_rules")
        return {name: getattr(self, name) for name in names}


class TakenOver(State):
    """A step that was taken over from a duplicate: as it was before, if it was, and since then."""

    duplicate: Slug
    was: Step | None = None
    now: Step


class Population(State):
    """How many people lived in a member on a date."""

    as_of: EdtfDate
    population: int
    source: Source | None = None


class TakenFacts(State):
    """What was taken over from a duplicate besides steps."""

    duplicate: Slug
    partners: Partners = ()
    populations: tuple[Population, ...] = ()
    also_claimed: Claims = ()


class Member(State):
    """A member, or one on its way to be; what it is follows from its steps.

    Attributes:
        steps: what stands, in the order in which it happened.
        corrections: what was recorded and does not stand.
        called: all names it had, in order; empty as long as it has its first one.
        joining_rules: which step makes a member of its coalition, by the coalition's statutes.
        absorbed: the ids of its duplicates; merged_into: of what it is a duplicate.
        taken_over: the steps that it has from its duplicates; taken_facts: what else it has.
        moves: from which coalitions it moved, and when, the last one last.
        part_of: the id of the member of which it is a part.
        populations: how many people lived there, by date.
        aliases: ids that follow from what was corrected of it, and lead to it.
        also_claimed: what other sources say instead of a step.
    """

    id: Slug
    name: Text
    local_name: Text | None = None
    names: Texts = Field(default_factory=dict)
    country: Country | None = None
    kind: Kind
    qualifier: Qualifier | None = None
    coalition: Slug
    coalition_name: Text | None = None
    latitude: float | None = None
    longitude: float | None = None
    website: Link | None = None
    part_of: Slug | None = None
    populations: tuple[Population, ...] = ()
    steps: Steps = ()
    corrections: Corrections = ()
    called: tuple[MemberName, ...] = ()
    partners: Partners = ()
    joining_rules: Rules = ()
    absorbed: tuple[Slug, ...] = ()
    merged_into: Slug | None = None
    taken_over: tuple[TakenOver, ...] = ()
    taken_facts: tuple[TakenFacts, ...] = ()
    moves: tuple[Move, ...] = ()
    aliases: tuple[Slug, ...] = ()
    also_claimed: Claims = ()

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def state(self) -> MemberState:
        """What it is now, by all that is recorded."""
        if self.merged_into:
            return "merged"
        moments = way.walk(self.steps, self.joining_rules)
        return moments[-1].after if moments else "none"

    @computed_field  # type: ignore[prop-decorator]
    @property
    def standings(self) -> tuple[Standing, ...]:
        """What it was from which day on; a duplicate never was anything."""
        return () if self.merged_into else way.standings(self.steps, self.joining_rules)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def population(self) -> int | None:
        """How many people live there by the last count."""
        return self.populations[-1].population if self.populations else None

    @property
    def ref(self) -> MemberRef:
        """Its full reference, under the name it has now."""
        return MemberRef(
            id=self.id,
            name=self.name,
            local_name=self.local_name,
            country=self.country,
            kind=self.kind,
            qualifier=self.qualifier,
        )

    @property
    def derived_id(self) -> str | None:
        """The id that follows from its first name, its country and its kind, as they are now."""
        first = self.called[0] if self.called else self
        with suppress(ValueError):  # one of its own needs no letter in its name
            return member_id(self.country, first.kind, first.name, first.local_name, self.qualifier)
        return None

    @property
    def name_now(self) -> MemberName:
        """The name it has now, without the date from which on it has it."""
        return MemberName(
            name=self.name, local_name=self.local_name, names=self.names, kind=self.kind
        )

    def as_of(self, day: str) -> Member | None:
        """What of it was so for certain on a day (`YYYY-MM-DD`); None if nothing yet."""
        steps = way.certain_by(self.steps, day)
        if not way.standings(steps, self.joining_rules) or self.merged_into:
            return None
        then = {
            **self._coalition_on(day),
            **named(in_force(self.called, lambda n: n.since, day)),
            "called": tuple(n for n in self.called if not n.since or certain_day(n.since) <= day),
            "steps": steps,
            "populations": tuple(p for p in self.populations if certain_day(p.as_of) <= day),
            "partners": tuple(p for p in self.partners if certain_day(p.joined) <= day),
        }
        return self.model_copy(update=then)

    def coalition_on(self, day: str) -> str:
        """The coalition that it was in on a day, for certain."""
        return str(self._coalition_on(day).get("coalition", self.coalition))

    def _coalition_on(self, day: str) -> dict[str, object]:
        """What else it was on a day by the coalition in which it was then."""
        for place, move in enumerate(self.moves):
            if certain_day(move.moved) > day:
                return {**move.there, "moves": self.moves[:place]}
        return {}


def named(name: MemberName | None) -> dict[str, object]:
    """What of a member's state a name says."""
    return name.model_dump(exclude={"since"}) if name else {}
