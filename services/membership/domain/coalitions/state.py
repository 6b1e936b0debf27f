"""A coalition: its founding, launch and names, its statutes, who leads it, how many count."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, computed_field

from services.membership.domain.coalitions.timeline import Dated, timeline_of
from shared.contracts.base import EdtfDate, Link, MemberRef, Slug, Text, Texts
from shared.contracts.membership import JoiningRule, LeadCities, MembershipBy
from shared.domain.dates import certain_day, in_force
from shared.domain.state import State
from shared.domain.stream import Stream

KIND: Final = "coalitions"
Status = Literal["in creation", "launched"]


def stream(id_: str) -> Stream:
    """The stream of a coalition."""
    return Stream(KIND, id_)


class LeadCity(State):
    """A city's time as lead city."""

    city: MemberRef
    since: EdtfDate
    until: EdtfDate | None = None
    area: Text | None = None

    def is_on(self, day: str) -> bool:
        """Whether it lasted on a day; a term known to end in a month lasts to the month's end."""
        return _by(self.since, day) and (self.until is None or day <= certain_day(self.until))


class CoalitionName(State):
    """What a coalition was called from a date on; the first name has no date."""

    since: EdtfDate | None = None
    name: Text
    names: Texts = Field(default_factory=dict)
    acronym: Text | None = None


class Statutes(State):
    """A coalition's own rules, from the date of their adoption."""

    adopted: EdtfDate | None = None
    membership_by: MembershipBy = "signature"
    lead_cities: LeadCities = "any"
    suspend_when_overdue: bool = False
    document: Link | None = None


NO_STATUTES: Final = Statutes()


class PublicCount(State):
    """How many members, from how many countries, a public source gives."""

    as_of: EdtfDate
    members: int
    countries: int | None = None
    source: Link | None = None


class Coalition(State):
    """A coalition; in creation until it is launched.

    Attributes:
        place: where it was launched, or founded as long as it is not launched.
        called: all names it had, in order; empty as long as it has its first one.
    """

    id: Slug
    name: Text
    names: Texts = Field(default_factory=dict)
    acronym: Text | None = None
    parent: Slug | None = None
    founded: EdtfDate | None = None
    founding_place: Text | None = None
    in_creation_since: EdtfDate | None = None
    launched: EdtfDate | None = None
    place: Text | None = None
    occasion: Text | None = None
    status: Status = "in creation"
    lead_cities: tuple[LeadCity, ...] = ()
    called: tuple[CoalitionName, ...] = ()
    statutes: tuple[Statutes, ...] = ()
    counts: tuple[PublicCount, ...] = ()

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def timeline(self) -> tuple[Dated, ...]:
        """What of it has a date, in order."""
        return timeline_of(self)

    @property
    def joining_rules(self) -> tuple[JoiningRule, ...]:
        """Which step makes a member, by all its statutes."""
        return tuple(
            JoiningRule.model_construct(since=s.adopted, by=s.membership_by)
            for s in self.statutes
            if s.adopted
        )

    @property
    def name_now(self) -> CoalitionName:
        """The name it has now, without the date from which on it has it."""
        return CoalitionName(name=self.name, names=self.names, acronym=self.acronym)

    def statutes_on(self, date: str) -> Statutes:
        """The statutes in force on a date; without any, those of `NO_STATUTES`."""
        return in_force(self.statutes, lambda s: s.adopted, certain_day(date)) or NO_STATUTES

    def as_of(self, day: str) -> Coalition | None:
        """What of it was so for certain on a day (`YYYY-MM-DD`); None if nothing yet."""
        if not any(certain_day(line.date) <= day for line in self.timeline):
            return None
        is_launched = self.launched is not None and certain_day(self.launched) <= day
        then = {
            **named(in_force(self.called, lambda c: c.since, day)),
            "called": tuple(c for c in self.called if _by(c.since, day)),
            "statutes": tuple(s for s in self.statutes if _by(s.adopted, day)),
            "counts": tuple(c for c in self.counts if _by(c.as_of, day)),
            "lead_cities": tuple(lead for lead in self.lead_cities if lead.is_on(day)),
        }
        not_yet = {"launched": None, "place": self.founding_place, "occasion": None}
        launch = {} if is_launched else {**not_yet, "status": "in creation"}
        return self.model_copy(update={**then, **launch})


def named(name: CoalitionName | None) -> dict[str, object]:
    """What of a coalition's state a name says."""
    return name.model_dump(exclude={"since"}) if name else {}


def _by(date: str | None, day: str) -> bool:
    return date is None or certain_day(date) <= day
