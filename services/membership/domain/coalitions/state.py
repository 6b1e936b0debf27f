"""A coalition: its founding, launch and names, its statutes, who leads it, how many count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from pydantic import Field, computed_field

from services.membership.domain.claims import Claims
from services.membership.domain.coalitions.offices import Term
from shared.contracts.base import EdtfDate, Link, Slug, Text, Texts
from shared.contracts.membership import (
    JoiningRule,
    LeadCities,
    MembershipBy,
    OrganKind,
    Vote,
)
from shared.contracts.sources import Source
from shared.domain.corrections.kept import Corrections
from shared.domain.dates import by_date, certain_day, has_happened, in_force
from shared.domain.state import State
from shared.domain.stream import Stream

KIND: Final = "coalitions"
CoalitionState = Literal["in creation", "launched"]


def stream(id_: str) -> Stream:
    """The stream of a coalition."""
    return Stream(KIND, id_)


class CoalitionName(State):
    """What a coalition was called from a date on; the first name has no date."""

    since: EdtfDate | None = None
    name: Text
    names: Texts = Field(default_factory=dict)
    acronym: Text | None = None
    source: Source | None = None

    @property
    def marks(self) -> dict[str, str]:
        """What tells it from other names, besides its date."""
        return {"name": self.name}


class Statutes(State):
    """A coalition's own rules, from the date of their adoption."""

    adopted: EdtfDate | None = None
    membership_by: MembershipBy = "signed"
    lead_cities: LeadCities = "any"
    suspend_when_report_overdue: bool = False
    document: Link | None = None
    decision: Slug | None = None
    source: Source | None = None


NO_STATUTES: Final = Statutes()


class PublicCount(State):
    """How many members, from how many countries, a public source gives, or in which words."""

    as_of: EdtfDate
    members: int | None = None
    countries: int | None = None
    words: Text | None = None
    counted: Text | None = None
    source: Source | None = None

    @property
    def counted_by(self) -> str:
        """Who counts: the link of its source, or its title."""
        return (self.source.link or self.source.title) if self.source else ""

    @property
    def marks(self) -> dict[str, str]:
        """What tells it from other counts, besides its date."""
        return {"source": self.counted_by} if self.source else {}


class Organ(State):
    """An organ of a coalition."""

    id: Slug
    kind: OrganKind
    name: Text
    names: Texts = Field(default_factory=dict)
    established: EdtfDate | None = None
    place: Text | None = None
    source: Source | None = None

    @property
    def marks(self) -> dict[str, str]:
        """What tells it from other organs."""
        return {"organ": self.id}


class Decision(State):
    """What an organ decided; `meeting` is the conference at which it did."""

    id: Slug
    decided: EdtfDate
    item: Text
    organ: Slug | None = None
    meeting: Slug | None = None
    place: Text | None = None
    vote: Vote | None = None
    document: Link | None = None
    source: Source | None = None

    @property
    def marks(self) -> dict[str, str]:
        """What tells it from other decisions."""
        return {"decision": self.id}


class Dated(State):
    """A line of a coalition's timeline; its source stands once, where the fact begins."""

    date: EdtfDate
    what: str
    note: str | None = None
    source: Source | None = None


class Coalition(State):
    """A coalition; in creation until it is launched.

    Attributes:
        place: where it was launched, or founded as long as it is not launched.
        papers: those by which a city joins, in their order.
        called: all names it had, in order; empty as long as it has its first one.
        offices: all terms of office, those of lead cities among them.
        sources: of what is dated once, such as its launch; what is in a list has its own.
        corrections: what was recorded and does not stand.
        also_claimed: what other sources say instead.
    """

    id: Slug
    name: Text
    names: Texts = Field(default_factory=dict)
    acronym: Text | None = None
    parent: Slug | None = None
    founded: EdtfDate | None = None
    founding_place: Text | None = None
    papers: tuple[Text, ...] = ()
    in_creation_since: EdtfDate | None = None
    launched: EdtfDate | None = None
    place: Text | None = None
    occasion: Text | None = None
    state: CoalitionState = "in creation"
    called: tuple[CoalitionName, ...] = ()
    statutes: tuple[Statutes, ...] = ()
    counts: tuple[PublicCount, ...] = ()
    organs: tuple[Organ, ...] = ()
    offices: tuple[Term, ...] = ()
    decisions: tuple[Decision, ...] = ()
    sources: dict[str, Source] = Field(default_factory=dict)
    corrections: Corrections = ()
    also_claimed: Claims = ()

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def lead_cities(self) -> tuple[Term, ...]:
        """Those of its offices that are of lead cities, the ended ones among them."""
        return tuple(term for term in self.offices if term.office == "lead city")

    @computed_field  # type: ignore[prop-decorator]  # as above
    @property
    def timeline(self) -> tuple[Dated, ...]:
        """What of it has a date, in order."""
        dated = (
            Dated(date=date, what=what, note=note, source=source)
            for date, what, note, source in _lines(self)
            if date
        )
        return by_date(dated, lambda line: line.date)

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
        is_launched = has_happened(self.launched, day)
        then = {
            **named(in_force(self.called, lambda c: c.since, day)),
            "called": tuple(c for c in self.called if has_happened(c.since, day, undated=True)),
            "statutes": tuple(
                s for s in self.statutes if has_happened(s.adopted, day, undated=True)
            ),
            "counts": tuple(c for c in self.counts if has_happened(c.as_of, day)),
            "offices": tuple(term for term in self.offices if term.is_on(day)),
            "organs": tuple(
                o for o in self.organs if has_happened(o.established, day, undated=True)
            ),
            "decisions": tuple(d for d in self.decisions if has_happened(d.decided, day)),
        }
        not_yet = {"launched": None, "place": self.founding_place, "occasion": None}
        launch = {} if is_launched else {**not_yet, "state": "in creation"}
        as_it_was = self.model_copy(update={**then, **launch})
        is_there = any(certain_day(line.date) <= day for line in as_it_was.timeline)
        return as_it_was if is_there else None


def named(name: CoalitionName | None) -> dict[str, object]:
    """What of a coalition's state a name says."""
    return name.model_dump(exclude={"since", "source"}) if name else {}


_Line: TypeAlias = "tuple[str | None, str, str | None, Source | None]"
"""Date, what happened, a note, the source."""


def _lines(c: Coalition) -> Iterator[_Line]:
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
        yield s.adopted, "statutes adopted", f"a member once {s.membership_by}", s.source
    for organ in c.organs:
        yield organ.established, f"{organ.kind} established", organ.name, organ.source
    yield from _offices(c)
    for d in c.decisions:
        yield d.decided, "decided", d.item, d.source
    for n in c.counts:
        what = n.words or f"{n.members} {n.counted or 'members'} counted"
        yield n.as_of, what, n.counted_by or None, n.source


def _offices(coalition: Coalition) -> Iterator[_Line]:
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
