"""Plans' rules: Ten-Point Plans, and the ten commitments of each member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from shared.contracts.base import (
    EdtfDate,
    Link,
    LongText,
    MemberRef,
    Model,
    Slug,
    Text,
    earliest,
    latest,
)
from shared.contracts.membership import CitySigned, MemberAdmitted
from shared.contracts.plans import (
    Commitment,
    CommitmentsAwaited,
    CommitmentsFellDue,
    CommitmentsOpened,
    CommitmentUpdated,
    PlanPublished,
    Point,
    Status,
    Version,
)
from shared.decider import Refused, Route, Situation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event


class Plan(Model):
    """The newest version of a coalition's plan; the older ones are in the journal."""

    id: Slug
    plan_version: Version
    adopted: EdtfDate | None = None
    commitments: tuple[Text, ...]


class Held(Model):
    """One commitment of a member and how far it has come."""

    point: Point
    title: Text
    status: Status = "not started"
    as_of: EdtfDate | None = None
    note: LongText | None = None
    evidence: tuple[Link, ...] = ()


class MemberCommitments(Model):
    """A member's commitments: awaiting a plan whose text is not known, or open."""

    id: Slug
    coalition: Slug
    member: MemberRef
    state: Literal["awaiting", "open"]
    plan_version: Version | None = None
    commitments: tuple[Held, ...] = ()


State: TypeAlias = Plan | MemberCommitments


def plan_stream(coalition: str) -> str:
    """The stream of a coalition's plan."""
    return f"plans/{coalition}"


def member_stream(member: str) -> str:
    """The stream of a member's commitments."""
    return f"commitments/{member}"


class Plans:
    """Decides and folds plans' events."""

    def route(self, event: Event, cause: tuple[str, str]) -> Route:
        """A coalition's plan and a member's commitments are aggregates; opening looks at both."""
        del cause
        match event:
            case PlanPublished():
                return Route(plan_stream(event.coalition))
            case CitySigned() | MemberAdmitted() | CommitmentsFellDue():
                return Route(member_stream(event.subject), (plan_stream(event.coalition),))
            case _:
                return Route(member_stream(event.subject))

    def decide(self, event: Event, situation: Situation[State]) -> Sequence[Event]:
        """Apply the rules.

        Raises:
            Refused: the rules do not allow it.
        """
        match event, situation.state:
            case PlanPublished(), Plan() | None as plan:
                return _decide_plan(event, plan)
            case CommitmentUpdated(), MemberCommitments() | None as held:
                if earliest(event.as_of) > situation.now.date():
                    raise Refused(f"{event.as_of} lies in the future")
                return _decide_update(event, held)
            case (
                (CitySigned() | MemberAdmitted() | CommitmentsFellDue()),
                (MemberCommitments() | None as held),
            ):
                found = situation.others.get(plan_stream(event.coalition))
                return _decide_opening(event, held, found if isinstance(found, Plan) else None)
            case _:
                raise Refused("plans has no rule for this event")

    def evolve(self, state: State | None, event: Event) -> State | None:
        """Fold one published event."""
        match event:
            case PlanPublished():
                return Plan(
                    id=event.coalition,
                    plan_version=event.version,
                    adopted=event.adopted,
                    commitments=event.commitments,
                )
            case CommitmentsAwaited():
                return MemberCommitments(
                    id=event.subject,
                    coalition=event.coalition,
                    member=event.member,
                    state="awaiting",
                )
            case CommitmentsOpened():
                return MemberCommitments(
                    id=event.subject,
                    coalition=event.coalition,
                    member=event.member,
                    state="open",
                    plan_version=event.plan_version,
                    commitments=tuple(
                        Held(point=c.point, title=c.title) for c in event.commitments
                    ),
                )
            case CommitmentUpdated() if isinstance(state, MemberCommitments):
                return _updated(state, event)
            case _:
                return state


def _decide_plan(event: PlanPublished, plan: Plan | None) -> Sequence[Event]:
    if plan is None or event.version > plan.plan_version:
        return [event]
    if event.version < plan.plan_version:
        raise Refused(f"version {plan.plan_version} of this plan is published already")
    if (event.commitments, event.adopted) != (plan.commitments, plan.adopted):
        raise Refused(f"version {event.version} is published with another text")
    return []


def _decide_opening(
    event: CitySigned | MemberAdmitted | CommitmentsFellDue,
    held: MemberCommitments | None,
    plan: Plan | None,
) -> Sequence[Event]:
    if isinstance(event, CommitmentsFellDue):
        if held is None:
            raise Refused(f"the member {event.subject!r} awaits no commitments")
    elif event.state != "member" or event.member.kind == "association":
        return []  # not in yet, or an associate without commitments of its own
    if held and (held.state == "open" or plan is None):
        return []
    member, coalition = (held.member, held.coalition) if held else (event.member, event.coalition)
    if plan is None:
        return [CommitmentsAwaited(coalition=coalition, member=member)]
    titles = enumerate(plan.commitments, 1)
    return [
        CommitmentsOpened(
            coalition=coalition,
            member=member,
            plan_version=plan.plan_version,
            commitments=tuple(Commitment(point=n, title=title) for n, title in titles),
        )
    ]


def _decide_update(event: CommitmentUpdated, held: MemberCommitments | None) -> Sequence[Event]:
    if held is None or held.state != "open":
        raise Refused(f"no commitments are open for {event.subject!r}")
    current = held.commitments[event.point - 1]
    said = (event.status, event.as_of, event.note, event.evidence)
    if said == (current.status, current.as_of, current.note, current.evidence):
        return []
    if current.as_of and latest(event.as_of) < earliest(current.as_of):
        raise Refused(f"a report as of {current.as_of} is held already; this one is older")
    return [
        event.model_copy(
            update={
                "member": held.member,
                "coalition": held.coalition,
                "title": current.title,
                "previous": current.status,
            }
        )
    ]


def _updated(held: MemberCommitments, event: CommitmentUpdated) -> MemberCommitments:
    index = event.point - 1
    changed = held.commitments[index].model_copy(
        update={
            "status": event.status,
            "as_of": event.as_of,
            "note": event.note,
            "evidence": event.evidence,
        }
    )
    commitments = (*held.commitments[:index], changed, *held.commitments[index + 1 :])
    return held.model_copy(update={"commitments": commitments})
