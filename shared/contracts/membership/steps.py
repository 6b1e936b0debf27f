"""The dated steps of a member's way in, and out."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from shared.contracts.base import Day, EdtfDate, Link, Remark, Slug, Text, earliest, latest
from shared.contracts.membership.members import MemberEvent
from shared.contracts.membership.votes import DecidingBody, Vote

Paper = Annotated[
    Text,
    Field(
        description="The title of what was signed: a declaration of intention and an act of"
        " accession are two papers.",
        examples=["Declaration of Intention", "Act of Accession and Commitment"],
    ),
]


class MemberStep(MemberEvent):
    """A dated step of a member's way in, or out."""

    @property
    def date(self) -> str:
        """The date of the step, as precise as its source."""
        raise NotImplementedError


class MemberApplied(MemberStep):
    """A city stated its intent to join: it applied, or signed a declaration of intention.

    Whoever signed no more than that is on its way, and no member.
    """

    type: ClassVar[str] = "coalition.membership.MemberApplied.v1"
    applied: EdtfDate
    paper: Paper | None = None
    document: Link | None = None

    @property
    def date(self) -> str:
        """The date of the statement of intent."""
        return self.applied


class CityDecided(MemberStep):
    """The city decided to join, perhaps on a condition ("subject to the budget").

    `body` is who decided for it, where that is recorded: its council, its executive, a decree.
    """

    type: ClassVar[str] = "coalition.membership.CityDecided.v1"
    decided: EdtfDate
    body: DecidingBody | None = None
    vote: Vote | None = None
    document: Link | None = None
    condition: Remark | None = None

    @property
    def date(self) -> str:
        """The date of the city's decision."""
        return self.decided


class ConditionMet(MemberStep):
    """The condition of the council's decision is met: the decision stands."""

    type: ClassVar[str] = "coalition.membership.ConditionMet.v1"
    met: EdtfDate

    @property
    def date(self) -> str:
        """The date from which the condition is met."""
        return self.met


class CitySigned(MemberStep):
    """The city signed the declaration and the plan of action."""

    type: ClassVar[str] = "coalition.membership.CitySigned.v1"
    signed: EdtfDate
    signed_by: (
        Annotated[
            Remark, Field(description="The office that signed, never a person.", examples=["Mayor"])
        ]
        | None
    ) = None
    paper: Paper | None = None
    document: Link | None = None

    @property
    def date(self) -> str:
        """The date of the signature."""
        return self.signed


class MemberAcceded(MemberStep):
    """The member's act of accession."""

    type: ClassVar[str] = "coalition.membership.MemberAcceded.v1"
    acceded: EdtfDate
    paper: Paper | None = None
    document: Link | None = None

    @property
    def date(self) -> str:
        """The date of the act."""
        return self.acceded


class ExaminationOpened(MemberStep):
    """The coalition examines an application, until it admits, defers or declines it."""

    type: ClassVar[str] = "coalition.membership.ExaminationOpened.v1"
    opened: EdtfDate

    @property
    def date(self) -> str:
        """The date from which the application is examined."""
        return self.opened


class ApplicationDeferred(MemberStep):
    """The coalition put an application off: it is to be examined again.

    `decision` is the id of its decision, as `DecisionTaken` gives it.
    """

    type: ClassVar[str] = "coalition.membership.ApplicationDeferred.v1"
    deferred: EdtfDate
    until: EdtfDate | None = None
    reason: Remark | None = None
    vote: Vote | None = None
    decision: Slug | None = None

    @model_validator(mode="after")
    def _until_later(self) -> ApplicationDeferred:
        if self.until and latest(self.until) < earliest(self.deferred):
            msg = f"until {self.until} lies before it was deferred"
            raise ValueError(msg)
        return self

    @property
    def date(self) -> str:
        """The date of the deferral."""
        return self.deferred


class ApplicationDeclined(MemberStep):
    """The coalition declined an application. The city may apply again.

    `decision` is the id of its decision, as `DecisionTaken` gives it.
    """

    type: ClassVar[str] = "coalition.membership.ApplicationDeclined.v1"
    declined: EdtfDate
    reason: Remark | None = None
    vote: Vote | None = None
    decision: Slug | None = None

    @property
    def date(self) -> str:
        """The date of the coalition's decision."""
        return self.declined


class ApplicationDropped(MemberStep):
    """The city dropped its application before it was a member. It may apply again."""

    type: ClassVar[str] = "coalition.membership.ApplicationDropped.v1"
    dropped: EdtfDate
    reason: Remark | None = None

    @property
    def date(self) -> str:
        """The date from which the city no longer applies."""
        return self.dropped


class MemberAdmitted(MemberStep):
    """The steering committee admitted the member.

    `decision` is the id of its decision, as `DecisionTaken` gives it.
    """

    type: ClassVar[str] = "coalition.membership.MemberAdmitted.v1"
    admitted: EdtfDate
    vote: Vote | None = None
    decision: Slug | None = None

    @property
    def date(self) -> str:
        """The date of the admission."""
        return self.admitted


class MemberPutOnHold(MemberStep):
    """The membership rests at the member's own wish, perhaps until a date; it is no sanction.

    The date is what was agreed: the membership goes on with `MemberReinstated`, or ends with
    `MemberWithdrawn`. `decision` is the id of the coalition's decision, as `DecisionTaken` gives
    it.
    """

    type: ClassVar[str] = "coalition.membership.MemberPutOnHold.v1"
    on_hold: EdtfDate
    until: EdtfDate | None = None
    reason: Remark | None = None
    decision: Slug | None = None

    @model_validator(mode="after")
    def _until_later(self) -> MemberPutOnHold:
        if self.until and latest(self.until) < earliest(self.on_hold):
            msg = f"until {self.until} lies before it was put on hold"
            raise ValueError(msg)
        return self

    @property
    def date(self) -> str:
        """The date from which the membership rests."""
        return self.on_hold


class MemberSuspended(MemberStep):
    """The member's rights rest, for example while a report is missing.

    `overdue_report` is filled in by membership where it suspends by the statutes' rule: when the
    report was due. The member is reinstated when no report of its is missing any more.
    """

    type: ClassVar[str] = "coalition.membership.MemberSuspended.v1"
    suspended: EdtfDate
    reason: Remark
    overdue_report: Day | None = None

    @property
    def date(self) -> str:
        """The date of the suspension."""
        return self.suspended


class MemberReinstated(MemberStep):
    """A suspension ended, or a time on hold."""

    type: ClassVar[str] = "coalition.membership.MemberReinstated.v1"
    reinstated: EdtfDate
    reason: Remark | None = None

    @property
    def date(self) -> str:
        """The date from which it is a member in full again."""
        return self.reinstated


class MemberWithdrawn(MemberStep):
    """The member left the coalition. Of who was no member yet it is `ApplicationDropped`."""

    type: ClassVar[str] = "coalition.membership.MemberWithdrawn.v1"
    withdrawn: EdtfDate
    reason: Remark | None = None

    @property
    def date(self) -> str:
        """The date of the withdrawal."""
        return self.withdrawn
