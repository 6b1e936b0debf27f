"""A coalition's timeline: its dated facts in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.contracts.base import EdtfDate
from shared.domain.dates import by_date
from shared.domain.state import State

if TYPE_CHECKING:
    from services.membership.domain.coalitions.state import Coalition


class Dated(State):
    """A line of a coalition's timeline."""

    date: EdtfDate
    what: str
    note: str | None = None


def timeline_of(coalition: Coalition) -> tuple[Dated, ...]:
    """What of a coalition has a date, in order."""
    c = coalition
    lines = [
        (c.in_creation_since, "in creation", None),
        (c.founded, "founded", c.founding_place),
        (c.launched, "launched", ", ".join(t for t in (c.place, c.occasion) if t) or None),
        *((name.since, "renamed", name.name) for name in c.called),
        *((s.adopted, "statutes adopted", f"membership by {s.membership_by}") for s in c.statutes),
        *((lead.until, f"led by {lead.city.name} until then", lead.area) for lead in c.lead_cities),
        *((lead.since, f"led by {lead.city.name}", lead.area) for lead in c.lead_cities),
        *((n.as_of, f"{n.members} members counted", n.source) for n in c.counts),
    ]
    dated = (Dated(date=date, what=what, note=note) for date, what, note in lines if date)
    return by_date(dated, lambda line: line.date)
