"""Coalitions: their founding, launch and names, their statutes, who leads them, how many count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from pydantic import Field, computed_field

from services.membership.domain.dates import (
    agree,
    by_date,
    certain_day,
    finer,
    in_force,
    not_in_the_future,
    replaced,
)
from services.membership.domain.timeline import Dated, timeline_of
from shared.contracts.base import EdtfDate, Link, MemberRef, Model, Slug, Text, Texts
from shared.contracts.membership import (
    CoalitionEvent,
    CoalitionFounded,
    CoalitionLaunched,
    CoalitionRenamed,
    JoiningRule,
    LeadCities,
    LeadCityDesignated,
    MembershipBy,
    MembershipCounted,
    StatutesAdopted,
)
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from datetime import datetime

Status = Literal["in creation", "launched"]


class LeadCity(Model):
    """A city's time as lead city."""

    city: MemberRef
    since: EdtfDate
    until: EdtfDate | None = None
    area: Text | None = None


class CoalitionName(Model):
    """What a coalition was called from a date on; the first name has no date."""

    since: EdtfDate | None = None
    name: Text
    names: Texts = Field(default_factory=dict)
    acronym: Text | None = None


class Statutes(Model):
    """A coalition's own rules, from the date of their adoption."""

    adopted: EdtfDate | None = None
    membership_by: MembershipBy = "signature"
    lead_cities: LeadCities = "any"
    suspend_when_overdue: bool = False
    document: Link | None = None


NO_STATUTES: Final = Statutes()


class PublicCount(Model):
    """How many members, from how many countries, a public source gives."""

    as_of: EdtfDate
    members: int
    countries: int | None = None
    source: Link | None = None


class Coalition(Model):
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
        """What is known of it with a date, in order."""
        return timeline_of(self)

    @property
    def joining_rules(self) -> tuple[JoiningRule, ...]:
        """Which step makes a member, by all its statutes."""
        return tuple(
            JoiningRule(since=s.adopted, by=s.membership_by) for s in self.statutes if s.adopted
        )

    def statutes_on(self, date: str) -> Statutes:
        """The statutes in force on a date; without any, those of `NO_STATUTES`."""
        return in_force(self.statutes, lambda s: s.adopted, certain_day(date)) or NO_STATUTES

    def as_of(self, day: str) -> Coalition | None:
        """What of it was so for certain on a day (`YYYY-MM-DD`); None if nothing yet."""
        if not any(certain_day(line.date) <= day for line in self.timeline):
            return None
        is_launched = self.launched is not None and certain_day(self.launched) <= day
        then = {
            **_called(in_force(self.called, lambda c: c.since, day)),
            "called": tuple(c for c in self.called if _by(c.since, day)),
            "statutes": tuple(s for s in self.statutes if _by(s.adopted, day)),
            "counts": tuple(c for c in self.counts if _by(c.as_of, day)),
            "lead_cities": tuple(lead for lead in self.lead_cities if _leads(lead, day)),
        }
        not_yet = {"launched": None, "place": self.founding_place, "occasion": None}
        launch = {} if is_launched else {**not_yet, "status": "in creation"}
        return self.model_copy(update={**then, **launch})


def told(  # noqa: PLR0911 - one line for each kind of event
    coalition: Coalition | None, event: CoalitionEvent
) -> Coalition:
    """A coalition after an event; equal to what it was where the event says nothing new.

    Raises:
        Refused: it contradicts what is known, or the coalition is not known.
    """
    if isinstance(event, CoalitionFounded):
        return _founded(event, coalition)
    if coalition is None:
        raise Refused(f"the coalition {event.coalition!r} is not known")
    match event:
        case CoalitionLaunched():
            return _launched(event, coalition)
        case CoalitionRenamed():
            return _renamed(event, coalition)
        case StatutesAdopted():
            return coalition.model_copy(update={"statutes": _adopted(event, coalition.statutes)})
        case LeadCityDesignated():
            return coalition.model_copy(update={"lead_cities": _led(event, coalition.lead_cities)})
        case MembershipCounted():
            return coalition.model_copy(update={"counts": _counted(event, coalition.counts)})
        case _:
            return coalition


def may_be_told(event: CoalitionEvent, now: datetime) -> None:
    """Refuse what cannot have happened yet; a designation may lie ahead.

    Raises:
        Refused: its date lies in the future.
    """
    match event:
        case CoalitionLaunched():
            not_in_the_future(event.launched, now)
        case CoalitionRenamed():
            not_in_the_future(event.renamed, now)
        case StatutesAdopted():
            not_in_the_future(event.adopted, now)
        case MembershipCounted():
            not_in_the_future(event.as_of, now)
        case _:
            pass


# --- founding, launch and names ------------------------------


