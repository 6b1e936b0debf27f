"""Membership's tables: all but that of coalitions can be imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.membership.coalition_rows import COALITIONS
from services.membership.domain import Member
from services.membership.member_rows import MemberRow, member_rows
from services.membership.office_rows import OFFICES
from services.membership.participant_rows import PARTICIPANTS
from services.membership.partner_rows import PARTNERS
from shared.contracts.base import Kind
from shared.contracts.membership import MemberState
from shared.tabular.rows import Table
from shared.web.parameters import CountryCode, Id, People, given, of_size

if TYPE_CHECKING:
    from shared.pipeline.snapshots import Document


def _members(  # noqa: PLR0913, PLR0917 - each filter is a parameter of the query
    coalition: Id | None = None,
    country: CountryCode | None = None,
    kind: Kind | None = None,
    state: MemberState | None = None,
    population_from: People = None,
    population_to: People = None,
) -> Document:
    where = {"coalition": coalition, "country": country, "kind": kind, "state": state}
    return given({**where, "population": of_size(population_from, population_to)})


TABLES: Final = (
    Table(
        "members",
        "Members, and those on their way",
        MemberRow,
        member_rows,
        _members,
        as_of=Member.as_of,
    ),
    COALITIONS,
    PARTICIPANTS,
    PARTNERS,
    OFFICES,
)
