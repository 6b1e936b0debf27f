"""What a coalition is after an event that was published. Nothing is refused here.

Of a coalition that is not there, nothing but its founding is published: see the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.membership.domain.coalitions.state import (
    Coalition,
    CoalitionName,
    LeadCity,
    PublicCount,
    Statutes,
    named,
)
from shared.domain.dates import agree, by_date, certain_day, finer_of, in_force, replaced

if TYPE_CHECKING:
    from shared.contracts.membership import (
        CoalitionFounded,
        CoalitionLaunched,
        CoalitionRenamed,
        LeadCityDesignated,
        MembershipCounted,
        StatutesAdopted,
    )

# --- founding, launch and names ------------------------------


def founded(coalition: Coalition | None, event: CoalitionFounded) -> Coalition:
    """Begin, or add what was missing; what contradicts the record leaves it as it is."""
    if coalition is None:
        return _begun(event)
    more = {
        "parent": coalition.parent or event.parent,
        "founded": finer_of(event.founded, coalition.founded),
        "in_creation_since": finer_of(event.in_creation_since, coalition.in_creation_since),
        "founding_place": coalition.founding_place or event.place,
        "place": coalition.place or event.place,
    }
    return _first_name_completed(coalition.model_copy(update=more), event)


def _begun(event: CoalitionFounded) -> Coalition:
    return Coalition(
        id=event.coalition,
        name=event.name,
        names=event.names or {},
        acronym=event.acronym,
        parent=event.parent,
        founded=event.founded,
        founding_place=event.place,
        in_creation_since=event.in_creation_since,
        place=event.place,
    )


def first_name(coalition: Coalition) -> CoalitionName:
    """The name under which it was founded, which may not be the one of today."""
    return coalition.called[0] if coalition.called else coalition.name_now


def _first_name_completed(coalition: Coalition, event: CoalitionFounded) -> Coalition:
    first = first_name(coalition)
    completed = first.model_copy(
        update={
            "names": {**(event.names or {}), **first.names},
            "acronym": first.acronym or event.acronym,
        }
    )
    if len(coalition.called) > 1:
        return coalition.model_copy(update={"called": (completed, *coalition.called[1:])})
    return coalition.model_copy(update=named(completed))


def launched(coalition: Coalition, event: CoalitionLaunched) -> Coalition:
    """Be launched in public."""
    return coalition.model_copy(
        update={
            "launched": finer_of(event.launched, coalition.launched),
            "status": "launched",
            "place": event.place or coalition.place,
            "occasion": event.occasion or coalition.occasion,
        }
    )


def renamed(coalition: Coalition, event: CoalitionRenamed) -> Coalition:
    """The name in force is the one with the last date; an acronym that is not given stays."""
    names = coalition.called or (coalition.name_now,)
    same = [c for c in names if c.since and c.name == event.name and agree(c.since, event.renamed)]
    current = same[-1] if same else None
    before = current or in_force(names, lambda c: c.since, certain_day(event.renamed)) or names[0]
    new = CoalitionName(
        since=max(event.renamed, current.since or "", key=len) if current else event.renamed,
        name=event.name,
        names=event.names or (current.names if current else {}),
        acronym=event.acronym or before.acronym,
    )
    names = by_date(replaced(names, current, new), lambda c: c.since)
    return coalition.model_copy(update={**named(names[-1]), "called": names})


# --- statutes, lead cities, counts ------------------------------


def statutes_adopted(coalition: Coalition, event: StatutesAdopted) -> Coalition:
    """Statutes of the same date replace those before."""
    new = Statutes(
        adopted=event.adopted,
        membership_by=event.membership_by,
        lead_cities=event.lead_cities,
        suspend_when_overdue=event.suspend_when_overdue,
        document=event.document,
    )
    current = next((s for s in coalition.statutes if s.adopted == new.adopted), None)
    statutes = by_date(replaced(coalition.statutes, current, new), lambda s: s.adopted)
    return coalition.model_copy(update={"statutes": statutes})


def term_of(coalition: Coalition, event: LeadCityDesignated) -> LeadCity | None:
    """The term that an event is about, if it is recorded already."""
    post = (event.city.key, event.area)
    terms = (t for t in coalition.lead_cities if (t.city.key, t.area) == post)
    return next((term for term in terms if agree(term.since, event.since)), None)


def lead_city_designated(coalition: Coalition, event: LeadCityDesignated) -> Coalition:
    """Begin, or end, a city's term as lead city."""
    current = term_of(coalition, event)
    if current is None:
        term = LeadCity(city=event.city, since=event.since, until=event.until, area=event.area)
    else:
        dates = {
            "since": finer_of(event.since, current.since),
            "until": finer_of(event.until, current.until),
        }
        term = current.model_copy(update=dates)
    terms = replaced(coalition.lead_cities, current, term)
    return coalition.model_copy(update={"lead_cities": terms})


def membership_counted(coalition: Coalition, event: MembershipCounted) -> Coalition:
    """A source that counts anew for the same date replaces its count."""
    new = PublicCount(
        as_of=event.as_of,
        members=event.members,
        countries=event.countries,
        source=event.source,
    )
    about = (new.as_of, new.source)
    current = next((c for c in coalition.counts if (c.as_of, c.source) == about), None)
    counts = by_date(replaced(coalition.counts, current, new), lambda c: c.as_of)
    return coalition.model_copy(update={"counts": counts})
