"""What a coalition may do with its plan: draft it, publish it, and say when members report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.plans.domain.local_plan_duties.rule import LocalPlanRule
from services.plans.domain.plans.guards import refuse_equal_points, refuse_out_of_order
from services.plans.domain.plans.state import (
    Plan,
    PlanVersion,
    date_fact,
    find_version,
    reporting_rule,
)
from shared.domain.corrections.guards import refuse_corrected
from shared.domain.dates import finer_of, refuse_contradiction
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event
    from shared.contracts.plans import (
        LocalPlanRuleSet,
        PlanDrafted,
        PlanPublished,
        ReportingRuleSet,
    )
    from shared.domain.decider import Context

MAX_VERSIONS: Final = 50
"""Versions of one plan at most, so that a plan always fits into one document."""


def draft(plan: Plan | None, event: PlanDrafted, context: Context) -> Sequence[Event]:
    """Draft a version, or restate its draft.

    Raises:
        Refused: it, or a newer one, is published already, there are too many versions, or points
            of it are equal.
    """
    del context
    current = find_version(plan, event.version)
    if plan and plan.plan_version and event.version <= plan.plan_version:
        raise Refused(f"version {plan.plan_version} of this plan is published already")
    _refuse_one_too_many(current, plan)
    text = (event.commitments, event.points, event.mapping)
    if current and text == (current.commitments, current.points, current.mapping):
        return []
    refuse_equal_points(event.commitments)
    return [event]


def publish(plan: Plan | None, event: PlanPublished, context: Context) -> Sequence[Event]:
    """Publish a version; what binds is fixed by it, what only describes may be restated.

    Raises:
        Refused: it is published with another text, mapping or date, there are too many versions,
            points of it are equal, or it is adopted before an older version.
    """
    del context
    current = find_version(plan, event.version)
    if current is None or current.state == "draft":
        _refuse_one_too_many(current, plan)
        refuse_equal_points(event.commitments)
        refuse_out_of_order(plan, event.version, event.adopted)
        return [event]
    if plan and event.adopted:
        fact = date_fact(event.version)
        refuse_corrected(plan.corrections, fact, event.adopted, {current.adopted})
    _refuse_another(current, event)
    whole = event.model_copy(
        update={
            "adopted": finer_of(event.adopted, current.adopted),
            "points": current.points if event.points is None else event.points,
            "mapping": current.mapping if event.mapping is None else event.mapping,
        }
    )
    refuse_out_of_order(plan, event.version, whole.adopted)
    described = (current.adopted, current.points, current.mapping)
    return [] if (whole.adopted, whole.points, whole.mapping) == described else [whole]


def _refuse_one_too_many(current: PlanVersion | None, plan: Plan | None) -> None:
    if current is None and plan and len(plan.versions) >= MAX_VERSIONS:
        raise Refused(f"a plan has at most {MAX_VERSIONS} versions")


def _refuse_another(current: PlanVersion, event: PlanPublished) -> None:
    if event.commitments != current.commitments:
        raise Refused(f"version {event.version} is published with another text")
    if current.mapping is not None and event.mapping not in {None, current.mapping}:
        raise Refused(f"version {event.version} is published with another mapping of points")
    refuse_contradiction(event.adopted, current.adopted, f"version {event.version}")


def set_rule(plan: Plan | None, event: ReportingRuleSet, context: Context) -> Sequence[Event]:
    """Say when members report; a rule that names no day begins today."""
    current = plan.reporting if plan else None
    is_dated_alike = current and event.since in {None, current.since}
    if current and is_dated_alike and reporting_rule(event, current.since) == current:
        return []
    since = event.since or context.now.date().isoformat()
    return [event.model_copy(update={"since": since})]


def set_local_plan_rule(
    plan: Plan | None, event: LocalPlanRuleSet, context: Context
) -> Sequence[Event]:
    """Say by when members have a plan of their own; a rule that names no day begins today."""
    current = plan.local_plans if plan else None
    is_dated_alike = current and event.since in {None, current.since}
    if current and is_dated_alike and LocalPlanRule.of(event, current.since) == current:
        return []
    since = event.since or context.now.date().isoformat()
    return [event.model_copy(update={"since": since})]
