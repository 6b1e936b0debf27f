"""The table of a member's duty to have a local plan: what is decided, and what is folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.plans.domain.commitments.state import member_stream
from services.plans.domain.local_plan_duties import decide, evolve
from services.plans.domain.local_plan_duties.state import KIND, LocalPlanDuty
from services.plans.domain.local_plans.state import local_plan_stream
from services.plans.domain.plans.state import plan_stream
from shared.contracts.plans import (
    LocalPlanChased,
    LocalPlanExtended,
    LocalPlanFellDue,
    LocalPlanFellOverdue,
    LocalPlanNoted,
    LocalPlanReminded,
)
from shared.domain.decider import Aggregate, by_subject, on

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.contracts.plans import LocalPlanDutyEvent
    from shared.domain.stream import Stream


def _plan(event: LocalPlanNoted) -> Iterable[Stream]:
    yield local_plan_stream(event.plan)


def _duty(event: LocalPlanDutyEvent) -> Iterable[Stream]:
    yield member_stream(event.subject)
    yield plan_stream(event.coalition)


LOCAL_PLAN_DUTIES: Final = Aggregate(
    kind=KIND,
    state=LocalPlanDuty,
    identify=by_subject,
    rows=(
        on(LocalPlanNoted, decide=decide.note, evolve=evolve.noted, looks_at=_plan),
        on(LocalPlanReminded, decide=decide.fall_due, evolve=evolve.reminded, looks_at=_duty),
        on(LocalPlanFellDue, decide=decide.fall_due, evolve=evolve.fell_due, looks_at=_duty),
        on(
            LocalPlanFellOverdue,
            decide=decide.fall_due,
            evolve=evolve.fell_overdue,
            looks_at=_duty,
        ),
        on(LocalPlanChased, decide=decide.fall_due, evolve=evolve.chased, looks_at=_duty),
        on(LocalPlanExtended, decide=decide.extend, evolve=evolve.extended, looks_at=_duty),
    ),
)
