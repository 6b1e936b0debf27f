"""What published events make of a member's duty to have a local plan; total, without a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.plans.domain.local_plan_duties.state import MAX_OWN, LocalPlanDuty, OwnPlan
from shared.domain.dates import by_date

if TYPE_CHECKING:
    from shared.contracts.plans import (
        LocalPlanChased,
        LocalPlanDutyEvent,
        LocalPlanExtended,
        LocalPlanFellDue,
        LocalPlanFellOverdue,
        LocalPlanNoted,
        LocalPlanReminded,
    )


def noted(duty: LocalPlanDuty | None, event: LocalPlanNoted) -> LocalPlanDuty:
    """It has a plan, until then, or has it no more."""
    current = duty or LocalPlanDuty(
        id=event.subject, coalition=event.coalition or "", member=event.member
    )
    plans = [own for own in current.plans if own.plan != event.plan]
    if own := OwnPlan.noted(event):
        plans.append(own)
    kept = by_date(plans, lambda own: own.adopted)[-MAX_OWN:]
    return current.model_copy(update={"member": event.member, "plans": kept})


def reminded(duty: LocalPlanDuty | None, event: LocalPlanReminded) -> LocalPlanDuty:
    """A reminder went out."""
    current = _of(duty, event)
    return current.model_copy(update={"reminded": (*current.reminded, event.days)})


def fell_due(duty: LocalPlanDuty | None, event: LocalPlanFellDue) -> LocalPlanDuty:
    """It is due."""
    return _of(duty, event).model_copy(update={"state": "due"})


def fell_overdue(duty: LocalPlanDuty | None, event: LocalPlanFellOverdue) -> LocalPlanDuty:
    """It is overdue."""
    return _of(duty, event).model_copy(update={"state": "overdue"})


def chased(duty: LocalPlanDuty | None, event: LocalPlanChased) -> LocalPlanDuty:
    """It was somebody's turn to see to it."""
    return _of(duty, event).model_copy(update={"chased": event.to})


def extended(duty: LocalPlanDuty | None, event: LocalPlanExtended) -> LocalPlanDuty:
    """There is more time, and reminders begin anew; should that have passed, the clock says so."""
    anew = {"reminded": (), "chased": None, "state": "upcoming"}
    changes: dict[str, Any] = {"extended": event.until, **anew}
    return _of(duty, event).model_copy(update=changes)


def _of(duty: LocalPlanDuty | None, event: LocalPlanDutyEvent) -> LocalPlanDuty:
    """What is recorded of a due date; of another one, nothing."""
    about = {"coalition": event.coalition, "member": event.member}
    if duty and duty.due == event.due:
        return duty.model_copy(update=about)
    plans = duty.plans if duty else ()
    return LocalPlanDuty(id=event.subject, plans=plans, due=event.due, **about)
