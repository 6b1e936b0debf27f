"""What membership says to itself because of what it accepted, by type of event."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CoalitionCorrected,
    LeadCityDesignated,
    MemberAbsorbed,
    MemberAdmitted,
    MemberCorrected,
    MemberReassessed,
    MembersMerged,
    OfficeTaken,
    StatutesAdopted,
    StepCorrected,
)
from shared.pipeline.reactions import Caused

if TYPE_CHECKING:
    from services.membership.queries import MembershipQueries
    from shared.contracts.base import Event
    from shared.pipeline.reactions import Reaction


async def admit_lead_cities(
    _: MembershipQueries, taken: Sequence[Caused[LeadCityDesignated | OfficeTaken]]
) -> AsyncIterator[Caused[MemberAdmitted]]:
    """By some statutes, who leads becomes a member by it."""
    for cause, event in taken:
        if event.becomes_member and event.city and event.since:
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


async def follow_corrections(
    queries: MembershipQueries, corrected: Sequence[Caused[CoalitionCorrected]]
) -> AsyncIterator[Caused[MemberReassessed | StepCorrected]]:
    """Statutes of another date reassess members; a lead city was admitted when its term began."""
    adopted = [one for one in corrected if one[1].fact == "statutes adopted"]
    async for reassessed in reassess_members(queries, adopted):
        yield reassessed
    for cause, event in corrected:
        if event.admitted:
            dates = {"recorded": event.recorded, "correct": event.correct}
            about = {"coalition": event.coalition, "member": event.admitted}
            yield cause, StepCorrected(**about, **dates, step="admitted", reason=event.reason)


async def follow_mended_members(
    _: MembershipQueries, corrected: Sequence[Caused[MemberCorrected]]
) -> AsyncIterator[Caused[MemberAbsorbed | MemberCorrected]]:
    """The other side of a merger that is undone, or is none again; and the id that leads to it."""
    for cause, event in corrected:
        other = event.recorded if event.fact == "merged" else event.alias
        if other is None:
            continue
        is_one = (event.correct == event.recorded) == (event.fact == "merged")
        yield cause, _is_one(event, other) if is_one else _is_another(event, other)


def _is_one(event: MemberCorrected, other: str) -> MemberAbsorbed:
    """An id leads to the member: of a duplicate, or one that nobody has yet, so it is named."""
    named = {} if event.fact == "merged" else event.member.model_dump(exclude={"id"})
    about = {"coalition": event.coalition, "member": MemberRef(id=other, **named)}
    return MemberAbsorbed(**about, into=event.member, reason=event.reason)


def _is_another(event: MemberCorrected, other: str) -> MemberCorrected:
    """An id does not lead to the member."""
    about = {"coalition": event.coalition, "member": MemberRef(id=other)}
    fact = {"fact": "merged into", "recorded": event.subject, "reason": event.reason}
    return MemberCorrected.model_validate({**about, **fact})


async def reassess_members(
    queries: MembershipQueries, adopted: Sequence[Caused[StatutesAdopted | CoalitionCorrected]]
) -> AsyncIterator[Caused[MemberReassessed]]:
    """By new statutes, each member of the coalition may be something else."""
    for cause, event in adopted:
        async for member in queries.members_of({event.coalition}):
            yield cause, MemberReassessed(coalition=event.coalition, member=member.ref)


REACTIONS: Final[Mapping[type[Event], Reaction[MembershipQueries]]] = {
    LeadCityDesignated: admit_lead_cities,
    OfficeTaken: admit_lead_cities,
    CoalitionCorrected: follow_corrections,
    MemberCorrected: follow_mended_members,
    MembersMerged: absorb_duplicates,
    MemberAbsorbed: merge_again,
    StatutesAdopted: reassess_members,
}
