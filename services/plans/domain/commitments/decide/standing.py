"""Following membership: who has commitments, under which name and with which standing."""

from __future__ import annotations

from functools import reduce
from itertools import count
from typing import TYPE_CHECKING, Final

from services.plans.domain.commitments import evolve
from services.plans.domain.commitments.decide.mergers import give_back
from services.plans.domain.commitments.state import BOUND, find_elsewhere, is_bound
from services.plans.domain.plans.state import Plan, bearers, find_version, plan_stream
from shared.contracts.base import MemberRef
from shared.contracts.catalogue import called
from shared.contracts.membership import (
    CitySigned,
    MemberAbsorbed,
    MemberAcceded,
    MemberAdmitted,
    MemberCorrected,
    MemberMoved,
    MembersMerged,
    StepCorrected,
    StepName,
)
from shared.contracts.plans import Commitment, CommitmentsAwaited, CommitmentsOpened, MemberNoted
from shared.domain.dates import earlier_of, is_older
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.plans.domain.commitments.state import MemberCommitments
    from shared.contracts.base import Event
    from shared.contracts.membership import MemberEvent
    from shared.contracts.plans import CommitmentRetitled, CommitmentsFellDue
    from shared.domain.decider import Context

_JOINING: Final[frozenset[StepName]] = frozenset({"signed", "acceded", "admitted"})


def follow(
    holder: MemberCommitments | None, event: MemberEvent, context: Context
) -> Sequence[Event]:
    """What an event of membership means for a member's commitments; most mean nothing."""
    plan = context.find(plan_stream(event.coalition), Plan)
    if holder is None:
        if event.state != "member" or event.member.kind == "association":
            return []  # not in yet, or an associate without commitments of its own
        return [_begin(event, plan)]
    if holder.into and not (isinstance(event, MemberAbsorbed) or _is_another(event)):
        return []  # until the merger is undone
    noted = _noted(event, holder)
    news: list[Event] = [] if noted == _last_noted(holder) else [noted]
    after = evolve.noted(holder, noted)
    if after.state == "awaiting" and noted.state in BOUND and plan and plan.plan_version:
        news.append(_opened(after, plan, event))
    if isinstance(event, MemberCorrected) and event.fact == "merged" and event.correct is None:
        news += give_back(after, event.recorded)
    return news


def _is_another(event: MemberEvent) -> bool:
    """Whether a merger of the wrong two is undone, on the duplicate's side."""
    return isinstance(event, MemberCorrected) and event.fact == "merged into"


def fall_due(
    holder: MemberCommitments | None, event: CommitmentsFellDue, context: Context
) -> Sequence[Event]:
    """The plan is there now: a member that waited gets its commitments.

    Raises:
        Refused: no member of this id waits.
    """
    if holder is None:
        raise Refused(f"the member {event.subject!r} awaits no commitments")
    plan = context.find(plan_stream(event.coalition), Plan)
    waits = holder.state == "awaiting" and is_bound(holder)
    if not waits or plan is None or not plan.plan_version:
        return []
    return [_opened(holder, plan)]


def retitle(
    holder: MemberCommitments | None, event: CommitmentRetitled, context: Context
) -> Sequence[Event]:
    """The text of a point of the plan was corrected: a member's commitment follows.

    Raises:
        Refused: there is no such version of the plan.
    """
    plan = context.find(plan_stream(event.coalition), Plan)
    version = find_version(plan, event.plan_version)
    if version is None:
        raise Refused(f"the plan of {event.coalition!r} has no version {event.plan_version}")
    if holder is None or holder.coalition != event.coalition:
        return []
    title = version.commitments[event.point - 1]
    followed = event.model_copy(update={"title": title, "member": holder.member})
    return [] if evolve.retitled(holder, followed) == holder else [followed]


def _begin(event: MemberEvent, plan: Plan | None) -> Event:
    awaited = CommitmentsAwaited(
        coalition=event.coalition,
        coalition_name=event.coalition_name,
        member=event.member,
        joined=_joined(event),
        population=event.last_population,
        follows=called(event.type),
    )
    if plan is None or not plan.plan_version:
        return awaited
    return _opened(awaited, plan, event)


def _opened(
    holder: MemberCommitments | CommitmentsAwaited, plan: Plan, cause: MemberEvent | None = None
) -> CommitmentsOpened:
    borne_by = bearers(find_version(plan, plan.plan_version))
    points = zip(count(1), plan.commitments, borne_by, strict=False)
    return CommitmentsOpened(
        coalition=holder.coalition,
        coalition_name=cause.coalition_name if cause else None,
        member=holder.member,
        plan_version=plan.plan_version or 1,
        commitments=tuple(Commitment(point=n, title=title, borne_by=by) for n, title, by in points),
        joined=holder.joined,
        population=holder.population,
        follows=called(cause.type) if cause else None,
    )


def _joined(event: MemberEvent) -> str | None:
    if isinstance(event, CitySigned | MemberAcceded | MemberAdmitted | MemberMoved):
        return event.date
    if isinstance(event, MembersMerged):
        dates = [step.date for step in event.steps or () if step.step in _JOINING]
        return reduce(earlier_of, dates, None)
    return None


def _joined_now(event: MemberEvent, joined: str | None) -> str | None:
    if isinstance(event, StepCorrected) and event.step in _JOINING:
        is_that_one = event.recorded == joined
        return event.correct or joined if is_that_one else earlier_of(event.correct, joined)
    return earlier_of(_joined(event), joined)


def _belonging(event: MemberEvent, holder: MemberCommitments) -> tuple[str | None, str | None]:
    """When a member moved to its coalition, if it was in another, and since when it counts there.

    Returns:
        `moved` and `joined`.
    """
    is_elsewhere = event.coalition != holder.coalition
    if is_elsewhere and isinstance(event, MemberMoved):
        return event.moved, event.moved
    if not (isinstance(event, MemberCorrected) and event.fact == "moved"):
        joined = _joined_now(event, holder.joined)
        return holder.moved, _not_before(holder.moved, joined)
    back = find_elsewhere(holder, event.coalition)
    moved, joined = (back.moved, back.joined) if back else (holder.moved, holder.joined)
    if event.correct and (is_elsewhere or moved):
        moved, joined = event.correct, event.correct if joined == moved else joined
    return moved, _not_before(moved, joined)


def _not_before(moved: str | None, joined: str | None) -> str | None:
    return moved if joined and is_older(joined, moved) else joined


def _last_noted(holder: MemberCommitments) -> MemberNoted:
    return MemberNoted(
        coalition=holder.coalition,
        member=holder.member,
        state=holder.standing,
        since=holder.since,
        joined=holder.joined,
        moved=holder.moved,
        into=MemberRef(id=holder.into) if holder.into else None,
        population=holder.population,
    )


def _noted(event: MemberEvent, holder: MemberCommitments) -> MemberNoted:
    standing = event.state or holder.standing
    into = event.into.key if isinstance(event, MemberAbsorbed) else holder.into
    moved, joined = _belonging(event, holder)
    return MemberNoted(
        coalition=event.coalition,
        member=event.member if event.member.name else holder.member,
        state=standing,
        since=holder.since if standing == holder.standing else event.date,
        joined=joined,
        moved=moved,
        coalition_before=holder.coalition if holder.coalition != event.coalition else None,
        into=MemberRef(id=into) if into and not _is_another(event) else None,
        into_before=MemberRef(id=into) if into and _is_another(event) else None,
        population=event.last_population,
    )
