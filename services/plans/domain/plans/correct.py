"""What may be corrected of a published version of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.plans.guards import refuse_equal_points, refuse_out_of_order
from services.plans.domain.plans.state import date_fact, find_version
from shared.domain.corrections.guards import checked
from shared.domain.dates import refuse_future
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.plans.domain.plans.state import Plan, PlanVersion
    from shared.contracts.base import Event
    from shared.contracts.plans import (
        PlanDateCorrected,
        PlanMappingCorrected,
        PlanPointCorrected,
    )
    from shared.domain.decider import Context


def date(plan: Plan | None, event: PlanDateCorrected, context: Context) -> Sequence[Event]:
    """Correct when a version was adopted.

    Raises:
        Refused: it is not recorded with that date, or would be out of the order of versions.
    """
    plan, version = _published(plan, event.coalition, event.version)
    refuse_future(event.correct, context.now)
    dates = {version.adopted}
    if checked(plan.corrections, date_fact(event.version), event, dates) is None:
        return []
    refuse_out_of_order(plan, event.version, event.correct)
    return [event]


def point(plan: Plan | None, event: PlanPointCorrected, context: Context) -> Sequence[Event]:
    """Correct the text of a point.

    Raises:
        Refused: it is not recorded with that text, or would be equal to another point.
    """
    del context
    _, version = _published(plan, event.coalition, event.version)
    current = version.commitments[event.point - 1]
    if event.correct == current:
        return []
    if event.recorded != current:
        raise Refused(f"point {event.point} is recorded as {current!r}")
    others = version.commitments[: event.point - 1], version.commitments[event.point :]
    refuse_equal_points((*others[0], event.correct, *others[1]))
    return [event]


def mapping(plan: Plan | None, event: PlanMappingCorrected, context: Context) -> Sequence[Event]:
    """Correct which points of the version before live on in a version.

    Raises:
        Refused: no such version is published.
    """
    del context
    _, version = _published(plan, event.coalition, event.version)
    return [] if event.mapping == version.mapping else [event]


def _published(plan: Plan | None, coalition: str, number: int) -> tuple[Plan, PlanVersion]:
    version = find_version(plan, number)
    if plan is None or version is None:
        raise Refused(f"the plan of {coalition!r} has no version {number}")
    if version.state == "draft":
        raise Refused(f"version {number} is a draft: send PlanDrafted with what is right")
    return plan, version
