"""The published language of local plans: a city's own plan, and when each city owes one."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field, model_validator

from shared.contracts.base import (
    Day,
    EdtfDate,
    Event,
    Link,
    LongText,
    MemberRef,
    Model,
    Remark,
    Slug,
    Text,
    Texts,
    earliest,
    latest,
)
from shared.contracts.membership import DecidingBody, Vote
from shared.contracts.numbers import WHOLE
from shared.contracts.plans.chasing import Chased, ChaseDays, RemindDays
from shared.contracts.plans.plan import Point, Version
from shared.contracts.plans.reports import Verdict
from shared.contracts.sources import SourcedEvent
from shared.contracts.text import EACH_ONCE

MAX_HOLDERS: Final = 30
MAX_MEASURES: Final = 100
Holders = Annotated[tuple[MemberRef, ...], Field(min_length=1, max_length=MAX_HOLDERS)]


class Measure(Model):
    """What a local plan takes from a commitment: what the city will do for it."""

    point: Point
    title: Text


# --- a plan, and what becomes of it ------------------------------


class LocalPlanEvent(SourcedEvent):
    """Something about a local plan, known by an id of the publisher's choice."""

    plan: Slug

    @property
    def subject(self) -> str:
        """The plan's id."""
        return self.plan


class LocalPlanAdopted(LocalPlanEvent):
    """A city, or several together, adopted a plan of their own: the Ten-Point Plan at work.

    Sent again with the same date it replaces what was said. `body` is who decided for the city;
    `starts` and `ends` bound the plan's period, and `measures` say what it takes from which
    commitment, under `plan_version` of the coalition's plan (else the one in force, which plans
    fills in). It may precede the city's admission. `former_holders` is filled in by plans: who is
    no holder any more.
    """

    type: ClassVar[str] = "coalition.plans.LocalPlanAdopted.v1"
    coalition: Slug
    holders: Holders
    title: Text
    titles: Texts | None = None
    adopted: EdtfDate
    body: DecidingBody | None = None
    vote: Vote | None = None
    starts: EdtfDate | None = None
    ends: EdtfDate | None = None
    document: Link | None = None
    note: LongText | None = None
    plan_version: Version | None = None
    measures: Annotated[tuple[Measure, ...], Field(max_length=MAX_MEASURES), EACH_ONCE] = ()
    former_holders: Annotated[tuple[MemberRef, ...], Field(max_length=MAX_HOLDERS)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> LocalPlanAdopted:
        _refuse_end_before(self.ends, self.starts or self.adopted)
        ids = [holder.key for holder in self.holders]
        if again := next((id_ for n, id_ in enumerate(ids) if id_ in ids[:n]), None):
            msg = f"{again} is named twice"
            raise ValueError(msg)
        return self


class LocalPlanStep(LocalPlanEvent):
    """What became of a local plan; `coalition`, `title` and `holders` are filled in by plans."""

    coalition: Slug | None = None
    title: Text | None = None
    holders: Holders | None = None


class LocalPlanRenewed(LocalPlanStep):
    """A local plan was renewed: it has another period, until `ends` where that is known."""

    type: ClassVar[str] = "coalition.plans.LocalPlanRenewed.v1"
    renewed: EdtfDate
    body: DecidingBody | None = None
    vote: Vote | None = None
    ends: EdtfDate | None = None
    document: Link | None = None
    note: LongText | None = None

    @model_validator(mode="after")
    def _in_order(self) -> LocalPlanRenewed:
        _refuse_end_before(self.ends, self.renewed)
        return self


class LocalPlanSubmitted(LocalPlanStep):
    """A local plan was submitted to the coalition, for review."""

    type: ClassVar[str] = "coalition.plans.LocalPlanSubmitted.v1"
    submitted: EdtfDate
    note: LongText | None = None


class LocalPlanReviewed(LocalPlanStep):
    """Reviewers, an office and never a person, gave feedback; a revision may have a deadline."""

    type: ClassVar[str] = "coalition.plans.LocalPlanReviewed.v1"
    reviewed: EdtfDate
    reviewer: Remark
    verdict: Verdict
    feedback: LongText | None = None
    until: Day | None = None


class LocalPlanAccepted(LocalPlanStep):
    """A submitted local plan was accepted, or a revision is not awaited any more."""

    type: ClassVar[str] = "coalition.plans.LocalPlanAccepted.v1"
    accepted: EdtfDate


class LocalPlanEnded(LocalPlanStep):
    """A local plan is in force no more, before its period was over."""

    type: ClassVar[str] = "coalition.plans.LocalPlanEnded.v1"
    ended: EdtfDate
    reason: Remark | None = None


class LocalPlanFollowed(LocalPlanStep):
    """A local plan of a duplicate is one of the member `into` that it was merged into.

    Plans says this to itself; without `into` the merger was undone, and the plan is the duplicate's
    again. `holders` are those after it, `former_holders` who is none any more.
    """

    type: ClassVar[str] = "coalition.plans.LocalPlanFollowed.v1"
    member: MemberRef
    into: MemberRef | None = None
    former_holders: Annotated[tuple[MemberRef, ...], Field(max_length=MAX_HOLDERS)] | None = None


# --- who owes one ------------------------------


class LocalPlanRuleSet(Event):
    """By when the members of a coalition have a plan of their own.

    It is due `within_months` after a member joined, or after `since` where that is later; today
    where not given. One whose period is over is to be renewed, or followed by another, by then; one
    that ended early is to be followed within the same time. Reminders go out `remind_days` before;
    it is overdue when `overdue_after_days` have passed, and is asked for again `chase_days` after
    that.
    """

    type: ClassVar[str] = "coalition.plans.LocalPlanRuleSet.v1"
    coalition: Slug
    within_months: Annotated[int, Field(ge=1, le=240), WHOLE]
    remind_days: RemindDays = ()
    overdue_after_days: Annotated[int, Field(ge=0, le=365), WHOLE] = 0
    chase_days: ChaseDays = ()
    since: Day | None = None

    @property
    def subject(self) -> str:
        """The coalition's id."""
        return self.coalition


class LocalPlanNoted(Event):
    """A member has a local plan, until when it lasts, and whose turn it is.

    Plans sends it to itself, and fills in all but `member` and `plan`. Without `adopted` the member
    has it no more. `submitted` is what awaits a review, `returned` what awaits a revision.
    """

    type: ClassVar[str] = "coalition.plans.LocalPlanNoted.v1"
    member: MemberRef
    plan: Slug
    coalition: Slug | None = None
    adopted: EdtfDate | None = None
    ends: EdtfDate | None = None
    ended: EdtfDate | None = None
    submitted: EdtfDate | None = None
    returned: EdtfDate | None = None
    revision_until: Day | None = None

    @property
    def subject(self) -> str:
        """The member's id."""
        return self.member.key


class LocalPlanDutyEvent(Event):
    """Something about the local plan that a member owes on a date.

    `renews` is filled in by plans: the plan whose time is over then.
    """

    coalition: Slug
    member: MemberRef
    due: Day
    renews: Slug | None = None

    @property
    def subject(self) -> str:
        """The member's id."""
        return self.member.key


class LocalPlanReminded(LocalPlanDutyEvent):
    """A local plan will be due in some days; `by` is the deadline, with any extension."""

    type: ClassVar[str] = "coalition.plans.LocalPlanReminded.v1"
    days: Annotated[int, Field(ge=1, le=365), WHOLE]
    by: Day | None = None


class LocalPlanFellDue(LocalPlanDutyEvent):
    """The day on which a member is to have a local plan, or to renew it, has come."""

    type: ClassVar[str] = "coalition.plans.LocalPlanFellDue.v1"


class LocalPlanFellOverdue(LocalPlanDutyEvent):
    """The deadline `by` has passed, and the days of grace, and the member has no local plan."""

    type: ClassVar[str] = "coalition.plans.LocalPlanFellOverdue.v1"
    by: Day | None = None


class LocalPlanChased(LocalPlanDutyEvent):
    """A local plan has been overdue `since` a day, and whoever it turns `to` is to see to it."""

    type: ClassVar[str] = "coalition.plans.LocalPlanChased.v1"
    to: Chased
    chased: Day
    since: Day


class LocalPlanExtended(LocalPlanDutyEvent):
    """The secretariat gives more time for a local plan; sent again, the last word stands."""

    type: ClassVar[str] = "coalition.plans.LocalPlanExtended.v1"
    until: Day
    reason: Remark | None = None


def _refuse_end_before(ends: str | None, begins: str) -> None:
    if ends and latest(ends) < earliest(begins):
        msg = f"it would end in {ends}, before it begins in {begins}"
        raise ValueError(msg)
