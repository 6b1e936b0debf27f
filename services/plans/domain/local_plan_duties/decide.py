"""The rules of when a member is to have a local plan: which it has, and what the clock says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.commitments.decide.guards import holder_and_plan
from services.plans.domain.local_plan_duties import evolve
from services.plans.domain.local_plan_duties.schedule import LocalPlanAsked, by_clock
from services.plans.domain.local_plan_duties.state import OwnPlan
from services.plans.domain.local_plans.state import LocalPlan, local_plan_stream
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.plans.domain.local_plan_duties.schedule import OfLocalPlan
    from services.plans.domain.local_plan_duties.state import LocalPlanDuty
    from shared.contracts.base import Event
    from shared.contracts.plans import LocalPlanDutyEvent, LocalPlanExtended, LocalPlanNoted
    from shared.domain.decider import Context


def note(duty: LocalPlanDuty | None, event: LocalPlanNoted, context: Context) -> Sequence[Event]:
    """Note which plan a member has, as it stands now: whoever says so, and how late.

    Raises:
        Refused: there is no such plan.
    """
    plan = context.find(local_plan_stream(event.plan), LocalPlan)
    if plan is None:
        raise Refused(f"no local plan {event.plan!r} is known: send LocalPlanAdopted first")
    own = OwnPlan.of(plan, event.member.key)
    member = next((h for h in plan.holders if h.key == event.member.key), event.member)
    fields = OwnPlan.model_fields.keys() - {"plan"}
    noted = event.model_copy(
        update={
            **{name: getattr(own, name, None) for name in fields},
            "member": duty.member if duty and own is None else member,
            "coalition": plan.coalition,
        }
    )
    if duty is None and own is None:
        return []
    after = evolve.noted(duty, noted)
    is_news = duty is None or after.plans != duty.plans
    return [noted] if is_news else []


def fall_due(duty: LocalPlanDuty | None, event: OfLocalPlan, context: Context) -> Sequence[Event]:
    """Remind, fall due or fall overdue: whoever sends it, the clock must say so, too.

    Raises:
        Refused: the clock does not say so.
    """
    asked = _asked(duty, event, context)
    for one in by_clock(asked, context.now.date()):
        if isinstance(one, type(event)) and one.due == event.due:
            return [one]
    if duty and duty.due == event.due:
        return []
    raise Refused(f"by the rule of {event.coalition!r}, {_due(asked)}")


def extend(
    duty: LocalPlanDuty | None, event: LocalPlanExtended, context: Context
) -> Sequence[Event]:
    """The secretariat gives more time.

    Raises:
        Refused: the member owes no local plan on that day, or that would be no more time.
    """
    asked = _asked(duty, event, context)
    due = asked.due
    if due is None or due.day != event.due:
        raise Refused(f"by the rule of {event.coalition!r}, {_due(asked)}")
    if event.until == asked.deadline:
        return []
    if event.until <= event.due:
        raise Refused(f"it has time until {event.due} already")
    return [event.model_copy(update={"member": asked.holder.member, "renews": due.renews})]


def _due(asked: LocalPlanAsked) -> str:
    due = asked.due
    return f"a local plan is due on {due.day}" if due else "no local plan is due"


def _asked(
    duty: LocalPlanDuty | None, event: LocalPlanDutyEvent, context: Context
) -> LocalPlanAsked:
    holder, plan = holder_and_plan(event.member, event.coalition, "local plan", context)
    return LocalPlanAsked(holder, plan.local_plans if plan else None, duty)
