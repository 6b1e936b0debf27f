"""The published language of plans: Ten-Point Plans and the commitments of members."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.base import EdtfDate, Event, Link, LongText, MemberRef, Model, Slug, Text

Status = Literal[
    "not started", "planned", "in progress", "substantially done", "completed", "stalled"
]
Point = Annotated[int, Field(ge=1, le=10, description="The commitment's number in its plan.")]
Version = Annotated[int, Field(ge=1, le=10_000, description="The plan's version.")]


class PlanPublished(Event):
    """A coalition's Ten-Point Plan of Action, in one version, with exactly ten commitments."""

    type: ClassVar[str] = "coalition.plans.PlanPublished.v1"
    coalition: Slug
    version: Version
    adopted: EdtfDate | None = None
    commitments: Annotated[tuple[Text, ...], Field(min_length=10, max_length=10)]

    @property
    def subject(self) -> str:
        """The coalition's id."""
        return self.coalition


class Commitment(Model):
    """One of a member's ten commitments as it was opened."""

    point: Point
    title: Text


class CommitmentsAwaited(Event):
    """A member has joined and its coalition's plan is not known yet: it waits."""

    type: ClassVar[str] = "coalition.plans.CommitmentsAwaited.v1"
    coalition: Slug
    member: MemberRef

    @property
    def subject(self) -> str:
        """The member's id."""
        return self.member.key


class CommitmentsFellDue(Event):
    """A member that waited can be given its commitments, since the plan is there now.

    The plans service says this to itself, one event for each waiting member; whoever else
    says it does no harm: the same rule decides.
    """

    type: ClassVar[str] = "coalition.plans.CommitmentsFellDue.v1"
    coalition: Slug
    member: MemberRef

    @property
    def subject(self) -> str:
        """The member's id."""
        return self.member.key


class CommitmentsOpened(Event):
    """A member's ten commitments are open, under one version of its coalition's plan."""

    type: ClassVar[str] = "coalition.plans.CommitmentsOpened.v1"
    coalition: Slug
    member: MemberRef
    plan_version: Version
    commitments: Annotated[tuple[Commitment, ...], Field(min_length=10, max_length=10)]

    @property
    def subject(self) -> str:
        """The member's id."""
        return self.member.key


class CommitmentUpdated(Event):
    """A member reports on one of its commitments.

    `title`, `coalition` and `previous` are filled in by plans when it publishes the event.
    """

    type: ClassVar[str] = "coalition.plans.CommitmentUpdated.v1"
    member: MemberRef
    point: Point
    status: Status
    as_of: EdtfDate
    note: LongText | None = None
    evidence: Annotated[tuple[Link, ...], Field(max_length=20)] = ()
    title: Text | None = None
    coalition: Slug | None = None
    previous: Status | None = None

    @property
    def subject(self) -> str:
        """The member's id."""
        return self.member.key


EVENTS: tuple[type[Event], ...] = (
    PlanPublished,
    CommitmentsAwaited,
    CommitmentsFellDue,
    CommitmentsOpened,
    CommitmentUpdated,
)