def _founded(event: CoalitionFounded, coalition: Coalition | None) -> Coalition:
    if event.parent == event.coalition:
        raise Refused("a coalition is not above itself")
    if coalition is None:
        facts = event.model_dump(exclude={"coalition", "coalition_name"}, exclude_none=True)
        return Coalition(id=event.coalition, founding_place=event.place, **facts)
    first = coalition.called[0] if coalition.called else coalition
    _agree(event.name, first.name, "name")
    _agree(event.acronym, first.acronym, "acronym")
    _agree(event.parent, coalition.parent, "parent")
    known = {
        "parent": coalition.parent or event.parent,
        "founded": finer(event.founded, coalition.founded, "its founding"),
        "in_creation_since": finer(
            event.in_creation_since, coalition.in_creation_since, "its creation"
        ),
        "founding_place": coalition.founding_place or event.place,
        "place": coalition.place or event.place,
    }
    return _first_name_completed(coalition.model_copy(update=known), event)


def _agree(new: str | None, old: str | None, what: str) -> None:
    if new and old and new != old:
        raise Refused(f"the coalition exists under the {what} {old!r}")


def _first_name_completed(coalition: Coalition, event: CoalitionFounded) -> Coalition:
    """What the founding says of the first name, which may not be the one of today."""
    first, *later = coalition.called or (_name_now(coalition),)
    more = {"names": {**(event.names or {}), **first.names}}
    completed = first.model_copy(update={**more, "acronym": first.acronym or event.acronym})
    if later:
        return coalition.model_copy(update={"called": (completed, *later)})
    return coalition.model_copy(update=_called(completed))


def _launched(event: CoalitionLaunched, coalition: Coalition) -> Coalition:
    known = {
        "launched": finer(event.launched, coalition.launched, "its launch"),
        "status": "launched",
        "place": event.place or coalition.place,
        "occasion": event.occasion or coalition.occasion,
    }
    return coalition.model_copy(update=known)


def _renamed(event: CoalitionRenamed, coalition: Coalition) -> Coalition:
    """The name in force is the one with the last date; no acronym said means that it stays."""
    called = coalition.called or (_name_now(coalition),)
    same = [c for c in called if c.since and c.name == event.name and agree(c.since, event.renamed)]
    held = same[-1] if same else None
    before = in_force(called, lambda c: c.since, certain_day(event.renamed)) or called[0]
    new = CoalitionName(
        since=max(event.renamed, held.since or "", key=len) if held else event.renamed,
        name=event.name,
        names=event.names or (held.names if held else {}),
        acronym=event.acronym or (held.acronym if held else before.acronym),
    )
    called = by_date(replaced(called, held, new), lambda c: c.since)
    return coalition.model_copy(update={**_called(called[-1]), "called": called})


def _name_now(coalition: Coalition) -> CoalitionName:
    return CoalitionName(name=coalition.name, names=coalition.names, acronym=coalition.acronym)


def _called(name: CoalitionName | None) -> dict[str, object]:
    return name.model_dump(exclude={"since"}) if name else {}


# --- statutes, lead cities, counts ------------------------------


def _adopted(event: StatutesAdopted, held: tuple[Statutes, ...]) -> tuple[Statutes, ...]:
    """Statutes of the same date replace those that were told before."""
    new = Statutes.model_validate(event.model_dump())
    old = next((s for s in held if s.adopted == new.adopted), None)
    return by_date(replaced(held, old, new), lambda s: s.adopted)


def _led(event: LeadCityDesignated, leads: tuple[LeadCity, ...]) -> tuple[LeadCity, ...]:
    for index, lead in enumerate(leads):
        same_post = lead.city.key == event.city.key and lead.area == event.area
        if same_post and agree(lead.since, event.since):
            dates = {
                "since": finer(event.since, lead.since, "the designation"),
                "until": finer(event.until, lead.until, "its end"),
            }
            return (*leads[:index], lead.model_copy(update=dates), *leads[index + 1 :])
    new = LeadCity(city=event.city, since=event.since, until=event.until, area=event.area)
    return (*leads, new)


def _counted(event: MembershipCounted, held: tuple[PublicCount, ...]) -> tuple[PublicCount, ...]:
    """A source that counts anew for the same date replaces what it said."""
    new = PublicCount.model_validate(event.model_dump())
    old = next((c for c in held if (c.as_of, c.source) == (new.as_of, new.source)), None)
    return by_date(replaced(held, old, new), lambda c: c.as_of)


def _by(date: str | None, day: str) -> bool:
    return date is None or certain_day(date) <= day


def _leads(lead: LeadCity, day: str) -> bool:
    """A term known to end in a month lasts until the month's last day."""
    return _by(lead.since, day) and (lead.until is None or day <= certain_day(lead.until))
