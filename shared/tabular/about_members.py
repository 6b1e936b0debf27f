"""The columns by which a row says which member it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import Field

from shared.contracts.base import Country, Kind, MemberRef, Qualifier, Slug, Text, is_called
from shared.tabular.rows import ImportedRow

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

_OF_THE_MEMBER: Final = "it is changed in the sheet of members; leave the cell empty here"
_NAMES: Final = frozenset({"name", "local_name"})


class AboutMember(ImportedRow):
    """A row about a member: its id, or its name, country and kind."""

    mended_by: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("name", "local_name", "country", "kind", "qualifier"), _OF_THE_MEMBER
    )

    member: Slug | None = Field(
        None,
        description="The member's id; left out, it follows from country, kind and own name.",
    )
    name: Text | None = Field(None, description="The member's name; needed where its id is not.")
    local_name: Text | None = Field(None, description="The member's own name for itself.")
    country: Country | None = Field(None, description="The member's country, ISO 3166-1 alpha-2.")
    kind: Kind | None = Field(None, description="What the member is.")
    qualifier: Qualifier | None = Field(
        None, description="Which of several members of the name; needed only where there are some."
    )

    @property
    def alike(self) -> str:
        """What tells two members of one id apart."""
        return "if it is another member, give its id in `member`, or its `qualifier`"

    @property
    def aggregate(self) -> str:
        """The member's id."""
        return self.ref.key

    @property
    def ref(self) -> MemberRef:
        """The member: by its id, whatever the sheet calls it, or else by its name.

        Raises:
            pydantic.ValidationError: the row has neither.
        """
        return MemberRef(id=self.member) if self.member else self.full_ref

    @property
    def full_ref(self) -> MemberRef:
        """The member with its name, as whoever does not know it needs it.

        Raises:
            pydantic.ValidationError: the row has neither id nor name.
        """
        return MemberRef(
            id=self.member,
            name=self.name,
            local_name=self.local_name,
            country=self.country,
            kind=self.kind,
            # What has an id already has it whatever its qualifier is.
            qualifier=None if self.member else self.qualifier,
        )

    def agrees(self, column: str, given: Any, there: Any) -> bool:  # noqa: ANN401 - cells
        """See `ImportedRow`; names may be written in any way."""
        if column in _NAMES:
            return bool(there) and is_called(given, [there])
        return super().agrees(column, given, there)


class OfMember(AboutMember):
    """A row about something that has an id of its own, and whose it is."""

    id: Slug = Field(description="Its id.")

    @property
    def key(self) -> Hashable:
        """Its id."""
        return self.id

    @property
    def aggregate(self) -> str:
        """Its id."""
        return self.id

    @property
    def alike(self) -> str:
        """See `ImportedRow`; the id alone tells two of them apart."""
        return "leave one of them out, or give it an `id` of its own"


def columns_of(member: MemberRef) -> dict[str, Any]:
    """The cells of a member."""
    named = ("name", "local_name", "country", "kind", "qualifier")
    return {"member": member.key} | {name: getattr(member, name) for name in named}
