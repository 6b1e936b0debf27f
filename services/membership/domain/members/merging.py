"""What a member takes over from a duplicate, and gives back where the two are two after all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.membership.domain.members import placing
from services.membership.domain.members.placing import Placed
from services.membership.domain.members.state import TakenOver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.membership.domain.members.state import Member
    from shared.contracts.membership import Step


def with_steps(member: Member, duplicate: str, steps: Iterable[Step]) -> Member:
    """A member with steps of a duplicate, and with what each of them changed."""
    now, taken = member.steps, list(member.taken_over)
    for step in steps:
        before, now = now, placing.with_step(now, step, member.joining_rules).steps
        was = next((one for one in before if one not in now), None)
        taken += [
            TakenOver(duplicate=duplicate, was=was, now=one) for one in now if one not in before
        ]
    return member.model_copy(update={"steps": now, "taken_over": tuple(taken)})


def without_steps(member: Member, duplicate: str) -> tuple[Member, str | None]:
    """A member without what it took over, and why the steps that are left make no way.

    What was recorded of such a step since is the member's own, and stays.
    """
    steps, problem = member.steps, None
    for one in reversed([t for t in member.taken_over if t.duplicate == duplicate]):
        if one.now in steps:
            placed = _without(member, steps, one)
            steps, problem = placed.steps, problem or placed.problem
    rest = tuple(t for t in member.taken_over if t.duplicate != duplicate)
    return member.model_copy(update={"steps": steps, "taken_over": rest}), problem


def _without(member: Member, steps: tuple[Step, ...], taken: TakenOver) -> Placed:
    if taken.was is None:
        return placing.without(steps, taken.now, member.joining_rules)
    others = tuple(step for step in steps if step != taken.now)
    return placing.place(others, taken.was, steps, member.joining_rules)
