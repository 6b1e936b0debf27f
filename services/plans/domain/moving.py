"""A member moves to a newer version of its plan; what it reached goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.dates import latest_of, not_in_the_future
from services.plans.domain.holders import Action, Held, Left, MemberCommitments, open_for
from services.plans.domain.plans import Plan, lineage, version
from services.plans.domain.progress import derived, least_advanced
from shared.contracts.plans import CarriedCommitment, PlanVersionAdopted
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from shared.contracts.base import Event


def adopt(
    event: PlanVersionAdopted, holder: MemberCommitments | None, plan: Plan | None, now: datetime
) -> Sequence[Event]:
    """A member adopts a newer version of the plan.

    Raises:
        Refused: its commitments are not open, or there is no such newer version.
    """
    not_in_the_future(event.adopted, now)
    holder = open_for(holder, event.subject, event.adopted)
    old = holder.plan_version or 0
    if event.coalition != holder.coalition:
        raise Refused(f"{event.subject!r} belongs to the coalition {holder.coalition!r}")
    if event.version == old:
        return []
    if event.version < old:
        raise Refused(f"{event.subject!r} has moved to version {old} already")
    wanted = version(plan, event.version)
    if plan is None or wanted is None or wanted.status == "draft":
        raise Refused(f"version {event.version} of this plan is not published")
    carried = _carry(holder, wanted.commitments, lineage(plan, old, event.version))
    told = {"member": holder.member, "previous": old, "commitments": carried}
    return [event.model_copy(update=told)]


def _carry(
    holder: MemberCommitments, titles: Sequence[str], comes_from: Mapping[int, tuple[int, ...]]
) -> tuple[CarriedCommitment, ...]:
    actions = _moved_actions(holder, comes_from)
    return tuple(
        _carried(
            CarriedCommitment(point=point, title=title, before=comes_from[point]),
            [holder.commitments[old - 1] for old in comes_from[point]],
            actions[point],
        )
        for point, title in enumerate(titles, 1)
    )


def _carried(
    new: CarriedCommitment, sources: Sequence[Held], actions: Sequence[Action]
) -> CarriedCommitment:
    """Where several become one, the least advanced counts: nothing is claimed too early."""
    follows = bool(sources) and all(held.basis == "derived" for held in sources)
    return new.model_copy(
        update={
            "status": derived(action.status for action in actions)
            if follows and actions
            else least_advanced(held.status for held in sources),
            "as_of": latest_of(held.as_of for held in sources),
            "basis": "derived" if follows else "said",
        }
    )


def _moved_actions(
    holder: MemberCommitments, comes_from: Mapping[int, tuple[int, ...]]
) -> dict[int, tuple[Action, ...]]:
    """The actions go to the first point that their commitment lives on in."""
    moved: dict[int, tuple[Action, ...]] = dict.fromkeys(comes_from, ())
    for held in holder.commitments:
        home = min((n for n, olds in comes_from.items() if held.point in olds), default=None)
        if home is not None:
            moved[home] += held.actions
    return moved


def evolve(holder: MemberCommitments, event: PlanVersionAdopted) -> MemberCommitments:
    """Fold a move; how the commitments stood before is kept as the past."""
    carried = event.commitments or ()
    actions = _moved_actions(holder, {c.point: c.before for c in carried})
    return holder.model_copy(
        update={
            "plan_version": event.version,
            "chosen": (),
            "chosen_as_of": None,
            "commitments": tuple(_held(holder, c, actions[c.point]) for c in carried),
            "past": (*holder.past, *_left(holder, event.adopted)),
        }
    )


def _held(
    holder: MemberCommitments, carried: CarriedCommitment, actions: tuple[Action, ...]
) -> Held:
    only = holder.commitments[carried.before[0] - 1] if len(carried.before) == 1 else None
    return Held(
        point=carried.point,
        title=carried.title,
        status=carried.status,
        as_of=carried.as_of,
        basis=carried.basis,
        note=only.note if only else None,
        evidence=only.evidence if only else (),
        actions=actions,
    )


def _left(holder: MemberCommitments, until: str) -> tuple[Left, ...]:
    return tuple(
        Left(
            plan_version=holder.plan_version or 1,
            until=until,
            point=held.point,
            title=held.title,
            status=held.status,
            as_of=held.as_of,
        )
        for held in holder.commitments
    )
