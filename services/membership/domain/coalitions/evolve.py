"""What a coalition is after an event that was published. Nothing is refused here.

Of a coalition that is not there, nothing but its founding is published: see the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.membership.domain.claims import about, with_claims
from services.membership.domain.coalitions import offices
from services.membership.domain.coalitions.facts import FACTS, settled, with_all_names
from services.membership.domain.coalitions.state import (
    Coalition,
    CoalitionName,
    Decision,
    Organ,
    PublicCount,
    Statutes,
    named,
)
from shared.domain.corrections.facts import Corrected, corrected
from shared.domain.dates import agree, by_date, certain_day, finer_of, in_force, replaced

if TYPE_CHECKING:
    from services.membership.domain.coalitions.offices import Takes
    from shared.contracts.membership import (
        CoalitionCorrected,
        CoalitionEvent,
        CoalitionFounded,
        CoalitionLaunched,
        CoalitionRenamed,
        DecisionTaken,
        MembershipCounted,
        OrganEstablished,
        StatutesAdopted,
    )

# --- founding, launch and names ------------------------------


def founded(coalition: Coalition | None, event: CoalitionFounded) -> Coalition:
    """Begin, or add what was missing; what contradicts the record leaves it as it is."""
    if coalition is None:
        return _sourced(_begun(event), event, *_dated(event))
    more = {
        "parent": coalition.parent or event.parent,
        "founded": finer_of(event.founded, coalition.founded),
        "in_creation_since": finer_of(event.in_creation_since, coalition.in_creation_since),
        "founding_place": coalition.founding_place or event.place,
        "place": coalition.place or event.place,
        "papers": event.papers or coalition.papers,
    }
    after = _first_name_completed(coalition.model_copy(update=more), event)
    return _sourced(after, event, *_dated(event))


def _dated(event: CoalitionFounded) -> tuple[str, ...]:
    dates = {"founded": event.founded, "in creation": event.in_creation_since}
    is_about_papers = event.papers and not event.founded
    return tuple(w for w, d in dates.items() if d) or ("papers" if is_about_papers else "founded",)


def _sourced(coalition: Coalition, event: CoalitionEvent, *facts: str) -> Coalition:
    """Note the source of what is dated once, and what others claim of it."""
    sources = dict.fromkeys(facts, event.source) if event.source else {}
    return coalition.model_copy(
        update={
            "sources": {**coalition.sources, **sources},
            "also_claimed": with_claims(coalition.also_claimed, event, facts[0]),
        }
    )


def _with(
    coalition: Coalition, field: str, items: tuple[object, ...], event: CoalitionEvent, what: str
) -> Coalition:
    """A coalition with another list, and with what others claim of the item that is new."""
    claims = with_claims(coalition.also_claimed, event, what)
    return coalition.model_copy(update={field: items, "also_claimed": claims})


def _begun(event: CoalitionFounded) -> Coalition:
    return Coalition(
        id=event.coalition,
        name=event.name,
        names=event.names or {},
        acronym=event.acronym,
        parent=event.parent,
        founded=event.founded,
        founding_place=event.place,
        papers=event.papers or (),
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
    after = coalition.model_copy(
        update={
            "launched": finer_of(event.launched, coalition.launched),
            "state": "launched",
            "place": event.place or coalition.place,
            "occasion": event.occasion or coalition.occasion,
        }
    )
    return _sourced(after, event, "launched")


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
        source=event.source or (current.source if current else None),
    )
    names = by_date(replaced(names, current, new), lambda c: c.since)
    after = coalition.model_copy(update=named(names[-1]))
    return _with(after, "called", names, event, about("renamed", new.marks))


# --- statutes, counts, organs, decisions ------------------------------


def statutes_adopted(coalition: Coalition, event: StatutesAdopted) -> Coalition:
    """Statutes of the same date replace those before."""
    new = Statutes(
        adopted=event.adopted,
        membership_by=event.membership_by,
        lead_cities=event.lead_cities,
        suspend_when_report_overdue=event.suspend_when_report_overdue,
        document=event.document,
        decision=event.decision,
        source=event.source,
    )
    current = next((s for s in coalition.statutes if s.adopted == new.adopted), None)
    statutes = by_date(replaced(coalition.statutes, current, new), lambda s: s.adopted)
    return _with(coalition, "statutes", statutes, event, f"statutes adopted {new.adopted}")


def membership_counted(coalition: Coalition, event: MembershipCounted) -> Coalition:
    """A source that counts anew for the same date replaces its count."""
    new = PublicCount(
        as_of=event.as_of,
        members=event.members,
        countries=event.countries,
        words=event.words,
        counted=event.counted,
        source=event.source,
    )
    who = (new.as_of, new.counted_by)
    current = next((c for c in coalition.counts if (c.as_of, c.counted_by) == who), None)
    counts = by_date(replaced(coalition.counts, current, new), lambda c: c.as_of)
    return _with(coalition, "counts", counts, event, f"counted {new.as_of}")


def organ_established(coalition: Coalition, event: OrganEstablished) -> Coalition:
    """Have an organ, or know more of one."""
    current = next((o for o in coalition.organs if o.id == event.organ), None)
    before = current or Organ(id=event.organ, kind=event.kind, name=event.name)
    organ = before.model_copy(
        update={
            "names": {**(event.names or {}), **before.names},
            "established": finer_of(event.established, before.established),
            "place": before.place or event.place,
            "source": event.source or before.source,
        }
    )
    organs = replaced(coalition.organs, current, organ)
    return _with(coalition, "organs", organs, event, about("organ", organ.marks))


def office_taken(coalition: Coalition, event: Takes) -> Coalition:
    """Begin, or end, a term of office, or know more of one."""
    new = offices.term(event)
    current = offices.recorded(coalition.offices, new)
    term = offices.completed(current, new) if current else new
    terms = replaced(coalition.offices, current, term)
    return _with(coalition, "offices", terms, event, about("office", term.marks))


def decision_taken(coalition: Coalition, event: DecisionTaken) -> Coalition:
    """Decide; the same decision again replaces what it gives and leaves the rest."""
    current = next((d for d in coalition.decisions if d.id == event.decision), None)
    before = current or Decision(id=event.decision, decided=event.decided, item=event.item)
    names = ("item", "organ", "meeting", "place", "vote", "document", "source")
    given = {name: value for name in names if (value := getattr(event, name)) is not None}
    decided = finer_of(event.decided, before.decided)
    decision = before.model_copy(update={**given, "decided": decided})
    decisions = by_date(replaced(coalition.decisions, current, decision), lambda d: d.decided)
    return _with(coalition, "decisions", decisions, event, about("decided", decision.marks))


# --- corrections ------------------------------


def correction(coalition: Coalition, event: CoalitionCorrected) -> Corrected[Coalition]:
    """What a coalition is after a correction, or why the correction cannot be made."""
    found = corrected(with_all_names(coalition), event, FACTS)
    return found._replace(state=settled(found.state))


def fact_corrected(coalition: Coalition, event: CoalitionCorrected) -> Coalition:
    """Correct a fact, and keep what was recorded."""
    return correction(coalition, event).state
