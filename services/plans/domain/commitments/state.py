"""A member's ten commitments: what plans keeps of them and of the member that took them on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from services.plans.domain.commitments.course import Course
from shared.contracts.base import Day, EdtfDate, Link, LongText, MemberRef, Slug, Text, Texts
from shared.contracts.membership import MemberState
from shared.contracts.plans import (
    ActionStatus,
    Basis,
    Budget,
    DatedPoint,
    Indicator,
    Number,
    Percent,
    Point,
    Status,
    Version,
)
from shared.domain.corrections.kept import Corrections
from shared.domain.state import State
from shared.domain.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.contracts.plans import ActionRecorded, IndicatorRead

KIND: Final = "commitments"
BOUND: Final[frozenset[MemberState]] = frozenset({"member", "on hold", "suspended"})
"""The standings in which a member keeps its commitments."""
MAX_CHOICES: Final = 20
"""Choices of a member that are kept; the oldest leave, and stay in the history."""
MAX_NOTE: Final = 4000
"""Characters of a note at most, as in the contract."""
MAX_EVIDENCE: Final = 20
"""Links to evidence of one commitment at most, as in the contract."""
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
    """One commitment of a member and how far it has come.

    Attributes:
        borne_by: an organisation that bears it for all members of the coalition.
        points_before: the points of the version before that live on in it.
        course: how far it had come by date, the last one last.
        idle: the day of its last movement, where it was said that a year has passed since.
    """

    point: Point
    title: Text
    borne_by: Text | None = None
    status: Status
    percent: Percent | None = None
    as_of: EdtfDate | None = None
    basis: Basis = "reported"
    note: LongText | None = None
    evidence: tuple[Link, ...] = ()
    actions: tuple[Action, ...] = ()
    points_before: tuple[Point, ...] = ()
    course: Course = ()
    idle: Day | None = None


class PastCommitment(State):
    """Where a commitment stood when its member moved to a newer version of the plan.

    Attributes:
        actions: the ids of its actions. They, `note` and `evidence` are kept of the last version
            only, until the next move.
    """

    plan_version: Version
    until: EdtfDate
    point: Point
    title: Text
    borne_by: Text | None = None
    status: Status
    percent: Percent | None = None
    as_of: EdtfDate | None = None
    basis: Basis = "reported"
    note: LongText | None = None
    evidence: tuple[Link, ...] = ()
    actions: tuple[Slug, ...] = ()
    points_before: tuple[Point, ...] = ()
    course: Course = ()


class Choice(State):
    """With which commitments a member starts, from a date and perhaps until a day."""

    points: tuple[Point, ...]
    as_of: EdtfDate
    until: Day | None = None
    plan_version: Version | None = None


class TakenOverCommitments(State):
    """What a member has from a duplicate: progress under a version of the plan, and actions."""

    merged: Slug
    plan_version: Version | None = None
    progress: tuple[DatedPoint, ...] = ()
    actions: tuple[Slug, ...] = ()


class Elsewhere(State):
    """What a member reached in a coalition that it is not in.

    Attributes:
        until: when it moved from there; None where it is there by a mistake of the record.
    """

    coalition: Slug
    until: EdtfDate | None = None
    state: Literal["awaiting", "open"] = "awaiting"
    joined: EdtfDate | None = None
    moved: EdtfDate | None = None
    plan_version: Version | None = None
    plan_version_since: EdtfDate | None = None
    chosen: tuple[Point, ...] = ()
    chosen_as_of: EdtfDate | None = None
    choices: tuple[Choice, ...] = ()
    commitments: tuple[CommitmentState, ...] = ()
    past: tuple[PastCommitment, ...] = ()
    corrections: Corrections = ()

    @property
    def there(self) -> dict[str, Any]:
        """What of a member's state is so in that coalition."""
        names = Elsewhere.model_fields.keys() - {"until"}
        return {name: getattr(self, name) for name in names}


class MemberCommitments(State):
    """A member's commitments: awaiting a plan whose text is not known, or open.

    Attributes:
        standing: what membership says of the member, `since` when, as far as it is dated.
        formerly: what the member was called before, in any of its names.
        joined: the earliest date of its signature, accession or admission; or when it moved here.
        moved: when it moved to its coalition; None where it began there.
        population: the last count of its people; None where none is recorded.
        into: the member that this one, a duplicate, was merged into.
        plan_version_since: when it moved to its version of the plan; None where it began under it.
        chosen: the points that it starts with; empty where it has not chosen.
        choices: with which it started, and until when, by date.
        past: how its commitments under the last older versions of the plan stood when it left them.
        corrections: what was recorded and does not stand.
        taken_over: what it has from duplicates that were merged into it.
        elsewhere: what it reached in other coalitions; there is one of each.
    """

    id: Slug
    coalition: Slug
    member: MemberRef
    formerly: tuple[Text, ...] = ()
    state: Literal["awaiting", "open"]
    standing: MemberState
    since: EdtfDate | None = None
    joined: EdtfDate | None = None
    moved: EdtfDate | None = None
    population: int | None = None
    into: Slug | None = None
    plan_version: Version | None = None
    plan_version_since: EdtfDate | None = None
    chosen: tuple[Point, ...] = ()
    chosen_as_of: EdtfDate | None = None
    choices: tuple[Choice, ...] = ()
    commitments: tuple[CommitmentState, ...] = ()
    past: tuple[PastCommitment, ...] = ()
    corrections: Corrections = ()
    taken_over: tuple[TakenOverCommitments, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()


def member_stream(member: str) -> Stream:
    """The stream of a member's commitments."""
    return Stream(KIND, member)


def is_bound(holder: MemberCommitments) -> bool:
    """Whether the member keeps its commitments: it is in, perhaps resting, and no duplicate."""
    return holder.standing in BOUND and holder.into is None


def owes(holder: MemberCommitments) -> bool:
    """Whether anything is asked of the member: nothing while it is on hold at its own wish."""
    return is_bound(holder) and holder.standing != "on hold"


def is_asked(holder: MemberCommitments) -> bool:
    """Whether reports and a local plan are asked of the member: its commitments are open, too."""
    return holder.state == "open" and owes(holder)


def find_elsewhere(holder: MemberCommitments, coalition: str) -> Elsewhere | None:
    """What a member reached in another coalition, if it was in there."""
    return next((one for one in holder.elsewhere if one.coalition == coalition), None)


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
