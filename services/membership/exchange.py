"""Membership's tables: members and conferences, which can be imported, and coalitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.membership.coalition_rows import COALITIONS
from services.membership.member_rows import MemberRow, member_rows
from services.membership.participant_rows import PARTICIPANTS
from shared.contracts.base import Kind
from shared.contracts.membership import MemberState
from shared.tabular.rows import Table
from shared.web.parameters import CountryCode, Id

if TYPE_CHECKING:
    from shared.pipeline.snapshots import Document


def _members(
    coalition: Id | None = None,
    country: CountryCode | None = None,
    kind: Kind | None = None,
    state: MemberState | None = None,
) -> Document:
    filters = {"coalition": coalition, "country": country, "kind": kind, "state": state}
    return {name: value for name, value in filters.items() if value is not None}


TABLES: Final = (
    Table("members", "Members, and those on their way", MemberRow, member_rows, _members),
    COALITIONS,
    PARTICIPANTS,
)
