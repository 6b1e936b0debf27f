"""What may be said of a coalition's organs, offices and decisions, and of what is corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.membership.domain.coalitions import evolve, offices
from services.membership.domain.coalitions.guards import (
    existing,
    published,
    refuse_corrected,
    refuse_uncited,
    refuse_unknown,
)
from services.membership.domain.coalitions.state import Decision
from services.membership.domain.conferences.state import Conference
from services.membership.domain.conferences.state import stream as conference_stream
from services.membership.domain.members.guards import refuse_other_than
from services.membership.domain.members.state import Member, stream
from shared.contracts.base import MemberRef, earliest, latest
from shared.contracts.membership import CoalitionFact, bounds
from shared.domain.dates import refuse_contradiction, refuse_future
from shared.domain.decider import Refused
from shared.domain.identity import refuse_another

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.membership.domain.coalitions.offices import Takes, Term
    from services.membership.domain.coalitions.state import Coalition
    from shared.contracts.base import Event
    from shared.contracts.membership import (
        CoalitionCorrected,
        DecisionTaken,
        LeadCityDesignated,
        OfficeTaken,
        OrganEstablished,
    )
    from shared.domain.corrections.kept import Correction
    from shared.domain.decider import Context

_HAS_HAPPENED: Final[frozenset[CoalitionFact]] = frozenset(
    (
        "in creation",
        "founded",
        "launched",
        "renamed",
        "statutes adopted",
        "members counted",
        "organ established",
        "office seen",
        "elected",
        "decided",
    )
)
"""What cannot be dated in the future; a term may lie ahead."""


# --- organs and offices ------------------------------


def establish(
    coalition: Coalition | None, event: OrganEstablished, context: Context
) -> Sequence[Event]:
    """Establish an organ, or add what was missing.

    Raises:
        Refused: it exists as another kind, under another name, or since another date.
    """
    refuse_future(event.established, context.now)
    coalition = existing(coalition, event)
    organ = next((o for o in coalition.organs if o.id == event.organ), None)
    if organ:
        if (organ.kind, organ.name) != (event.kind, event.name):
            raise Refused(f"the organ {organ.id!r} is the {organ.kind} {organ.name!r} already")
        refuse_contradiction(event.established, organ.established, "its establishment")
        refuse_corrected(coalition, "organ established", event.established, organ)
    return published(coalition, event, evolve.organ_established(coalition, event))


def take_office(
    coalition: Coalition | None, event: OfficeTaken, context: Context
) -> Sequence[Event]:
    """Take an office, be seen in it, be elected again, or leave it; a term may lie ahead.

    Raises:
        Refused: the organ or the decision is not known; or as for a lead city.
    """
    coalition = existing(coalition, event)
    organs = [o.id for o in coalition.organs]
    refuse_unknown("organ", event.organ, organs)
    refuse_unknown("organ", event.elected_by, organs)
    refuse_uncited(coalition, event.decision)
    refuse_future(event.elected, context.now)
    refuse_future(event.seen, context.now)
    return _taken(coalition, event, context)


def designate(
    coalition: Coalition | None, event: LeadCityDesignated, context: Context
) -> Sequence[Event]:
    """Designate a lead city; the term may lie ahead.

    Raises:
        Refused: the city is not named in full, another is recorded under its id, it may not lead
            by the statutes, or its term ends on another date.
    """
    return _taken(existing(coalition, event), event, context)


def _taken(coalition: Coalition, event: Takes, context: Context) -> Sequence[Event]:
    city = context.find(stream(event.city.key), Member) if event.city else None
    _refuse_another_city(coalition, event.city, city)
    event = _named_in_full(event, city)
    new = offices.term(event)
    _refuse_as_corrected(coalition, new)
    current = offices.recorded(coalition.offices, new)
    refuse_contradiction(event.until, current.until if current else None, "its end")
    after = evolve.office_taken(coalition, event)
    if after == coalition:
        return []
    term = offices.recorded(after.offices, new) or new
    _refuse_as_it_is(term)
    if new.office == "lead city" and event.city:
        event = _by_statutes(event, coalition, city)
    # Folded again, since by the statutes the city may have become a member.
    return published(coalition, event, evolve.office_taken(coalition, event))


def _refuse_another_city(coalition: Coalition, ref: MemberRef | None, city: Member | None) -> None:
    if ref is None:
        return
    if city:
        refuse_other_than(city, ref)
        return
    for term in coalition.offices:
        if term.city and term.city.key == ref.key:
            refuse_another(ref, term.city)


def _named_in_full(event: Takes, city: Member | None) -> Takes:
    """The event as far as it is its publisher's to say, of a city named in full."""
    event = event.model_copy(update={"becomes_member": None})
    if city:
        return event.model_copy(update={"city": city.ref})
    if event.city and event.city.name is None:
        raise Refused("a city that is no member is given by name, kind and country")
    return event


