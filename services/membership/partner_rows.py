"""The table of partners: civil-society organisations that work, or worked, with a member."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import Field, model_validator

from services.membership.domain import Member
from services.membership.domain.members.partners import times_of
from shared.contracts.base import EdtfDate, Event, Remark, Slug, Text, earliest, latest
from shared.contracts.membership import PartnerJoined, PartnerLeft
from shared.domain.dates import agree
from shared.tabular.about_members import AboutMember, columns_of
from shared.tabular.rows import ImportedRow, Table, in_common
from shared.web.parameters import CountryCode, Id, given

if TYPE_CHECKING:
    from services.membership.domain.members.partners import Partner
    from shared.pipeline.snapshots import Document

_BY_A_DATE: Final = "MemberCorrected mends a wrong date"


class PartnerRow(AboutMember):
    """One organisation's time as a partner of a member; empty cells change nothing."""

    dates: ClassVar[frozenset[str]] = frozenset({"joined", "left"})
    mended_by: ClassVar[Mapping[str, str]] = {
        **AboutMember.mended_by,
        "coalition": "a member's coalition is changed in the sheet of members",
        "left": _BY_A_DATE,
        "role": "the role of a time stays; another one is a time of its own",
    }

    coalition: Slug = Field(description="The id of the member's coalition.")
    organisation: Text = Field(description="The organisation.")
    role: Remark | None = Field(None, description="What it does with the member.")
    joined: EdtfDate = Field(description="Since when: YYYY, YYYY-MM or YYYY-MM-DD.")
    left: EdtfDate | None = Field(None, description="Until when: YYYY, YYYY-MM or YYYY-MM-DD.")

    @model_validator(mode="after")
    def _in_order(self) -> PartnerRow:
        if self.left and latest(self.left) < earliest(self.joined):
            raise ValueError("left lies before joined")
        return self

    @property
    def key(self) -> Hashable:
        """The member, the organisation, and since when."""
        return self.aggregate, self.organisation.casefold(), self.joined

    @property
    def named(self) -> str:
        """The organisation and the member."""
        return f"{self.organisation}, {self.name or self.aggregate}"

    def events(self, recorded: Member | None = None) -> Iterator[tuple[str, Event]]:
        """Since when it is a partner, and until when."""
        del recorded
        about = {"coalition": self.coalition, "member": self.ref, "organisation": self.organisation}
        yield (
            "joined",
            PartnerJoined.model_validate({**about, "role": self.role, "joined": self.joined}),
        )
        if self.left:
            yield "left", PartnerLeft.model_validate({**about, "left": self.left})

    def found_in(self, exported: Iterable[ImportedRow]) -> ImportedRow | None:
        """See `ImportedRow`; a less precise date means the same time."""
        same = (
            one
            for one in exported
            if isinstance(one, PartnerRow)
            and one.organisation.casefold() == self.organisation.casefold()
            and agree(one.joined, self.joined)
        )
        return next(same, None)

    def contradiction(self, recorded: Member) -> tuple[str, str] | None:
        """A time that overlaps with one that is recorded is that one, dated otherwise."""
        for time in times_of(recorded.partners, self.organisation):
            if not agree(time.joined, self.joined) and self._overlaps(time):
                reason = f"the record has it as a partner since {time.joined}; {_BY_A_DATE}"
                return "joined", reason
        return None

    def _overlaps(self, time: Partner) -> bool:
        before = self.left and latest(self.left) <= latest(time.joined)
        after = time.left and latest(time.left) <= latest(self.joined)
        return not (before or after)

    def agrees(self, column: str, given: Any, there: Any) -> bool:  # noqa: ANN401 - cells
        """See `ImportedRow`; an organisation is known in any case of letters."""
        if column == "organisation":
            return bool(given.casefold() == there.casefold())
        return super().agrees(column, given, there)


def partner_rows(member: Member) -> Iterator[PartnerRow]:
    """A row for each time of a partner; none for a duplicate."""
    if member.state == "merged":
        return
    about = columns_of(member.ref) | {"coalition": member.coalition}
    for partner in member.partners:
        yield PartnerRow(**about, **in_common(partner, PartnerRow))


def _where(coalition: Id | None = None, country: CountryCode | None = None) -> Document:
    return given({"coalition": coalition, "country": country})


PARTNERS: Final = Table(
    "members",
    "Members' partners",
    PartnerRow,
    partner_rows,
    _where,
    path="partners",
    as_of=Member.as_of,
)
