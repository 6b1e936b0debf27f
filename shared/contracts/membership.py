"""The published language of membership: coalitions, lead cities and the steps of joining.

The same models are read from the inbox and published on the events topic. What membership
publishes carries, besides, what a reader needs to act without asking back: the member's full
reference, its `state` after the event and the coalition's name.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from shared.contracts.base import (
    EdtfDate,
    Event,
    Link,
    MemberRef,
    Slug,
    Text,
    earliest,
    latest,
)

MemberState = Literal["applied", "decided", "member", "suspended", "withdrawn"]


class CoalitionEvent(Event):
    """Something about a regional coalition."""

    coalition: Slug
    coalition_name: Text | None = None

    @property
    def subject(self) -> str:
        """The coalition's id."""
        return self.coalition


class CoalitionFounded(CoalitionEvent):
    """A regional coalition came to be, or is coming to be; it is in creation until launched."""

    type: ClassVar[str] = "coalition.membership.CoalitionFounded.v1"
    name: Text
    acronym: Text | None = None
    founded: EdtfDate | None = None
    in_creation_since: EdtfDate | None = None
    place: Text | None = None


class CoalitionLaunched(CoalitionEvent):
    """A regional coalition was launched in public."""

    type: ClassVar[str] = "coalition.membership.CoalitionLaunched.v1"
    launched: EdtfDate
    place: Text | None = None
    occasion: Text | None = None


class LeadCityDesignated(CoalitionEvent):
    """A city leads a coalition, or an area of its region, from a date and perhaps until one."""

    type: ClassVar[str] = "coalition.membership.LeadCityDesignated.v1"
    city: MemberRef
    since: EdtfDate
    until: EdtfDate | None = None
    area: Text | None = None

    @model_validator(mode="after")
    def _in_order(self) -> LeadCityDesignated:
        if self.until and latest(self.until) < earliest(self.since):
            msg = "until lies before since"
            raise ValueError(msg)
        return self


class MemberEvent(Event):
    """A dated step of a member's way in, or out."""

    coalition: Slug
    coalition_name: Text | None = None
    member: MemberRef
    state: MemberState | None = None

    @property
    def subject(self) -> str:
        """The member's id."""
        return self.member.key

    @property
    def date(self) -> str:
        """The date of the step, as precise as its source."""
        raise NotImplementedError


class MemberApplied(MemberEvent):
    """A city stated its intent to join."""

    type: ClassVar[str] = "coalition.membership.MemberApplied.v1"
    applied: EdtfDate

    @property
    def date(self) -> str:
        """The date of the statement of intent."""
        return self.applied


class CityDecided(MemberEvent):
    """The city's council decided to join."""

    type: ClassVar[str] = "coalition.membership.CityDecided.v1"
    decided: EdtfDate
    document: Link | None = None

    @property
    def date(self) -> str:
        """The date of the council's decision."""
        return self.decided


class CitySigned(MemberEvent):
    """The city signed the declaration and the plan of action."""

    type: ClassVar[str] = "coalition.membership.CitySigned.v1"
    signed: EdtfDate

    @property
    def date(self) -> str:
        """The date of the signature."""
        return self.signed


class MemberAdmitted(MemberEvent):
    """The steering committee admitted the member."""

    type: ClassVar[str] = "coalition.membership.MemberAdmitted.v1"
    admitted: EdtfDate

    @property
    def date(self) -> str:
        """The date of the admission."""
        return self.admitted


class MemberSuspended(MemberEvent):
    """The member's rights rest, for example while a report is missing."""

    type: ClassVar[str] = "coalition.membership.MemberSuspended.v1"
    suspended: EdtfDate
    reason: Text

    @property
    def date(self) -> str:
        """The date of the suspension."""
        return self.suspended


class MemberReinstated(MemberEvent):
    """A suspension ended."""

    type: ClassVar[str] = "coalition.membership.MemberReinstated.v1"
    reinstated: EdtfDate
    reason: Text | None = None

    @property
    def date(self) -> str:
        """The date of the reinstatement."""
        return self.reinstated


class MemberWithdrawn(MemberEvent):
    """The member left the coalition."""

    type: ClassVar[str] = "coalition.membership.MemberWithdrawn.v1"
    withdrawn: EdtfDate
    reason: Text | None = None

    @property
    def date(self) -> str:
        """The date of the withdrawal."""
        return self.withdrawn


COALITION_EVENTS: tuple[type[CoalitionEvent], ...] = (
    CoalitionFounded,
    CoalitionLaunched,
    LeadCityDesignated,
)
MEMBER_EVENTS: tuple[type[MemberEvent], ...] = (
    MemberApplied,
    CityDecided,
    CitySigned,
    MemberAdmitted,
    MemberSuspended,
    MemberReinstated,
    MemberWithdrawn,
)
EVENTS: tuple[type[Event], ...] = (*COALITION_EVENTS, *MEMBER_EVENTS)
