"""A member as the holder of ten commitments: what plans keeps of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from shared.contracts.base import EdtfDate, Link, LongText, MemberRef, Model, Slug, Text, Texts
from shared.contracts.base import earliest as first_day
from shared.contracts.base import latest as last_day
from shared.contracts.membership import MemberState
from shared.contracts.plans import (
    ActionStatus,
    Basis,
    Budget,
    Indicator,
    Number,
    Point,
    Status,
    Version,
)
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

BOUND: Final[frozenset[MemberState]] = frozenset({"member", "suspended"})
"""The standings in which a member keeps its commitments and owes reports."""


class Reading(Model):
    """The value of an indicator on a date."""

    value: Number
    as_of: EdtfDate
    evidence: tuple[Link, ...] = ()


class Action(Model):
    """What a city does for a commitment."""

    action: Slug
    title: Text
    titles: Texts | None = None
    status: ActionStatus
    as_of: EdtfDate
    policy: Text | None = None
    starts: EdtfDate | None = None
    ends: EdtfDate | None = None
    office: Text | None = None
    partners: tuple[Text, ...] = ()
    budget: Budget | None = None
    evidence: tuple[Link, ...] = ()
    indicator: Indicator | None = None
    readings: tuple[Reading, ...] = ()


class Held(Model):
    """One commitment of a member and how far it has come."""

    point: Point
    title: Text
    status: Status
    as_of: EdtfDate | None = None
    basis: Basis = "said"
    note: LongText | None = None
    evidence: tuple[Link, ...] = ()
    actions: tuple[Action, ...] = ()


class Left(Model):
    """Where a commitment stood when its holder moved to a newer version of the plan."""

    plan_version: Version
    until: EdtfDate
    point: Point
    title: Text
    status: Status
    as_of: EdtfDate | None = None


class MemberCommitments(Model):
    """A member's commitments: awaiting a plan whose text is not known, or open.

    Attributes:
        standing: what membership says of the member, `since` when, as far as it is dated.
        joined: the earliest date of its signature, accession or admission.
        into: the member that this one, a duplicate, was merged into.
        chosen: the points that it starts with; empty where it has not said.
        past: how its commitments under older versions of the plan stood when it left them.
    """

    id: Slug
    coalition: Slug
    member: MemberRef
    state: Literal["awaiting", "open"]
    standing: MemberState
    since: EdtfDate | None = None
    joined: EdtfDate | None = None
    into: Slug | None = None
    plan_version: Version | None = None
    chosen: tuple[Point, ...] = ()
    chosen_as_of: EdtfDate | None = None
    commitments: tuple[Held, ...] = ()
    past: tuple[Left, ...] = ()


def is_bound(holder: MemberCommitments) -> bool:
    """Whether the member keeps its commitments: it is in, suspended or not, and no duplicate."""
    return holder.standing in BOUND and holder.into is None


def open_for(held: MemberCommitments | None, subject: str, as_of: str) -> MemberCommitments:
    """The holder, if something as of a date may be said of its commitments.

    Raises:
        Refused: they are not open, or were not on that date.
    """
    if held and held.into:
        raise Refused(f"{subject!r} was merged into {held.into!r}: say it of that member")
    if held is None or held.state != "open":
        raise Refused(f"no commitments are open for {subject!r}")
    gone = held.standing not in BOUND and held.since
    if gone and first_day(as_of) > last_day(gone):
        raise Refused(f"{subject!r} is {held.standing} since {held.since}")
    return held


def with_held(holder: MemberCommitments, changed: Iterable[Held]) -> MemberCommitments:
    """The holder with some commitments replaced by their points."""
    commitments = list(holder.commitments)
    for held in changed:
        commitments[held.point - 1] = held
    return holder.model_copy(update={"commitments": tuple(commitments)})


def find_action(holder: MemberCommitments, action: str) -> tuple[Held, Action] | tuple[None, None]:
    """An action by its id, and the commitment that it is for."""
    for held in holder.commitments:
        for candidate in held.actions:
            if candidate.action == action:
                return held, candidate
    return None, None
