"""Which aggregate decides which event, and by which rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from services.plans.domain import (
    actions,
    commitments,
    mergers,
    moving,
    plans,
    practices,
    report,
    reports,
    standing,
)
from services.plans.domain.holders import MemberCommitments
from services.plans.domain.plans import Plan
from services.plans.domain.practices import Practice, Publication
from services.plans.domain.report import MemberReports
from shared.contracts.membership import MemberEvent
from shared.contracts.plans import (
    ActionRecorded,
    CommitmentsChosen,
    CommitmentsFellDue,
    CommitmentsTakenOver,
    CommitmentUpdated,
    HolderEvent,
    IndicatorRead,
    PlanText,
    PlanVersionAdopted,
    PracticeAdopted,
    PracticeShared,
    ProgressBasisChosen,
    PublicationAnnounced,
    ReportEvent,
    ReportingRuleSet,
)
from shared.domain.decider import Context, Decider, Refused, Route

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.contracts.base import Event

State: TypeAlias = Plan | MemberCommitments | MemberReports | Practice | Publication


def plan_stream(coalition: str) -> str:
    """The stream of a coalition's plan."""
    return f"plans/{coalition}"


def member_stream(member: str) -> str:
    """The stream of a member's commitments."""
    return f"commitments/{member}"


def report_stream(member: str) -> str:
    """The stream of a member's reports."""
    return f"reports/{member}"


class Plans(Decider[State]):
    """Decides and folds plans' events."""

    def route(self, event: Event, cause: tuple[str, str]) -> Route:
        """Plans, commitments, reports, practices and publications are aggregates."""
        del cause
        return Route(_stream(event), tuple(_looks_at(event)))

    def decide(self, state: State | None, event: Event, context: Context) -> Sequence[Event]:
        """Apply the rules.

        Raises:
            Refused: the rules do not allow it.
        """
        now = context.now
        match event, state:
            case ((PlanText() | ReportingRuleSet()), Plan() | None as plan):
                return plans.decide(event, plan, now)
            case ((HolderEvent() | MemberEvent()), MemberCommitments() | None as holder):
                return _of_holder(event, holder, context)
            case ReportEvent(), MemberReports() | None as held:
                holder = _holder(context, event.subject)
                return reports.decide(event, held, holder, _plan(context, event.coalition), now)
            case PracticeShared(), Practice() | None as practice:
                return practices.share(event, practice, _holder(context, event.member.key), now)
            case PracticeAdopted(), Practice() | None as practice:
                return practices.adopt(event, practice, _holder(context, event.member.key), now)
            case PublicationAnnounced(), Publication() | None as publication:
                return practices.announce(event, publication, now)
            case _:
                raise Refused("plans has no rule for this event")

    def evolve(self, state: State | None, event: Event) -> State | None:
        """Fold one published event."""
        match event, state:
            case ((PlanText() | ReportingRuleSet()), Plan() | None as plan):
                return plans.evolve(plan, event)
            case HolderEvent(), MemberCommitments() | None as holder:
                return _held_after(holder, event)
            case ReportEvent(), MemberReports() | None as held:
                return report.evolve(held, event)
            case ((PracticeShared() | PracticeAdopted()), Practice() | None as practice):
                return practices.evolve(practice, event)
            case PublicationAnnounced(), _:
                return practices.publication(event)
            case _:
                return state


def _stream(event: Event) -> str:
    match event:
        case PlanText() | ReportingRuleSet():
            return plan_stream(event.coalition)
        case ReportEvent():
            return report_stream(event.subject)
        case PracticeShared() | PracticeAdopted():
            return f"practices/{event.practice}"
        case PublicationAnnounced():
            return f"publications/{event.publication}"
        case _:
            return member_stream(event.subject)


def _looks_at(event: Event) -> Iterator[str]:
    match event:
        case CommitmentsTakenOver():
            yield member_stream(event.merged.key)
        case PracticeShared() | PracticeAdopted():
            yield member_stream(event.member.key)
        case ReportEvent():
            yield member_stream(event.subject)
            yield plan_stream(event.coalition)
        case MemberEvent() | CommitmentsFellDue() | PlanVersionAdopted():
            yield plan_stream(event.coalition)


def _plan(context: Context, coalition: str) -> Plan | None:
    found = context.others.get(plan_stream(coalition))
    return found if isinstance(found, Plan) else None


def _holder(context: Context, member: str) -> MemberCommitments | None:
    found = context.others.get(member_stream(member))
    return found if isinstance(found, MemberCommitments) else None


def _of_holder(  # noqa: PLR0911 - one line for each kind of event
    event: HolderEvent | MemberEvent,
    holder: MemberCommitments | None,
    context: Context,
) -> Sequence[Event]:
    now = context.now
    match event:
        case CommitmentUpdated():
            return commitments.update(event, holder, now)
        case ActionRecorded():
            return actions.record(event, holder, now)
        case IndicatorRead():
            return actions.read(event, holder, now)
        case ProgressBasisChosen():
            return commitments.choose_basis(event, holder, now)
        case CommitmentsChosen():
            return commitments.choose(event, holder, now)
        case PlanVersionAdopted():
            return moving.adopt(event, holder, _plan(context, event.coalition), now)
        case CommitmentsTakenOver():
            return mergers.take_over(event, holder, _holder(context, event.merged.key))
        case CommitmentsFellDue():
            return standing.fall_due(event, holder, _plan(context, event.coalition))
        case MemberEvent():
            return standing.follow(event, holder, _plan(context, event.coalition))
        case _:
            raise Refused("plans has no rule for this event")


def _held_after(holder: MemberCommitments | None, event: HolderEvent) -> MemberCommitments | None:
    if holder is None or holder.state == "awaiting":
        return standing.evolve(holder, event)
    match event:
        case ActionRecorded() | IndicatorRead():
            return actions.evolve(holder, event)
        case PlanVersionAdopted():
            return moving.evolve(holder, event)
        case _:
            return standing.evolve(commitments.evolve(holder, event), event)
