"""A member moves to a newer version of its plan; what it reached goes with it."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from services.plans.domain.commitments.corrections import facts
from services.plans.domain.commitments.decide.guards import require_open
from services.plans.domain.commitments.progress import derived, derived_percent, least_advanced
from services.plans.domain.commitments.state import moved_actions
from services.plans.domain.plans.state import (
    Plan,
    bearers,
    find_version,
    lineage,
    plan_stream,
    unmapped,
)
from shared.contracts.plans import CarriedCommitment
from shared.domain.corrections.guards import refuse_corrected
from shared.domain.dates import is_older, latest_of
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.plans.domain.commitments.state import Action, CommitmentState, MemberCommitments
    from services.plans.domain.plans.state import PlanVersion
    from shared.contracts.base import Event
    from shared.contracts.plans import ActionStatus, CommitmentsMoved
    from shared.domain.decider import Context


def move(
    holder: MemberCommitments | None, event: CommitmentsMoved, context: Context
) -> Sequence[Event]:
    """A member moves to a newer version of the plan.

    Raises:
        Refused: its commitments are not open, there is no such newer version, or it would have
            moved before it was there, or progress would be lost for want of a mapping.
    """
    holder = require_open(holder, event.member, event.moved, context.now)
    old = holder.plan_version or 0
    if event.coalition != holder.coalition:
        raise Refused(f"{event.subject!r} belongs to the coalition {holder.coalition!r}")
    if event.plan_version == old:
        return []
    if event.plan_version < old:
        raise Refused(f"{event.subject!r} has moved to version {old} already")
    plan = context.find(plan_stream(event.coalition), Plan)
    wanted = find_version(plan, event.plan_version)
    if plan is None or wanted is None or wanted.state == "draft":
        raise Refused(f"version {event.plan_version} of this plan is not published")
    _refuse_too_early(holder, event, wanted)
    _refuse_to_begin_anew(holder, plan, event.plan_version)
    refuse_corrected(holder.corrections, facts.version(event.plan_version), event.moved, ())
    carried = _carry(holder, wanted, lineage(plan, old, event.plan_version))
    completed = {"member": holder.member, "plan_version_before": old, "commitments": carried}
    return [event.model_copy(update=completed)]


def _refuse_too_early(
    holder: MemberCommitments, event: CommitmentsMoved, wanted: PlanVersion
) -> None:
    if is_older(event.moved, wanted.adopted):
        raise Refused(
            f"version {event.plan_version} of the plan is of {wanted.adopted}: nobody moved to it"
            f" in {event.moved}"
        )
    if is_older(event.moved, holder.plan_version_since):
        raise Refused(
            f"{event.subject!r} moved to version {holder.plan_version} {holder.plan_version_since}"
        )


def _refuse_to_begin_anew(holder: MemberCommitments, plan: Plan, version: int) -> None:
    """What was reached is not lost for want of a mapping: the coalition is asked for it."""
    for number, point in unmapped(plan, holder.plan_version or 0, version):
        commitment = holder.commitments[point - 1]
        if commitment.status != "not started" or commitment.actions:
            raise Refused(
                f"commitment {point}, {commitment.title!r}, is {commitment.status}, and version"
                f" {number} of the plan does not say in which of its points it lives on: send"
                f" PlanPublished of version {number} again, with the mapping (an empty one, where"
                " none does)"
            )


def _carry(
    holder: MemberCommitments, version: PlanVersion, comes_from: Mapping[int, tuple[int, ...]]
) -> tuple[CarriedCommitment, ...]:
    actions = moved_actions(holder, comes_from)
    return tuple(
        _carried(
            CarriedCommitment(
                point=point, title=title, borne_by=borne_by, points_before=comes_from[point]
            ),
            [holder.commitments[old - 1] for old in comes_from[point]],
            actions[point],
        )
        for point, title, borne_by in zip(
            count(1), version.commitments, bearers(version), strict=False
        )
    )


def _progress(
    follows: bool,  # noqa: FBT001 - from the actions, or not
    sources: Sequence[CommitmentState],
    actions: Sequence[ActionStatus],
) -> dict[str, object]:
    if follows and actions:
        return {"status": derived(actions), "percent": derived_percent(actions)}
    least = least_advanced(source.status for source in sources)
    percents = [source.percent for source in sources if source.status == least]
    published = [percent for percent in percents if percent is not None]
    return {"status": least, "percent": min(published, default=None)}


def _carried(
    new: CarriedCommitment, sources: Sequence[CommitmentState], actions: Sequence[Action]
) -> CarriedCommitment:
    """Where several become one, the least advanced counts: nothing is claimed too early."""
    follows = bool(sources) and all(source.basis == "derived" for source in sources)
    return new.model_copy(
        update={
            **_progress(follows, sources, [action.status for action in actions]),
            "as_of": latest_of(source.as_of for source in sources),
            "basis": "derived" if follows else "reported",
        }
    )
