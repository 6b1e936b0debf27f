"""A member's ten commitments: what plans keeps of them and of the member that took them on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from shared.contracts.base import EdtfDate, Link, LongText, MemberRef, Slug, Text, Texts
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
from shared.domain.state import State
from shared.domain.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.contracts.plans import ActionRecorded, IndicatorRead

KIND: Final = "commitments"
BOUND: Final[frozenset[MemberState]] = frozenset({"member", "suspended"})
"""The standings in which a member keeps its commitments and owes reports."""
MAX_FORMERLY: Final = 100
"""Former names that are kept, the last ones."""
MAX_PAST: Final = 100
"""Commitments under older versions that are kept, of the last ten; the others stay in the history.
"""


class Reading(State):
    """The value of an indicator on a date."""

    value: Number
    as_of: EdtfDate
    evidence: tuple[Link, ...] = ()

    @classmethod
    def of(cls, event: IndicatorRead) -> Reading:
        """What is kept of a reading."""
        return cls(value=event.value, as_of=event.as_of, evidence=event.evidence)


class Action(State):
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

    @classmethod
    def of(cls, event: ActionRecorded, readings: tuple[Reading, ...] = ()) -> Action:
        """What is kept of an action."""
        fields = cls.model_fields.keys() - {"readings"}
        return cls(readings=readings, **{name: getattr(event, name) for name in fields})


class CommitmentState(State):
    """One commitment of a member and how far it has come."""

    point: Point
    title: Text
    status: Status
    as_of: EdtfDate | None = None
    basis: Basis = "said"
    note: LongText | None = None
    evidence: tuple[Link, ...] = ()
    actions: tuple[Action, ...] = ()


class PastCommitment(State):
    """Where a commitment stood when its member moved to a newer version of the plan."""

    plan_version: Version
    until: EdtfDate
    point: Point
    title: Text
    status: Status
    as_of: EdtfDate | None = None


class MemberCommitments(State):
    """A member's commitments: awaiting a plan whose text is not known, or open.

    Attributes:
        standing: what membership says of the member, `since` when, as far as it is dated.
        formerly: what the member was called before, in any of its names.
        joined: the earliest date of its signature, accession or admission.
        into: the member that this one, a duplicate, was merged into.
        chosen: the points that it starts with; empty where it has not said.
        past: how its commitments under the last older versions of the plan stood when it left them.
    """

    id: Slug
    coalition: Slug
    member: MemberRef
    formerly: tuple[Text, ...] = ()
    state: Literal["awaiting", "open"]
    standing: MemberState
    since: EdtfDate | None = None
    joined: EdtfDate | None = None
    into: Slug | None = None
    plan_version: Version | None = None
    chosen: tuple[Point, ...] = ()
    chosen_as_of: EdtfDate | None = None
    commitments: tuple[CommitmentState, ...] = ()
    past: tuple[PastCommitment, ...] = ()


def member_stream(member: str) -> Stream:
    """The stream of a member's commitments."""
    return Stream(KIND, member)


def is_bound(holder: MemberCommitments) -> bool:
    """Whether the member keeps its commitments: it is in, suspended or not, and no duplicate."""
    return holder.standing in BOUND and holder.into is None


def find_action(
    holder: MemberCommitments, action: str
) -> tuple[CommitmentState, Action] | tuple[None, None]:
    """An action by its id, and the commitment that it is for."""
    for commitment in holder.commitments:
        for candidate in commitment.actions:
            if candidate.action == action:
                return commitment, candidate
    return None, None


def moved_actions(
    holder: MemberCommitments, comes_from: Mapping[int, tuple[int, ...]]
) -> dict[int, tuple[Action, ...]]:
    """The actions by the point of the new version: the first that their commitment lives on in."""
    moved: dict[int, tuple[Action, ...]] = dict.fromkeys(comes_from, ())
    for commitment in holder.commitments:
        home = min((n for n, olds in comes_from.items() if commitment.point in olds), default=None)
        if home is not None:
            moved[home] += commitment.actions
    return moved
