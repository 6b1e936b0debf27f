"""The table of coalitions: each with its organs, offices and decisions, as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from services.membership.domain import Coalition
from services.membership.domain.coalitions.offices import Term
from services.membership.domain.coalitions.state import Decision, Organ
from shared.contracts.base import EdtfDate, Slug, Text, Texts
from shared.tabular.rows import Row, Table

if TYPE_CHECKING:
    from shared.pipeline.snapshots import Document


def _date(what: str) -> Any:  # noqa: ANN401 - as pydantic's Field
    return Field(
        None, description=f"{what}: YYYY, YYYY-MM or YYYY-MM-DD, as precise as its source."
    )


class CoalitionRow(Row):
    """One coalition, as it is now."""

    id: Slug = Field(description="The coalition's id.")
    name: Text = Field(description="Its name in the language of the record.")
    names: Texts | None = Field(None, description="Its name in other languages, by language tag.")
    acronym: Text | None = Field(None, description="Its acronym.")
    parent: Slug | None = Field(None, description="The id of the coalition above it.")
    state: str = Field(description="'in creation' or 'launched'.")
    in_creation_since: EdtfDate | None = _date("Since when it was in creation")
    founded: EdtfDate | None = _date("When it was founded")
    founding_place: Text | None = Field(None, description="Where it was founded.")
    launched: EdtfDate | None = _date("When it was launched in public")
    place: Text | None = Field(None, description="Where it was launched, else founded.")
    occasion: Text | None = Field(None, description="On which occasion it was launched.")
    papers: tuple[Text, ...] = Field((), description="The papers by which a city joins, as JSON.")
    organs: tuple[Organ, ...] = Field((), description="Its organs, as JSON.")
    offices: tuple[Term, ...] = Field(
        (), description="Who has, or had, which office, from when until when, as JSON."
    )
    decisions: tuple[Decision, ...] = Field((), description="What its organs decided, as JSON.")
    lead_cities: tuple[Term, ...] = Field(
        (), description="Its lead cities, each for an area and from when until when, as JSON."
    )


def coalition_rows(coalition: Coalition) -> Iterator[CoalitionRow]:
    """A coalition's row."""
    fields = CoalitionRow.model_fields.keys() & Coalition.model_fields.keys()
    yield CoalitionRow(**{name: getattr(coalition, name) for name in fields})


def _where() -> Document:
    return {}


COALITIONS: Final = Table(
    "coalitions", "Coalitions", CoalitionRow, coalition_rows, _where, as_of=Coalition.as_of
)
