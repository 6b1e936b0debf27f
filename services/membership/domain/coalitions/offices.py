"""Offices of a coalition: who has which, in which organ, from when until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import computed_field

from shared.contracts.base import EdtfDate, MemberRef, Slug, Text, earliest, latest
from shared.contracts.membership import OfficeName, OfficeTaken
from shared.contracts.sources import Source
from shared.domain.dates import agree, certain_day, finer_of, has_happened, months_after
from shared.domain.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.contracts.membership import LeadCityDesignated

    Takes = OfficeTaken | LeadCityDesignated


_DATES: Final = ("seen", "elected")
_OF_AN_OFFICE: Final = (
    "office",
    "organ",
    "represents",
    "organisation",
    "elected_by",
    "term_months",
    "decision",
)


class Term(State):
    """A city's, or an organisation's, time in an office.

    Attributes:
        organ: in which it has the office; None for the coalition as a whole.
        represents: the coalition for which it sits in another's organ.
        seen: dates on which a source has it in office.
        elected: when it was elected, or elected again.
        becomes_member: the city became a member by it.
    """

    office: OfficeName
    organ: Slug | None = None
    area: Text | None = None
    represents: Slug | None = None
    city: MemberRef | None = None
    organisation: Text | None = None
    since: EdtfDate | None = None
    until: EdtfDate | None = None
    seen: tuple[EdtfDate, ...] = ()
    elected: tuple[EdtfDate, ...] = ()
    elected_by: Slug | None = None
    term_months: int | None = None
    decision: Slug | None = None
    becomes_member: bool = False
    source: Source | None = None

    @property
    def holder(self) -> str:
        """Who has the office, for people."""
        return (self.city.name or self.city.key) if self.city else self.organisation or ""

    @property
    def marks(self) -> dict[str, str]:
        """What tells it from other terms, besides its dates."""
        marks = {
            "office": self.office,
            "organ": self.organ,
            "area": self.area,
            "represents": self.represents,
            "city": self.city.key if self.city else self.organisation,
            "name": self.holder,
        }
        return {name: value for name, value in marks.items() if value}

    @property
    def post(self) -> tuple[str | None, ...]:
        """The office, and who has it: of such a pair there may be several terms."""
        who = self.city.key if self.city else self.organisation
        return (self.office, self.organ, self.area, self.represents, who)

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def ends(self) -> EdtfDate | None:
        """When it ended, or will end by the length for which it was elected; None where open."""
        start = self.elected[-1] if self.elected else self.since
        if self.until or not (start and self.term_months):
            return self.until
        if len(start) == len("2006") and self.term_months % 12:
            return None
        return months_after(earliest(start), self.term_months).isoformat()[: len(start)]

    def in_order(self) -> Term:
        """With its dates in order."""
        dates = {name: tuple(sorted(getattr(self, name), key=certain_day)) for name in _DATES}
        return self.model_copy(update=dates)

    def is_on(self, day: str) -> bool:
        """Whether it lasted on a day for certain; one known to end in a month lasts to its end.

        What is only seen lasted from the first day on which it was seen to the last one.
        """
        begins = self.since or min(self.seen, key=certain_day, default=None)
        last = self.until or (None if self.since else max(self.seen, key=certain_day, default=None))
        return has_happened(begins, day) and (last is None or day <= certain_day(last))


def term(event: Takes) -> Term:
    """What an event says of a term of office."""
    named = Term(
        office="lead city",
        city=event.city,
        area=event.area,
        since=event.since,
        until=event.until,
        becomes_member=bool(event.becomes_member),
        source=event.source,
    )
    if not isinstance(event, OfficeTaken):
        return named
    more = {name: getattr(event, name) for name in _OF_AN_OFFICE}
    dates = {name: (day,) if (day := getattr(event, name)) else () for name in _DATES}
    return named.model_copy(update={**more, **dates})


def recorded(terms: Iterable[Term], new: Term) -> Term | None:
    """The term that an event is about, if it is recorded already."""
    return next((t for t in terms if t.post == new.post and _can_be_one(t, new)), None)


def _can_be_one(one: Term, other: Term) -> bool:
    """Whether two accounts of a post can be of one term: nothing in them contradicts that."""
    if one.since and other.since:
        return agree(one.since, other.since)
    begins, ends = one.since or other.since, _earlier(one.until, other.until)
    seen = (*one.seen, *other.seen, *one.elected, *other.elected)
    if begins and ends and latest(ends) < earliest(begins):
        return False
    late = any(ends and earliest(day) > latest(ends) for day in seen)
    return not late and not any(begins and latest(day) < earliest(begins) for day in seen)


def _earlier(one: str | None, other: str | None) -> str | None:
    return min((day for day in (one, other) if day), key=latest, default=None)


def completed(current: Term, new: Term) -> Term:
    """A term with the finer dates, with more elections, and with what was missing."""
    missing = {
        name: value
        for name in ("elected_by", "term_months", "decision")
        if (value := getattr(new, name)) is not None
    }
    return current.model_copy(
        update={
            **missing,
            "since": finer_of(new.since, current.since),
            "until": finer_of(new.until, current.until),
            "seen": _with_dates(current.seen, new.seen),
            "elected": _with_dates(current.elected, new.elected),
            "becomes_member": current.becomes_member or new.becomes_member,
            "source": new.source or current.source,
        }
    )


def _with_dates(current: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    """Dates in order; a finer one takes the place of the one that it can be."""
    dates = list(current)
    for day in new:
        same = next((one for one in dates if agree(one, day)), None)
        dates = [one for one in dates if one is not same] + [finer_of(day, same) or day]
    return tuple(sorted(dates, key=certain_day))
