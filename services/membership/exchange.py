"""Membership's tables: members, which can be imported, and coalitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from pydantic import Field

from services.membership.domain import Coalition
from services.membership.domain.coalitions.state import LeadCity
from services.membership.member_rows import MemberRow, dated, member_rows
from shared.contracts.base import Country, EdtfDate, Kind, Slug, Text, Texts
from shared.contracts.membership import MemberState
from shared.tabular.rows import Row, Table

if TYPE_CHECKING:
    from shared.pipeline.snapshots import Document


class CoalitionRow(Row):
    """One coalition, as it is now."""

    id: Slug = Field(description="The coalition's id.")
    name: Text = Field(description="Its name in the language of the record.")
    names: Texts | None = Field(None, description="Its name in other languages, by language tag.")
    acronym: Text | None = Field(None, description="Its acronym.")
    parent: Slug | None = Field(None, description="The id of the coalition above it.")
    status: str = Field(description="'in creation' or 'launched'.")
    in_creation_since: EdtfDate | None = dated("Since when it was in creation")
    founded: EdtfDate | None = dated("When it was founded")
    founding_place: Text | None = Field(None, description="Where it was founded.")
    launched: EdtfDate | None = dated("When it was launched in public")
    place: Text | None = Field(None, description="Where it was launched, else founded.")
    occasion: Text | None = Field(None, description="On which occasion it was launched.")
    lead_cities: tuple[LeadCity, ...] = Field(
        (), description="Its lead cities, each for an area and from when until when, as JSON."
    )


def coalition_rows(coalition: Coalition) -> Iterator[CoalitionRow]:
    """A coalition's row."""
    fields = CoalitionRow.model_fields.keys() & Coalition.model_fields.keys()
    yield CoalitionRow(**{name: getattr(coalition, name) for name in fields})


def _members(
    coalition: str | None = None,
    country: Country | None = None,
    kind: Kind | None = None,
    state: MemberState | None = None,
) -> Document:
    filters = {"coalition": coalition, "country": country, "kind": kind, "state": state}
    return {name: value for name, value in filters.items() if value is not None}


def _coalitions() -> Document:
    return {}


TABLES: Final = (
    Table("members", "Members, and those on their way", MemberRow, member_rows, _members),
    Table("coalitions", "Coalitions", CoalitionRow, coalition_rows, _coalitions),
)
