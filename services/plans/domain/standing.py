"""Following membership: who holds commitments, under which name and with which standing."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Final

from services.plans.domain.dates import sooner
from services.plans.domain.holders import BOUND, Held, MemberCommitments, is_bound
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CitySigned,
    MemberAbsorbed,
    MemberAcceded,
    MemberAdmitted,
    MemberEvent,
    MembersMerged,
    StepCorrected,
    StepName,
)
from shared.contracts.plans import (
    Commitment,
    CommitmentsAwaited,
    CommitmentsFellDue,
    CommitmentsOpened,
    MemberNoted,
)
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.plans.domain.plans import Plan
    from shared.contracts.base import Event

_JOINING: Final[frozenset[StepName]] = frozenset({"signed", "acceded", "admitted"})


def follow(
    event: MemberEvent, holder: MemberCommitments | None, plan: Plan | None
) -> Sequence[Event]:
    """What a word of membership means for a member's commitments; most mean nothing."""
    if holder is None:
        if event.state != "member" or event.member.kind == "association":
            return []  # not in yet, or an associate without commitments of its own
        return [_begin(event, plan)]
    if holder.into and not isinstance(event, MemberAbsorbed):
        return []  # a merger is final
    noted = _noted(event, holder)
    news: list[Event] = [] if noted == _as_held(holder) else [noted]
    if holder.state == "awaiting" and noted.standing in BOUND and plan and plan.plan_version:
        news.append(_opened(noted.coalition, noted.member, noted.joined, plan))
    return news


def fall_due(
    event: CommitmentsFellDue, holder: MemberCommitments | None, plan: Plan | None
) -> Sequence[Event]:
    """The plan is there now: a member that waited gets its commitments.

    Raises:
        Refused: nobody of this name waits.
    """
    if holder is None:
        raise Refused(f"the member {event.subject!r} awaits no commitments")
    waits = holder.state == "awaiting" and is_bound(holder)
    if not waits or plan is None or not plan.plan_version:
        return []
    return [_opened(holder.coalition, holder.member, holder.joined, plan)]


def _begin(event: MemberEvent, plan: Plan | None) -> Event:
    member, joined = event.member, _joined(event)
    if plan is None or not plan.plan_version:
        return CommitmentsAwaited(coalition=event.coalition, member=member, joined=joined)
    return _opened(event.coalition, member, joined, plan)


def _opened(coalition: str, member: MemberRef, joined: str | None, plan: Plan) -> CommitmentsOpened:
    titles = enumerate(plan.commitments, 1)
    return CommitmentsOpened(
        coalition=coalition,
        member=member,
        plan_version=plan.plan_version or 1,
        commitments=tuple(Commitment(point=n, title=title) for n, title in titles),
        joined=joined,
    )


def _joined(event: MemberEvent) -> str | None:
    match event:
        case CitySigned() | MemberAcceded() | MemberAdmitted():
            return event.date
        case MembersMerged():
            dates = [step.date for step in event.steps or () if step.step in _JOINING]
            return reduce(sooner, dates, None)
        case _:
            return None


def _joined_now(event: MemberEvent, held: str | None) -> str | None:
    if isinstance(event, StepCorrected) and event.step in _JOINING and event.said == held:
        return event.right or held
    return sooner(_joined(event), held)


def _as_held(holder: MemberCommitments) -> MemberNoted:
    return MemberNoted(
        coalition=holder.coalition,
        member=holder.member,
        standing=holder.standing,
        since=holder.since,
        joined=holder.joined,
        into=MemberRef(id=holder.into) if holder.into else None,
    )


def _noted(event: MemberEvent, holder: MemberCommitments) -> MemberNoted:
    standing = event.state or holder.standing
    into = event.into.key if isinstance(event, MemberAbsorbed) else holder.into
    return MemberNoted(
        coalition=holder.coalition,
        member=event.member if event.member.name else holder.member,
        standing=standing,
        since=holder.since if standing == holder.standing else event.date,
        joined=_joined_now(event, holder.joined),
        into=MemberRef(id=into) if into else None,
    )


def evolve(holder: MemberCommitments | None, event: Event) -> MemberCommitments | None:
    """Fold one published event about being a holder."""
    match event:
        case CommitmentsAwaited():
            return MemberCommitments(
                id=event.subject,
                coalition=event.coalition,
                member=event.member,
                state="awaiting",
                standing="member",
                joined=event.joined,
            )
        case CommitmentsOpened():
            return _with_ten(holder, event)
        case MemberNoted() if holder:
            return holder.model_copy(
                update={
                    "member": event.member,
                    "standing": event.standing,
                    "since": event.since,
                    "joined": event.joined,
                    "into": event.into.key if event.into else None,
                }
            )
        case _:
            return holder


def _untouched(commitment: Commitment) -> Held:
    return Held(point=commitment.point, title=commitment.title, status="not started")


def _with_ten(holder: MemberCommitments | None, event: CommitmentsOpened) -> MemberCommitments:
    opened = MemberCommitments(
        id=event.subject,
        coalition=event.coalition,
        member=event.member,
        state="open",
        standing="member",
        joined=event.joined,
        plan_version=event.plan_version,
        commitments=tuple(_untouched(c) for c in event.commitments),
    )
    if holder is None:
        return opened
    kept = {"standing": holder.standing, "since": holder.since, "into": holder.into}
    return opened.model_copy(update=kept)
