"""What named a duplicate names the member that it was merged into, until the merger is undone.

Local plans and practices name members. Who was named is kept; who stands there now follows from
the mergers that were followed, one after another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from services.plans.domain.commitments.state import MemberCommitments, member_stream
from shared.contracts.base import MemberRef
from shared.contracts.plans import LocalPlanFollowed, PracticeFollowed
from shared.domain.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.domain.decider import Context
    from shared.domain.stream import Stream

F = TypeVar("F", LocalPlanFollowed, PracticeFollowed)


class Followed(State):
    """A duplicate, and who stands in its place."""

    duplicate: MemberRef
    into: MemberRef


Followings = tuple[Followed, ...]


def both(event: LocalPlanFollowed | PracticeFollowed) -> Iterable[Stream]:
    """The commitments of both, which say whether they are one."""
    yield member_stream(event.member.key)
    if event.into:
        yield member_stream(event.into.key)


def as_it_is(event: F, context: Context) -> F | None:
    """The event with both in full; None where they are one, or two, no more."""
    duplicate = context.find(member_stream(event.member.key), MemberCommitments)
    into = duplicate.into if duplicate else None
    if duplicate is None or into != (event.into.key if event.into else None):
        return None
    if into is None:
        return event.model_copy(update={"member": duplicate.member})
    stays = context.find(member_stream(into), MemberCommitments)
    full = {"member": duplicate.member, "into": stays.member if stays else None}
    return event.model_copy(update=full) if stays else None


def with_event(before: Followings, event: LocalPlanFollowed | PracticeFollowed) -> Followings:
    """The mergers that are followed after an event."""
    others = tuple(one for one in before if one.duplicate.key != event.member.key)
    if event.into is None:
        return others
    return (*others, Followed(duplicate=event.member, into=event.into))


def standing_for(named: MemberRef, followings: Followings) -> MemberRef:
    """Who stands where somebody was named."""
    found, into = named, {one.duplicate.key: one.into for one in followings}
    while found.key in into:
        found = into.pop(found.key)
    return found
