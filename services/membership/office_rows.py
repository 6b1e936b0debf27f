"""The table of offices: who has, or had, which office of a coalition, lead cities among them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from pydantic import Field, model_validator

from services.membership.domain import Coalition
from shared.contracts.base import EdtfDate, Event, Slug, Text, earliest, latest
from shared.contracts.membership import OfficeName, OfficeTaken
from shared.contracts.numbers import WHOLE
from shared.contracts.sources import Source
from shared.domain.dates import agree
from shared.tabular.about_members import AboutMember, columns_of
from shared.tabular.rows import READ_ONLY, ImportedRow, Table, in_common
from shared.web.parameters import Id

if TYPE_CHECKING:
    from shared.pipeline.snapshots import Document

_BY_A_DATE: Final = "CoalitionCorrected mends a wrong date"
_POST: Final = ("office", "organ", "area", "represents", "organisation")
_ONCE: Final = ("since", "until", "elected_by", "term_months", "decision", "source")


class OfficeRow(AboutMember):
    """One term of a city, or of an organisation, in an office; empty cells change nothing."""

    dates: ClassVar[frozenset[str]] = frozenset({"since", "until"})
    mended_by: ClassVar[Mapping[str, str]] = {
        **AboutMember.mended_by,
        **dict.fromkeys(("since", "until", "seen", "elected"), _BY_A_DATE),
    }

    coalition: Slug = Field(description="The id of the coalition.")
    office: OfficeName = Field(description="Which office.")
    organ: Slug | None = Field(
        None, description="The id of the organ; empty for the coalition as a whole."
    )
    area: Text | None = Field(None, description="The area that a lead city leads.")
    represents: Slug | None = Field(
        None, description="The id of the coalition for which it sits in another's organ."
    )
    organisation: Text | None = Field(
        None, description="The organisation that has the office, where it is no city."
    )
    since: EdtfDate | None = Field(None, description="Since when, as precise as its source.")
    until: EdtfDate | None = Field(None, description="Until when, as precise as its source.")
    seen: tuple[EdtfDate, ...] = Field(
        (), description="Dates on which a source has it in office, with semicolons between."
    )
    elected: tuple[EdtfDate, ...] = Field(
        (), description="When it was elected, and elected again, with semicolons between."
    )
    elected_by: Slug | None = Field(None, description="The id of the organ that elected it.")
    term_months: Annotated[int, Field(ge=1, le=240), WHOLE] | None = Field(
        None, description="For how long, in months."
    )
    decision: Slug | None = Field(None, description="The id of the decision by which it was.")
    ends: EdtfDate | None = Field(
        None,
        description="When it ended, or will by the length of its term.",
        json_schema_extra=READ_ONLY,
    )
    source: Source | None = Field(None, description="Where it is read, as JSON.")

    @model_validator(mode="after")
    def _whole(self) -> OfficeRow:
        if bool(self.member or self.name) == bool(self.organisation):
            raise ValueError("a row is about a city, or about an organisation")
        if self.since and self.until and latest(self.until) < earliest(self.since):
            raise ValueError("until lies before since")
        return self

    @property
    def key(self) -> Hashable:
        """The office, who has it, and since when."""
        begins = self.since or min(self.seen + self.elected, default=None)
        return self.coalition, *self._post, begins

    @property
    def aggregate(self) -> str:
        """The coalition's id."""
        return self.coalition

    @property
    def named(self) -> str:
        """The office, and who has it."""
        return f"{self.office}, {self.organisation or self.name or self.ref.key}"

    @property
    def _post(self) -> tuple[str | None, ...]:
        who = self.organisation or self.ref.key
        return self.office, self.organ, self.area, self.represents, who

    def events(self, recorded: Coalition | None = None) -> Iterator[tuple[str, Event]]:
        """The term, said again for each further date on which it was elected or seen."""
        del recorded
        about = {"coalition": self.coalition, **{name: getattr(self, name) for name in _POST}}
        about["city"] = None if self.organisation else self.full_ref
        about |= {name: getattr(self, name) for name in _ONCE}
        dates = list(zip_longest(self.seen, self.elected)) or [(None, None)]
        for seen, elected in dates:
            yield "office", OfficeTaken.model_validate({**about, "seen": seen, "elected": elected})

    def found_in(self, exported: Iterable[ImportedRow]) -> ImportedRow | None:
        """See `ImportedRow`; a less precise date means the same term."""
        same = [o for o in exported if isinstance(o, OfficeRow) and o._post == self._post]  # noqa: SLF001 - its own
        dated = (o for o in same if o.since and self.since and agree(o.since, self.since))
        return next((o for o in same if o.key == self.key), None) or next(dated, None)

    def contradiction(self, recorded: Coalition) -> tuple[str, str] | None:
        """A term that overlaps with one of the same post is that one, dated otherwise."""
        for term in recorded.offices:
            if term.post == self._post and self.since and term.since:
                other = not agree(term.since, self.since)
                if other and _overlap(term.since, term.until, self.since, self.until):
                    return "since", f"the record has the term since {term.since}; {_BY_A_DATE}"
        return None

    def agrees(self, column: str, given: Any, there: Any) -> bool:  # noqa: ANN401 - cells
        """See `ImportedRow`; dates that are left out of a list change nothing."""
        if column in {"seen", "elected"}:
            return all(any(agree(one, other) for other in there) for one in given)
        return super().agrees(column, given, there)


def _overlap(begins: str, ends: str | None, since: str, until: str | None) -> bool:
    before = until and latest(until) <= latest(begins)
    after = ends and latest(ends) <= latest(since)
    return not (before or after)


def office_rows(coalition: Coalition) -> Iterator[OfficeRow]:
    """A row for each term of a coalition's offices."""
    for term in coalition.offices:
        cells = in_common(term, OfficeRow) | {"ends": term.ends, "coalition": coalition.id}
        yield OfficeRow(**cells, **(columns_of(term.city) if term.city else {}))


def _where(coalition: Id | None = None) -> Document:
    return {"_id": coalition} if coalition else {}


OFFICES: Final = Table(
    "coalitions",
    "Offices of the coalitions",
    OfficeRow,
    office_rows,
    _where,
    path="offices",
    as_of=Coalition.as_of,
)
