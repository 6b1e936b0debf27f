"""Coalitions: how they came to be, what they are called, their statutes and who leads them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from shared.contracts.base import (
    EdtfDate,
    Link,
    MemberRef,
    Slug,
    Text,
    Texts,
    earliest,
    latest,
)
from shared.contracts.membership.bounds import MAX_PAPERS
from shared.contracts.numbers import WHOLE
from shared.contracts.sources import SourcedEvent

MembershipBy = Literal["decided", "signed", "admitted"]
"""The first step that makes a member; every step beyond it does, too."""
LeadCities = Literal["any", "members", "become members"]
"""Who may lead: any city, members only, or any city, which becomes a member by it."""


class CoalitionEvent(SourcedEvent):
    """Something about a regional coalition, or about the international one above them."""

    coalition: Slug
    coalition_name: Text | None = None

    @property
    def subject(self) -> str:
        """The coalition's id."""
        return self.coalition


class CoalitionFounded(CoalitionEvent):
    """A coalition came to be, or is coming to be; it is in creation until launched.

    `parent` is the coalition above it, which need not be known yet. `papers` are those by which a
    city joins, in their order, each by its title.
    """

    type: ClassVar[str] = "coalition.membership.CoalitionFounded.v1"
    name: Text
    names: Texts | None = None
    acronym: Text | None = None
    parent: Slug | None = None
    founded: EdtfDate | None = None
    in_creation_since: EdtfDate | None = None
    place: Text | None = None
    papers: Annotated[tuple[Text, ...], Field(min_length=1, max_length=MAX_PAPERS)] | None = None


class CoalitionLaunched(CoalitionEvent):
    """A coalition was launched in public."""

    type: ClassVar[str] = "coalition.membership.CoalitionLaunched.v1"
    launched: EdtfDate
    place: Text | None = None
    occasion: Text | None = None


class CoalitionRenamed(CoalitionEvent):
    """A coalition has another name from a date on; its id stays."""

    type: ClassVar[str] = "coalition.membership.CoalitionRenamed.v1"
    renamed: EdtfDate
    name: Text
    names: Texts | None = None
    acronym: Text | None = None


class StatutesAdopted(CoalitionEvent):
    """A coalition's own rules from a date on; what is left out is as it is without statutes.

    `decision` is the id of the decision by which an organ adopted them.
    """

    type: ClassVar[str] = "coalition.membership.StatutesAdopted.v1"
    adopted: EdtfDate
    membership_by: MembershipBy = "signed"
    lead_cities: LeadCities = "any"
    suspend_when_report_overdue: bool = False
    document: Link | None = None
    decision: Slug | None = None


class LeadCityDesignated(CoalitionEvent):
    """A city leads a coalition, or an area of its region, from a date and perhaps until one.

    It says what `OfficeTaken` says of the office `lead city`; both are the same term.
    `becomes_member` is filled in by membership: the designation makes the city a member.
    """

    type: ClassVar[str] = "coalition.membership.LeadCityDesignated.v1"
    city: MemberRef
    since: EdtfDate
    until: EdtfDate | None = None
    area: Text | None = None
    becomes_member: bool | None = None

    @model_validator(mode="after")
    def _in_order(self) -> LeadCityDesignated:
        if self.until and latest(self.until) < earliest(self.since):
            msg = "until lies before since"
            raise ValueError(msg)
        return self


class MembershipCounted(CoalitionEvent):
    """A public source gives a number of members, and perhaps of their countries.

    Attributes:
        words: what the source says where it gives no exact number ("over 100 member cities").
        counted: what it counts, where that is not members ("mayors who had signed").
    """

    type: ClassVar[str] = "coalition.membership.MembershipCounted.v1"
    as_of: EdtfDate
    members: Annotated[int, Field(ge=0, le=1_000_000), WHOLE] | None = None
    countries: Annotated[int, Field(ge=0, le=300), WHOLE] | None = None
    words: Text | None = None
    counted: Text | None = None

    @model_validator(mode="after")
    def _counts(self) -> MembershipCounted:
        if self.members is None and self.words is None:
            msg = "give the number of members, or the source's words"
            raise ValueError(msg)
        return self
