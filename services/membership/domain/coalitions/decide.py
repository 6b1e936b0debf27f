"""What may be said of a coalition, and what is published because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.membership.domain.coalitions import evolve
from services.membership.domain.guards import Bound, Bounds, refuse_growth
from services.membership.domain.members.guards import refuse_other_than
from services.membership.domain.members.state import Member, stream
from shared.contracts.membership import bounds
from shared.domain.dates import refuse_contradiction, refuse_future
from shared.domain.decider import Refused
from shared.domain.identity import refuse_another

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.membership.domain.coalitions.state import Coalition
    from shared.contracts.base import Event, MemberRef
    from shared.contracts.membership import (
        CoalitionEvent,
        CoalitionFounded,
        CoalitionLaunched,
        CoalitionRenamed,
        LeadCityDesignated,
        MembershipCounted,
        StatutesAdopted,
    )
    from shared.domain.decider import Context

_BOUNDS: Final[Bounds] = {
    "names": Bound(bounds.MAX_TRANSLATIONS, "names in other languages", "leave some out"),
    "called": Bound(bounds.MAX_NAMES, "names one after another", "leave out the least of them"),
    "statutes": Bound(
        bounds.MAX_STATUTES, "statutes", "send those of a date again to replace them"
    ),
    "lead_cities": Bound(bounds.MAX_LEAD_CITIES, "terms of lead cities", "leave out the oldest"),
    "counts": Bound(
        bounds.MAX_COUNTS, "public counts", "send one of the same date and source to replace it"
    ),
}


def _existing(coalition: Coalition | None, event: CoalitionEvent) -> Coalition:
    if coalition is None:
        raise Refused(f"the coalition {event.coalition!r} is not known")
    return coalition


def _published(
    before: Coalition | None, event: CoalitionEvent, after: Coalition
) -> Sequence[Event]:
    """The event with the coalition's name; nothing where it is no news of the coalition."""
    if after == before:
        return []
    refuse_growth(after.name, before, after, _BOUNDS)
    return [event.model_copy(update={"coalition_name": after.name})]


# --- founding, launch and names ------------------------------


def found(
    coalition: Coalition | None, event: CoalitionFounded, context: Context
) -> Sequence[Event]:
    """Found a coalition, or add what was missing.

    Raises:
        Refused: it is above itself, or exists under another name, acronym or parent.
    """
    del context
    if event.parent == event.coalition:
        raise Refused("a coalition is not above itself")
    if coalition:
        first = evolve.first_name(coalition)
        _refuse_another(event.name, first.name, "name")
        _refuse_another(event.acronym, first.acronym, "acronym")
        _refuse_another(event.parent, coalition.parent, "parent")
        refuse_contradiction(event.founded, coalition.founded, "its founding")
        refuse_contradiction(event.in_creation_since, coalition.in_creation_since, "its creation")
    after = evolve.founded(coalition, event)
    if coalition:
        # Beside the names of today there are those of the first name, if it was renamed.
        refuse_growth(
            after.name,
            evolve.first_name(coalition),
            evolve.first_name(after),
            {"names": _BOUNDS["names"]},
        )
    return _published(coalition, event, after)


def _refuse_another(new: str | None, current: str | None, what: str) -> None:
    if new and current and new != current:
        raise Refused(f"the coalition exists under the {what} {current!r}")


def launch(
    coalition: Coalition | None, event: CoalitionLaunched, context: Context
) -> Sequence[Event]:
    """Launch a coalition in public.

    Raises:
        Refused: it was launched on another date, or will be.
    """
    refuse_future(event.launched, context.now)
    coalition = _existing(coalition, event)
    refuse_contradiction(event.launched, coalition.launched, "its launch")
    return _published(coalition, event, evolve.launched(coalition, event))


def rename(
    coalition: Coalition | None, event: CoalitionRenamed, context: Context
) -> Sequence[Event]:
    """Give a coalition another name from a date on.

    Raises:
        Refused: it is not known, or the date lies in the future.
    """
    refuse_future(event.renamed, context.now)
    coalition = _existing(coalition, event)
    return _published(coalition, event, evolve.renamed(coalition, event))


# --- statutes, lead cities, counts ------------------------------


def adopt_statutes(
    coalition: Coalition | None, event: StatutesAdopted, context: Context
) -> Sequence[Event]:
    """Adopt statutes, which hold from their date on.

    Raises:
        Refused: the coalition is not known, or the date lies in the future.
    """
    refuse_future(event.adopted, context.now)
    coalition = _existing(coalition, event)
    return _published(coalition, event, evolve.statutes_adopted(coalition, event))


def count_members(
    coalition: Coalition | None, event: MembershipCounted, context: Context
) -> Sequence[Event]:
    """Note how many members a public source counts.

    Raises:
        Refused: the coalition is not known, or the date lies in the future.
    """
    refuse_future(event.as_of, context.now)
    coalition = _existing(coalition, event)
    return _published(coalition, event, evolve.membership_counted(coalition, event))


def designate(
    coalition: Coalition | None, event: LeadCityDesignated, context: Context
) -> Sequence[Event]:
    """Designate a lead city; the term may lie ahead.

    Raises:
        Refused: the city is not named in full, another is recorded under its id, it
            may not lead by the statutes, or its term ends on another date.
    """
    city = context.find(stream(event.city.key), Member)
    _refuse_another_city(coalition, event.city, city)
    event = _named_in_full(event, city)
    coalition = _existing(coalition, event)
    term = evolve.term_of(coalition, event)
    refuse_contradiction(event.until, term.until if term else None, "its end")
    after = evolve.lead_city_designated(coalition, event)
    if after == coalition:
        return []
    return _published(coalition, _by_statutes(event, coalition, city), after)


def _refuse_another_city(coalition: Coalition | None, ref: MemberRef, city: Member | None) -> None:
    if city:
        refuse_other_than(city, ref)
    elif coalition:
        for lead in coalition.lead_cities:
            if lead.city.key == ref.key:
                refuse_another(ref, lead.city)


def _named_in_full(event: LeadCityDesignated, city: Member | None) -> LeadCityDesignated:
    """The designation as far as it is its publisher's to say, of a city named in full."""
    event = event.model_copy(update={"becomes_member": None})
    if city:
        return event.model_copy(update={"city": city.ref})
    if event.city.name is None:
        raise Refused("a lead city is given by name, kind and country")
    return event


def _by_statutes(
    event: LeadCityDesignated, coalition: Coalition, city: Member | None
) -> LeadCityDesignated:
    rule = coalition.statutes_on(event.since).lead_cities
    if rule == "any" or (city and city.state == "member"):
        return event
    if rule == "members":
        raise Refused(f"by its statutes only a member leads, which {event.city.name} is not")
    return event.model_copy(update={"becomes_member": True})
