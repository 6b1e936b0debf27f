"""What may be corrected of a local plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.local_plans import evolve
from services.plans.domain.local_plans.decide import completed, existing
from services.plans.domain.local_plans.state import LocalPlan, dates_of, fact
from shared.domain.corrections.guards import checked
from shared.domain.dates import is_older, refuse_future
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.contracts.base import Event
    from shared.contracts.plans import LocalPlanCorrected
    from shared.domain.decider import Context


def correct(plan: LocalPlan | None, event: LocalPlanCorrected, context: Context) -> Sequence[Event]:
    """Correct a step of a local plan: its date, or that it never happened.

    Raises:
        Refused: there is no such step on that date, or others would not fit to it.
    """
    refuse_future(event.correct, context.now)
    if plan is None or event.step != "adopted":
        plan = existing(plan, event.plan)
    if checked(plan.corrections, fact(event.step), event, dates_of(plan, event.step)) is None:
        return []
    _refuse_what_stands_on_it(plan, event)
    after = evolve.corrected(plan, event)
    for earlier, later in _order(after):
        if is_older(later, earlier):
            raise Refused(f"then {later} would lie before {earlier}, which came before it")
    return [completed(plan, event)]


def _refuse_what_stands_on_it(plan: LocalPlan, event: LocalPlanCorrected) -> None:
    if event.correct is not None:
        return
    if event.step == "submitted" and (plan.accepted or plan.reviewed):
        raise Refused("the plan is reviewed: correct that step first")
    if event.step == "accepted" and plan.verdict == "accepted":
        raise Refused("the plan was accepted by a review: correct the step 'reviewed'")


def _order(plan: LocalPlan) -> Iterator[tuple[str, str]]:
    """The dates of which one has to come before the other."""
    later = (*(r.renewed for r in plan.renewals), plan.submitted, plan.ended)
    yield from ((plan.adopted, date) for date in later if date)
    if plan.ended:
        yield plan.last_begun, plan.ended
    reviews = (None if plan.awaits_review else plan.reviewed, plan.accepted)
    yield from ((plan.submitted, date) for date in reviews if date and plan.submitted)
