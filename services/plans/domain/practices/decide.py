"""The rules of good practices: who may share one, and who may adopt it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.plans.domain.commitments.decide.guards import refuse_unmeant
from services.plans.domain.commitments.state import MemberCommitments, member_stream
from services.plans.domain.practices.state import Adoption, Practice
from shared.domain.dates import is_older, refuse_future
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event, MemberRef
    from shared.contracts.plans import PracticeAdopted, PracticeShared
    from shared.domain.decider import Context

MAX_ADOPTIONS: Final = 500
"""Adoptions of one practice at most, so that it always fits into one document."""


def share(practice: Practice | None, event: PracticeShared, context: Context) -> Sequence[Event]:
    """A member shares what worked, or shares it anew.

    Raises:
        Refused: nothing is known of the member, or the practice is another's.
    """
    refuse_future(event.shared, context.now)
    holder = _holder(event, context)
    event = event.model_copy(update={"member": _in_full(event.member, holder)})
    if holder and holder.coalition != event.coalition:
        raise Refused(f"{event.member.key!r} belongs to the coalition {holder.coalition!r}")
    if practice is None:
        return [event]
    if practice.member.key != event.member.key:
        raise Refused(f"{event.practice!r} is a practice of {practice.member.key!r}")
    if Practice.of(event, practice.adoptions) == practice:
        return []
    if is_older(event.shared, practice.shared):
        raise Refused(f"the practice was shared {practice.shared}; this is older")
    return [event]


def adopt(practice: Practice | None, event: PracticeAdopted, context: Context) -> Sequence[Event]:
    """A member takes a practice over, or tells how it went.

    Raises:
        Refused: there is no such practice, it is the member's own, nothing is known of the
            member, or too many have adopted it.
    """
    refuse_future(event.adopted, context.now)
    if practice is None:
        raise Refused(f"no practice {event.practice!r} is shared")
    holder = _holder(event, context)
    member = _in_full(event.member, holder)
    if practice.member.key == member.key:
        raise Refused(f"{event.practice!r} is {member.key!r}'s own practice")
    current = next((a for a in practice.adoptions if a.member.key == member.key), None)
    _refuse_one_too_many(current, practice)
    if current and (event.adopted, event.outcome) == (current.adopted, current.outcome):
        return []
    coalition = holder.coalition if holder else event.coalition
    completed = {"member": member, "coalition": coalition, "title": practice.title}
    return [event.model_copy(update=completed)]


def _refuse_one_too_many(current: Adoption | None, practice: Practice) -> None:
    if current is None and len(practice.adoptions) >= MAX_ADOPTIONS:
        raise Refused(f"a practice has at most {MAX_ADOPTIONS} adoptions")


def _holder(event: PracticeShared | PracticeAdopted, context: Context) -> MemberCommitments | None:
    return context.find(member_stream(event.member.key), MemberCommitments)


def _in_full(member: MemberRef, holder: MemberCommitments | None) -> MemberRef:
    refuse_unmeant(holder, member)
    if holder:
        return holder.member
    if member.name is None:
        raise Refused(f"{member.key!r} holds no commitments: give its name, kind and country")
    return member
