"""The published language of a member's ten commitments: opened, chosen, moved, updated."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.base import EdtfDate, Event, Link, LongText, MemberRef, Model, Slug, Text
from shared.contracts.membership import MemberState
from shared.contracts.plans.plan import Point, Version
from shared.contracts.text import EACH_ONCE

Status = Literal[
    "not started", "planned", "in progress", "substantially done", "completed", "stalled"
]
Basis = Literal["said", "derived"]
"""Whether a commitment's progress is what the city says, or follows from its actions."""


class HolderEvent(Event):
    """Something about a member that holds commitments."""

    member: MemberRef

    @property
    def subject(self) -> str:
        """The member's id."""
        return self.member.key


class Commitment(Model):
    """One of a member's ten commitments as it was opened."""

    point: Point
    title: Text


class CommitmentsAwaited(HolderEvent):
    """A member has joined and its coalition's plan is not known yet: it waits."""

    type: ClassVar[str] = "coalition.plans.CommitmentsAwaited.v1"
    coalition: Slug
    joined: EdtfDate | None = None


class CommitmentsFellDue(HolderEvent):
    """A member that waited can be given its commitments, since the plan is there now.

    The plans service says this to itself, one event for each waiting member; whoever else
    says it does no harm: the same rule decides.
    """

    type: ClassVar[str] = "coalition.plans.CommitmentsFellDue.v1"
    coalition: Slug


class CommitmentsOpened(HolderEvent):
    """A member's ten commitments are open, under one version of its coalition's plan."""

    type: ClassVar[str] = "coalition.plans.CommitmentsOpened.v1"
    coalition: Slug
    plan_version: Version
    commitments: Annotated[tuple[Commitment, ...], Field(min_length=10, max_length=10)]
    joined: EdtfDate | None = None


class CommitmentsChosen(HolderEvent):
    """A member starts with some of its commitments, and says with which."""

    type: ClassVar[str] = "coalition.plans.CommitmentsChosen.v1"
    points: Annotated[tuple[Point, ...], Field(min_length=1, max_length=10), EACH_ONCE]
    as_of: EdtfDate
    note: LongText | None = None
    coalition: Slug | None = None


class CommitmentUpdated(HolderEvent):
    """A commitment's progress, as its city reports it or as it follows from the actions.

    `title`, `coalition` and `previous` are filled in by plans when it publishes the event.
    A `basis` that is not given is `said`; only plans itself says `derived`.
    """

    type: ClassVar[str] = "coalition.plans.CommitmentUpdated.v1"
    point: Point
    status: Status
    as_of: EdtfDate
    note: LongText | None = None
    evidence: Annotated[tuple[Link, ...], Field(max_length=20), EACH_ONCE] = ()
    title: Text | None = None
    coalition: Slug | None = None
    previous: Status | None = None
    basis: Basis | None = None


class ProgressBasisChosen(HolderEvent):
    """From now on a commitment's progress is said by the city, or derived from its actions."""

    type: ClassVar[str] = "coalition.plans.ProgressBasisChosen.v1"
    point: Point
    basis: Basis
    title: Text | None = None
    coalition: Slug | None = None


class CarriedCommitment(Commitment):
    """A commitment of the new version, with what it takes over from those `before` it."""

    before: Annotated[tuple[Point, ...], Field(max_length=10), EACH_ONCE] = ()
    status: Status = "not started"
    as_of: EdtfDate | None = None
    basis: Basis = "said"


class PlanVersionAdopted(HolderEvent):
    """A member moves to a newer version of its coalition's plan, by its own decision.

    `previous` and `commitments` are filled in by plans: what was reached is carried over by
    the mapping of the versions.
    """

    type: ClassVar[str] = "coalition.plans.PlanVersionAdopted.v1"
    coalition: Slug
    version: Version
    adopted: EdtfDate
    previous: Version | None = None
    commitments: (
        Annotated[tuple[CarriedCommitment, ...], Field(min_length=10, max_length=10)] | None
    ) = None


class MemberNoted(HolderEvent):
    """Plans took note of what membership says of a holder: its name, standing and joining.

    `since` dates the standing; `into` names the member that a duplicate was merged into.
    """

    type: ClassVar[str] = "coalition.plans.MemberNoted.v1"
    coalition: Slug
    standing: MemberState
    since: EdtfDate | None = None
    joined: EdtfDate | None = None
    into: MemberRef | None = None


class CommitmentsTakenOver(HolderEvent):
    """A member takes over the progress and actions of a duplicate that was merged into it.

    Plans says this to itself; what is newer is published as updates and actions.
    """

    type: ClassVar[str] = "coalition.plans.CommitmentsTakenOver.v1"
    coalition: Slug
    merged: MemberRef
