"""The published language of a member's ten commitments: opened, chosen, moved, updated."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.base import (
    Day,
    EdtfDate,
    Event,
    Link,
    LongText,
    MemberRef,
    Model,
    Slug,
    Text,
)
from shared.contracts.membership import Inhabitants, MemberState
from shared.contracts.numbers import WHOLE
from shared.contracts.plans.plan import Point, Version
from shared.contracts.text import EACH_ONCE, Follows

Status = Literal[
    "not started", "planned", "in progress", "substantially done", "completed", "stalled"
]
Basis = Literal["reported", "derived"]
"""Whether a commitment's progress is what the city reports, or follows from its actions."""


Percent = Annotated[int, Field(ge=0, le=100, description="How far it has come, in percent."), WHOLE]


class HolderEvent(Event):
    """Something about a member that holds commitments."""

    member: MemberRef

    @property
    def subject(self) -> str:
        """The member's id."""
        return self.member.key


class Commitment(Model):
    """One of a member's ten commitments as it was opened; `borne_by` as its plan says."""

    point: Point
    title: Text
    borne_by: Text | None = None


class CommitmentsAwaited(HolderEvent):
    """A member has joined and its coalition's plan is not known yet: it waits."""

    type: ClassVar[str] = "coalition.plans.CommitmentsAwaited.v1"
    coalition: Slug
    coalition_name: Text | None = None
    joined: EdtfDate | None = None
    population: Inhabitants | None = None
    follows: Follows | None = None


class CommitmentsFellDue(HolderEvent):
    """A member that waited can be given its commitments, since the plan is there now.

    The plans service says this to itself, one event for each waiting member; whoever else
    says it does no harm: the same rule decides.
    """

    type: ClassVar[str] = "coalition.plans.CommitmentsFellDue.v1"
    coalition: Slug


class CommitmentsOpened(HolderEvent):
    """A member's ten commitments are open, under one version of its coalition's plan.

    `coalition_name` is there where they follow from an event of membership, which says it.
    """

    type: ClassVar[str] = "coalition.plans.CommitmentsOpened.v1"
    coalition: Slug
    coalition_name: Text | None = None
    plan_version: Version
    commitments: Annotated[tuple[Commitment, ...], Field(min_length=10, max_length=10)]
    joined: EdtfDate | None = None
    population: Inhabitants | None = None
    follows: Follows | None = None


class CommitmentsChosen(HolderEvent):
    """A member starts with some of its commitments, and says with which.

    `until` ends the term for which it chose; then it is to choose again.
    """

    type: ClassVar[str] = "coalition.plans.CommitmentsChosen.v1"
    points: Annotated[tuple[Point, ...], Field(min_length=1, max_length=10), EACH_ONCE]
    as_of: EdtfDate
    until: Day | None = None
    note: LongText | None = None
    coalition: Slug | None = None


class CommitmentRetitled(HolderEvent):
    """The text of a point of the plan was corrected, and a member's commitment follows.

    Plans says this to itself, one event for each member of the coalition; `title` is filled in.
    """

    type: ClassVar[str] = "coalition.plans.CommitmentRetitled.v1"
    coalition: Slug
    plan_version: Version
    point: Point
    title: Text | None = None


class CommitmentUpdated(HolderEvent):
    """A commitment's progress, as its city reports it or as it follows from the actions.

    `percent` is the city's own estimate; derived, it is the share of actions that are completed.

    `title`, `coalition` and `status_before` are filled in by plans when it publishes the event.
    A `basis` that is not given is `reported`; only plans itself derives.
    """

    type: ClassVar[str] = "coalition.plans.CommitmentUpdated.v1"
    point: Point
    status: Status
    percent: Percent | None = None
    as_of: EdtfDate
    note: LongText | None = None
    evidence: Annotated[tuple[Link, ...], Field(max_length=20), EACH_ONCE] = ()
    title: Text | None = None
    coalition: Slug | None = None
    status_before: Status | None = None
    basis: Basis | None = None


class CommitmentsFellIdle(HolderEvent):
    """For a year nothing was said of some commitments, nor of their actions: since a day at least.

    Of each it is said once, until it moves again.
    """

    type: ClassVar[str] = "coalition.plans.CommitmentsFellIdle.v1"
    coalition: Slug
    points: Annotated[tuple[Point, ...], Field(min_length=1, max_length=10), EACH_ONCE]
    noted: Day
    since: Day


class ProgressBasisChosen(HolderEvent):
    """From now on a commitment's progress is reported by the city, or derived from its actions."""

    type: ClassVar[str] = "coalition.plans.ProgressBasisChosen.v1"
    point: Point
    basis: Basis
    title: Text | None = None
    coalition: Slug | None = None


class CarriedCommitment(Commitment):
    """A commitment of the new version, with what it takes over from its `points_before`."""

    points_before: Annotated[tuple[Point, ...], Field(max_length=10), EACH_ONCE] = ()
    status: Status = "not started"
    percent: Percent | None = None
    as_of: EdtfDate | None = None
    basis: Basis = "reported"


class CommitmentsMoved(HolderEvent):
    """A member moves to a newer version of its coalition's plan, by its own decision.

    `plan_version_before` and `commitments` are filled in by plans: what was reached is carried over
    by the mapping of the versions.
    """

    type: ClassVar[str] = "coalition.plans.CommitmentsMoved.v1"
    coalition: Slug
    plan_version: Version
    moved: EdtfDate
    plan_version_before: Version | None = None
    commitments: (
        Annotated[tuple[CarriedCommitment, ...], Field(min_length=10, max_length=10)] | None
    ) = None


class MemberNoted(HolderEvent):
    """Plans took note of what membership says of a holder: its name, state, joining and size.

    `population` is the last count of its people. `since` dates the `state`; `into` names the
    member that a duplicate was merged into, `into_before` the one that it was merged into until
    now. Of one that was in another coalition before, `moved` is when it came to this one, from
    which date on it owes reports here. Where it is in another coalition than `coalition_before`,
    its commitments are those that it had there, or are opened anew.
    """

    type: ClassVar[str] = "coalition.plans.MemberNoted.v1"
    coalition: Slug
    state: MemberState
    since: EdtfDate | None = None
    joined: EdtfDate | None = None
    moved: EdtfDate | None = None
    coalition_before: Slug | None = None
    into: MemberRef | None = None
    into_before: MemberRef | None = None
    population: Inhabitants | None = None


class DatedPoint(Model):
    """The progress of a commitment as of a date."""

    point: Point
    as_of: EdtfDate


class CommitmentsTakenOver(HolderEvent):
    """A member takes over the progress and actions of a duplicate that was merged into it.

    Plans says this to itself; what is newer is published as updates and actions, and named in
    `progress`, under a version of the plan, and `actions`.
    """

    type: ClassVar[str] = "coalition.plans.CommitmentsTakenOver.v1"
    coalition: Slug
    merged: MemberRef
    plan_version: Version | None = None
    progress: Annotated[tuple[DatedPoint, ...], Field(max_length=100)] = ()
    actions: Annotated[tuple[Slug, ...], Field(max_length=1000)] = ()


class CommitmentsGivenBack(HolderEvent):
    """What was taken over from a duplicate is gone, since the two are two after all.

    Plans publishes it because of `MemberCorrected`, with the `commitments` as they stand then.
    """

    type: ClassVar[str] = "coalition.plans.CommitmentsGivenBack.v1"
    coalition: Slug
    merged: MemberRef
    commitments: Annotated[tuple[CarriedCommitment, ...], Field(max_length=10)] = ()