def _refuse_as_corrected(coalition: Coalition, new: Term) -> None:
    refuse_corrected(coalition, "office", new.office, new)
    refuse_corrected(coalition, "office since", new.since, new)
    refuse_corrected(coalition, "office until", new.until, new)
    for day in new.seen:
        refuse_corrected(coalition, "office seen", day, new)
    for day in new.elected:
        refuse_corrected(coalition, "elected", day, new)


def _refuse_as_it_is(term: Term) -> None:
    begins, ends = term.since, term.until
    if begins and ends and latest(ends) < earliest(begins):
        raise Refused(f"{ends} lies before {term.holder} became {term.office} in {begins}")
    if len(term.elected) > bounds.MAX_ELECTIONS or len(term.seen) > bounds.MAX_ELECTIONS:
        most = bounds.MAX_ELECTIONS
        raise Refused(
            f"one term has {most} elections at most, and as many days on which it is seen"
        )


def _by_statutes(event: Takes, coalition: Coalition, city: Member | None) -> Takes:
    rule = coalition.statutes_on(event.since).lead_cities if event.since else "any"
    if rule == "any" or (city and city.state == "member"):
        return event
    if rule == "members":
        name = event.city.name if event.city else ""
        raise Refused(f"by its statutes only a member leads, which {name} is not")
    return event.model_copy(update={"becomes_member": True})


# --- decisions ------------------------------


def decide(coalition: Coalition | None, event: DecisionTaken, context: Context) -> Sequence[Event]:
    """Take a decision, or add to what is recorded of it.

    Raises:
        Refused: the organ or the meeting is not known, the decision is dated otherwise, or it
            lies in the future.
    """
    refuse_future(event.decided, context.now)
    coalition = existing(coalition, event)
    refuse_unknown("organ", event.organ, (o.id for o in coalition.organs))
    if event.meeting and not context.find(conference_stream(event.meeting), Conference):
        raise Refused(f"the meeting {event.meeting!r} is no conference that was announced")
    current = next((d for d in coalition.decisions if d.id == event.decision), None)
    refuse_contradiction(event.decided, current.decided if current else None, "the decision")
    new = Decision(id=event.decision, decided=event.decided, item=event.item)
    refuse_corrected(coalition, "decided", event.decided, new)
    return published(coalition, event, evolve.decision_taken(coalition, event))


# --- corrections ------------------------------


def correct(
    coalition: Coalition | None, event: CoalitionCorrected, context: Context
) -> Sequence[Event]:
    """Correct what is recorded wrongly, or never happened; or take a correction back.

    Raises:
        Refused: no such thing is recorded, or what is left makes no sense.
    """
    if event.fact in _HAS_HAPPENED:
        refuse_future(event.correct, context.now)
    coalition = existing(coalition, event)
    event = event.model_copy(update={"admitted": None})
    found = evolve.correction(coalition, event)
    if found.problem:
        raise Refused(found.problem)
    for term in found.state.offices:
        _refuse_as_it_is(term)
    _refuse_if_cited(found.state)
    if found.found:
        more = {"of": found.found.of, "admitted": _admitted(coalition, found.found)}
        event = event.model_copy(update=more)
    return published(coalition, event, found.state)


def _refuse_if_cited(coalition: Coalition) -> None:
    ids = [d.id for d in coalition.decisions]
    cited = [term.decision for term in coalition.offices]
    cited += [statutes.decision for statutes in coalition.statutes]
    for decision in (one for one in cited if one and one not in ids):
        raise Refused(f"the decision {decision!r} is cited: correct what cites it first")


def _admitted(coalition: Coalition, found: Correction) -> MemberRef | None:
    """The city that became a member by the term of which the beginning is corrected."""
    if found.fact != "office since" or not found.was.get("becomes_member"):
        return None
    terms = (t for t in coalition.offices if t.since in {found.recorded, found.correct})
    return next((t.city for t in terms if t.becomes_member and t.city), None)
