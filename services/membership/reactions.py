"""What membership sends to its own inbox because of what it accepted, by type of event."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from shared.cloudevents import derived_id
from shared.contracts.membership import (
    CoalitionCorrected,
    LeadCityDesignated,
    MemberAbsorbed,
    MemberAdmitted,
    MemberReviewed,
    MembersMerged,
    OfficeTaken,
    StatutesAdopted,
    StepCorrected,
)
from shared.kafka.producer import Outgoing
from shared.pipeline.outbound import to_own_inbox

if TYPE_CHECKING:
    from services.membership.views import MembershipViews
    from shared.contracts.base import Event
    from shared.journal.entry import Entry

Reaction: TypeAlias = "Callable[[MembershipViews, Any], AsyncIterator[Event]]"


async def admit_lead_city(
    views: MembershipViews, event: LeadCityDesignated | OfficeTaken
) -> AsyncIterator[Event]:
    """By some statutes, who leads becomes a member by it."""
    del views
    if event.becomes_member and event.city and event.since:
        yield MemberAdmitted(coalition=event.coalition, member=event.city, admitted=event.since)


async def absorb_duplicate(views: MembershipViews, event: MembersMerged) -> AsyncIterator[Event]:
    """The duplicate's side of a merger."""
    del views
    yield MemberAbsorbed(
        coalition=event.coalition, member=event.merged, into=event.member, reason=event.reason
    )


async def merge_again(views: MembershipViews, event: MemberAbsorbed) -> AsyncIterator[Event]:
    """Once more, for the steps that the duplicate took in the meantime."""
    del views
    yield MembersMerged(
        coalition=event.coalition, member=event.into, merged=event.member, reason=event.reason
    )


async def follow_correction(
    views: MembershipViews, event: CoalitionCorrected
) -> AsyncIterator[Event]:
    """Statutes of another date review the members; a lead city was admitted when its term began."""
    if event.fact == "statutes adopted":
        async for review in review_members(views, event):
            yield review
    if event.admitted:
        yield StepCorrected(
            coalition=event.coalition,
            member=event.admitted,
            step="admitted",
            recorded=event.recorded,
            correct=event.correct,
            reason=event.reason,
        )


async def review_members(
    views: MembershipViews, event: StatutesAdopted | CoalitionCorrected
) -> AsyncIterator[Event]:
    """By new statutes, each member of the coalition may be something else."""
    async for member in views.members_of({event.coalition}):
        yield MemberReviewed(coalition=event.coalition, member=member.ref)


REACTIONS: Final[Mapping[type[Event], Reaction]] = {
    LeadCityDesignated: admit_lead_city,
    OfficeTaken: admit_lead_city,
    CoalitionCorrected: follow_correction,
    MembersMerged: absorb_duplicate,
    MemberAbsorbed: merge_again,
    StatutesAdopted: review_members,
}


class Reactions:
    """Carries what was accepted for one aggregate to the others that it concerns.

    Args:
        views: whom to ask for the members of a coalition.
    """

    to: tuple[type[Event], ...] = tuple(REACTIONS)

    def __init__(self, views: MembershipViews) -> None:
        self._views = views

    async def react(self, entries: Sequence[Entry]) -> Sequence[Outgoing]:
        """What follows from accepted events; the same entries again give the same ids."""
        return [
            to_own_inbox("membership", event, derived_id("reaction", published.id, event.subject))
            for entry in entries
            for published in entry.events
            if published.event and (reaction := REACTIONS.get(type(published.event)))
            async for event in reaction(self._views, published.event)
        ]
