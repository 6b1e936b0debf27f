"""A member moves to a newer version of its plan; what it reached goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.commitments.decide.guards import require_open
from services.plans.domain.commitments.progress import derived, least_advanced
from services.plans.domain.commitments.state import moved_actions
from services.plans.domain.plans.state import Plan, find_version, lineage, plan_stream
from shared.contracts.plans import CarriedCommitment
from shared.domain.dates import latest_of
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.plans.domain.commitments.state import Action, CommitmentState, MemberCommitments
    from shared.contracts.base import Event
    from shared.contracts.plans import PlanVersionAdopted
    from shared.domain.decider import Context


def adopt(
    holder: MemberCommitments | None, event: PlanVersionAdopted, context: Context
) -> Sequence[Event]:
    """A member adopts a newer version of the plan.

    Raises:
        Refused: its commitments are not open, or there is no such newer version.
    """
    holder = require_open(holder, event.member, event.adopted, context.now)
    old = holder.plan_version or 0
    if event.coalition != holder.coalition:
        raise Refused(f"{event.subject!r} belongs to the coalition {holder.coalition!r}")
    if event.version == old:
        return []
    if event.version < old:
        raise Refused(f"{event.subject!r} has moved to version {old} already")
    plan = context.find(plan_stream(event.coalition), Plan)
    wanted = find_version(plan, event.version)
    if plan is None or wanted is None or wanted.status == "draft":
        raise Refused(f"version {event.version} of this plan is not published")
    carried = _carry(holder, wanted.commitments, lineage(plan, old, event.version))
    completed = {"member": holder.member, "previous": old, "commitments": carried}
    return [event.model_copy(update=completed)]


def _carry(
    holder: MemberCommitments, titles: Sequence[str], comes_from: Mapping[int, tuple[int, ...]]
) -> tuple[CarriedCommitment, ...]:
    actions = moved_actions(holder, comes_from)
    return tuple(
        _carried(
            CarriedCommitment(point=point, title=title, before=comes_from[point]),
            [holder.commitments[old - 1] for old in comes_from[point]],
            actions[point],
        )
        for point, title in enumerate(titles, 1)
    )


def _carried(
    new: CarriedCommitment, sources: Sequence[CommitmentState], actions: Sequence[Action]
) -> CarriedCommitment:
    """Where several become one, the least advanced counts: nothing is claimed too early."""
    follows = bool(sources) and all(source.basis == "derived" for source in sources)
    return new.model_copy(
        update={
            "status": derived(action.status for action in actions)
            if follows and actions
            else least_advanced(source.status for source in sources),
            "as_of": latest_of(source.as_of for source in sources),
            "basis": "derived" if follows else "said",
        }
    )
