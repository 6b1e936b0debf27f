"""Members: names, facts and partners, and what mends the record."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from shared.contracts.base import (
    Day,
    EdtfDate,
    Kind,
    Link,
    MemberRef,
    Model,
    Qualifier,
    Remark,
    Slug,
    Text,
    Texts,
)
from shared.contracts.membership.bounds import (
    MAX_CLAIMED,
    MAX_PARTNERS,
    MAX_POPULATIONS,
    MAX_STATUTES,
    MAX_STEPS,
)
from shared.contracts.membership.coalitions import MembershipBy
from shared.contracts.membership.taken_over import ClaimedOf, PartnerTime, PeopleCounted
from shared.contracts.membership.votes import DecidingBody, Vote
from shared.contracts.numbers import FRACTION, Inhabitants
from shared.contracts.sources import Source, SourcedEvent

MemberState = Literal[
    "applied",
    "conditional",
    "decided",
    "signed",
    "acceded",
    "under examination",
    "deferred",
    "declined",
    "dropped",
    "member",
    "on hold",
    "suspended",
    "withdrawn",
    "merged",
    "none",
]
"""What a member is; `none` where every step of it has been corrected away.

Only who was a member has `withdrawn`; an application ends `declined` by the coalition, or `dropped`
by the city.
"""
StepName = Literal[
    "applied",
    "decided",
    "condition met",
    "signed",
    "acceded",
    "under examination",
    "deferred",
    "declined",
    "dropped",
    "admitted",
    "on hold",
    "suspended",
    "reinstated",
    "withdrawn",
]

Latitude = Annotated[float, Field(ge=-90, le=90, description="Degrees north."), FRACTION]
Longitude = Annotated[float, Field(ge=-180, le=180, description="Degrees east."), FRACTION]


class JoiningRule(Model):
    """Which step makes a member, by statutes adopted on a date."""

    since: EdtfDate
    by: MembershipBy


class Step(Model):
    """One dated fact of a member's way.

    Attributes:
        signed_by: an office, never a person.
        overdue_report: when the report was due for which the member is suspended.
        body: who decided for the city; vote: how.
        decision: the id of the coalition's decision, on an application or a time on hold.
        paper: the title of what was signed.
        until: until when an application is deferred, or the member on hold.
    """

    step: StepName
    date: EdtfDate
    reason: Remark | None = None
    document: Link | None = None
    condition: Remark | None = None
    signed_by: Remark | None = None
    overdue_report: Day | None = None
    body: DecidingBody | None = None
    vote: Vote | None = None
    decision: Slug | None = None
    paper: Text | None = None
    until: EdtfDate | None = None
    source: Source | None = None


class MemberEvent(SourcedEvent):
    """Something about a member.

    Membership fills in, when it publishes the event: the member's full reference, the
    coalition's name, the `state` and the last count of its people after the event, and, where the
    member does not have them yet, the statutes' rules that the state follows from.
    """

    coalition: Slug
    coalition_name: Text | None = None
    member: MemberRef
    state: MemberState | None = None
    last_population: Inhabitants | None = None
    joining_rules: Annotated[tuple[JoiningRule, ...], Field(max_length=MAX_STATUTES)] | None = None

    @property
    def subject(self) -> str:
        """The member's id."""
        return self.member.key

    @property
    def date(self) -> str | None:
        """The date of what happened, as precise as its source; None for what has no date."""
        return None


class MemberRenamed(MemberEvent):
    """A member has another name, or is of another kind, from a date on; its id stays."""

    type: ClassVar[str] = "coalition.membership.MemberRenamed.v1"
    renamed: EdtfDate
    name: Text
    local_name: Text | None = None
    names: Texts | None = None
    kind: Kind | None = None

    @property
    def date(self) -> str:
        """The date of the change."""
        return self.renamed


