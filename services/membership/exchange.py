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
from shared.web.parameters import CountryCode, Id, given

if TYPE_CHECKING:
    from shared.pipeline.snapshots import Document


def _members(
    coalition: Id | None = None,
    country: CountryCode | None = None,
    kind: Kind | None = None,
    state: MemberState | None = None,
) -> Document:
    return given({"coalition": coalition, "country": country, "kind": kind, "state": state})


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
