"""A coalition's timeline: its dated facts in order, with their sources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from shared.contracts.base import EdtfDate
from shared.contracts.sources import Source
from shared.domain.dates import by_date
from shared.domain.state import State

if TYPE_CHECKING:
    from services.membership.domain.coalitions.offices import Term
    from services.membership.domain.coalitions.state import Coalition


class Dated(State):
    """A line of a coalition's timeline; its source stands once, where the fact begins."""

    date: EdtfDate
    what: str
    note: str | None = None
    source: Source | None = None


Line: TypeAlias = "tuple[str | None, str, str | None, Source | None]"
"""Date, what happened, a note, the source."""


def timeline_of(coalition: Coalition) -> tuple[Dated, ...]:
    """What of a coalition has a date, in order."""
    dated = (
        Dated(date=date, what=what, note=note, source=source)
        for date, what, note, source in _lines(coalition)
        if date
    )
    return by_date(dated, lambda line: line.date)


def _lines(c: Coalition) -> Iterator[Line]:
    launch = ", ".join(t for t in (c.place, c.occasion) if t) or None
    once = (
        (c.in_creation_since, "in creation", None),
        (c.founded, "founded", c.founding_place),
        (c.launched, "launched", launch),
    )
    yield from ((date, what, note, c.sources.get(what)) for date, what, note in once)
    for name in c.called:
        yield name.since, "renamed", name.name, name.source
    for s in c.statutes:
        yield s.adopted, "statutes adopted", f"membership by {s.membership_by}", s.source
    for organ in c.organs:
        yield organ.established, f"{organ.kind} established", organ.name, organ.source
    yield from _offices(c)
    for d in c.decisions:
        yield d.decided, "decided", d.item, d.source
    for n in c.counts:
        what = n.words or f"{n.members} {n.counted or 'members'} counted"
        yield n.as_of, what, n.counted_by or None, n.source


def _offices(coalition: Coalition) -> Iterator[Line]:
    organs = {organ.id: organ.name for organ in coalition.organs}
    for term in coalition.offices:
        note = term.area or organs.get(term.organ or "")
        yield term.until, f"{_has(term)} until then", note, None
        yield term.since, _has(term), note, term.source
        if not term.since and not term.until:
            seen = min(term.seen, default=None)
            yield seen, f"{_has(term)}, as a source has it", note, term.source
        for day in term.elected:
            if day != term.since:
                yield day, f"{term.holder} elected {term.office}", note, None


def _has(term: Term) -> str:
    if term.office == "lead city":
        return f"led by {term.holder}"
    return f"{term.office}: {term.holder}"


def about(what: str, marks: dict[str, str]) -> str:
    """What claims about a fact are about."""
    return " / ".join((what, *marks.values()))