class MemberMoved(MemberEvent):
    """A member belongs to another coalition from a date on; it takes its steps with it.

    `coalition` is the one to which it belongs from then on; the one before is filled in by
    membership, or given to be sure that it is the right member.
    """

    type: ClassVar[str] = "coalition.membership.MemberMoved.v1"
    moved: EdtfDate
    coalition_before: Slug | None = None
    reason: Remark | None = None

    @property
    def date(self) -> str:
        """The date from which it belongs to the coalition."""
        return self.moved


class MemberDescribed(MemberEvent):
    """Facts without a date: names in other languages, co-ordinates (WGS 84), website, qualifier.

    `part_of` is the id of a member of which it is a part: a city of its metropolitan city.
    """

    type: ClassVar[str] = "coalition.membership.MemberDescribed.v1"
    names: Texts | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    website: Link | None = None
    qualifier: Qualifier | None = None
    part_of: Slug | None = None

    @model_validator(mode="after")
    def _a_point(self) -> MemberDescribed:
        if (self.latitude is None) != (self.longitude is None):
            msg = "latitude and longitude are given together"
            raise ValueError(msg)
        return self


class PopulationCounted(MemberEvent):
    """How many people live in a member, as of a date; again for that date, it is replaced."""

    type: ClassVar[str] = "coalition.membership.PopulationCounted.v1"
    as_of: EdtfDate
    population: Inhabitants

    @property
    def date(self) -> str:
        """The date of the count."""
        return self.as_of


class StepCorrected(MemberEvent):
    """A step is recorded with a wrong date, or never happened (`correct` left out).

    `recorded` is the date that the record has; it stays in the history. `correct` equal to
    `recorded` takes a correction back.
    """

    type: ClassVar[str] = "coalition.membership.StepCorrected.v1"
    step: StepName
    recorded: EdtfDate
    correct: EdtfDate | None = None
    reason: Remark


class MembersMerged(MemberEvent):
    """Two members were found to be one: `member` stays, `merged` is its duplicate.

    What is taken over of the duplicate is filled in by membership: its `steps`, its `partners`, the
    `counts` of its people and the `claims` of other sources, as far as `member` has none such.
    """

    type: ClassVar[str] = "coalition.membership.MembersMerged.v1"
    merged: MemberRef
    reason: Remark
    steps: Annotated[tuple[Step, ...], Field(max_length=MAX_STEPS)] | None = None
    partners: Annotated[tuple[PartnerTime, ...], Field(max_length=MAX_PARTNERS)] | None = None
    counts: Annotated[tuple[PeopleCounted, ...], Field(max_length=MAX_POPULATIONS)] | None = None
    claims: Annotated[tuple[ClaimedOf, ...], Field(max_length=MAX_CLAIMED)] | None = None

    @model_validator(mode="after")
    def _two(self) -> MembersMerged:
        if self.merged.key == self.member.key:
            msg = "a member is not merged with itself"
            raise ValueError(msg)
        return self


class MemberAbsorbed(MemberEvent):
    """The duplicate's side of a merger; membership sends it to itself."""

    type: ClassVar[str] = "coalition.membership.MemberAbsorbed.v1"
    into: MemberRef
    reason: Remark


class MemberReassessed(MemberEvent):
    """A member's state was worked out anew, since its coalition adopted statutes.

    Membership sends it to itself, once for each member; from others it does no harm.
    """

    type: ClassVar[str] = "coalition.membership.MemberReassessed.v1"


class PartnerJoined(MemberEvent):
    """A civil-society organisation works with the member from a date on."""

    type: ClassVar[str] = "coalition.membership.PartnerJoined.v1"
    organisation: Text
    role: Remark | None = None
    joined: EdtfDate

    @property
    def date(self) -> str:
        """The date from which they work together."""
        return self.joined


class PartnerLeft(MemberEvent):
    """A civil-society organisation no longer works with the member."""

    type: ClassVar[str] = "coalition.membership.PartnerLeft.v1"
    organisation: Text
    left: EdtfDate
    reason: Remark | None = None

    @property
    def date(self) -> str:
        """The date from which they no longer work together."""
        return self.left
