"""What membership says to itself because of what it accepted, by type of event."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from shared.contracts.membership import (
    LeadCityDesignated,
    MemberAbsorbed,
    MemberAdmitted,
    MemberReviewed,
    MembersMerged,
    StatutesAdopted,
)
from shared.pipeline.reactions import Caused

if TYPE_CHECKING:
    from services.membership.queries import MembershipQueries
    from shared.contracts.base import Event
    from shared.pipeline.reactions import Reaction


async def admit_lead_cities(
    _: MembershipQueries, designated: Sequence[Caused[LeadCityDesignated]]
) -> AsyncIterator[Caused[MemberAdmitted]]:
    """By some statutes, who leads becomes a member by it."""
    for cause, event in designated:
        if event.becomes_member:
            about = {"coalition": event.coalition, "member": event.city}
            yield cause, MemberAdmitted(**about, admitted=event.since)


async def absorb_duplicates(
    _: MembershipQueries, merged: Sequence[Caused[MembersMerged]]
) -> AsyncIterator[Caused[MemberAbsorbed]]:
    """The duplicate's side of a merger."""
    for cause, event in merged:
        about = {"coalition": event.coalition, "member": event.merged}
        yield cause, MemberAbsorbed(**about, into=event.member, reason=event.reason)


async def merge_again(
    _: MembershipQueries, absorbed: Sequence[Caused[MemberAbsorbed]]
) -> AsyncIterator[Caused[MembersMerged]]:
    """Once more, for the steps that the duplicate took in the meantime."""
    for cause, event in absorbed:
        about = {"coalition": event.coalition, "member": event.into}
        yield cause, MembersMerged(**about, merged=event.member, reason=event.reason)


async def review_members(
    queries: MembershipQueries, adopted: Sequence[Caused[StatutesAdopted]]
) -> AsyncIterator[Caused[MemberReviewed]]:
    """By new statutes, each member of the coalition may be something else."""
    for cause, event in adopted:
        async for member in queries.members_of({event.coalition}):
            yield cause, MemberReviewed(coalition=event.coalition, member=member.ref)


REACTIONS: Final[Mapping[type[Event], Reaction[MembershipQueries]]] = {
    LeadCityDesignated: admit_lead_cities,
    MembersMerged: absorb_duplicates,
    MemberAbsorbed: merge_again,
    StatutesAdopted: review_members,
}
