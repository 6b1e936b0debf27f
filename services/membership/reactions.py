"""What membership tells itself because of what it accepted: one event for each other aggregate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.cloudevents import derived_id
from shared.contracts.membership import (
    LeadCityDesignated,
    MemberAbsorbed,
    MemberAdmitted,
    MemberReviewed,
    MembersMerged,
    StatutesAdopted,
)
from shared.kafka.producer import Outgoing
from shared.pipeline.outbound import to_own_inbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from services.membership.views import MembershipViews
    from shared.contracts.base import Event
    from shared.journal.entry import Entry


class Reactions:
    """Carries what was accepted for one aggregate to the others that it concerns.

    Args:
        views: whom to ask for the members of a coalition.
    """

    to: tuple[type[Event], ...] = (
        LeadCityDesignated,
        MembersMerged,
        MemberAbsorbed,
        StatutesAdopted,
    )

    def __init__(self, views: MembershipViews) -> None:
        self._views = views

    async def react(self, entries: Sequence[Entry]) -> Sequence[Outgoing]:
        """What accepted events mean for other aggregates; said twice, it has the same ids."""
        return [
            to_own_inbox("membership", event, derived_id("reaction", published.id, event.subject))
            for entry in entries
            for published in entry.events
            async for event in self._because_of(published.event)
        ]

    async def _because_of(self, event: Event | None) -> AsyncIterator[Event]:
        match event:
            case LeadCityDesignated() if event.becomes_member:
                yield MemberAdmitted(
                    coalition=event.coalition, member=event.city, admitted=event.since
                )
            case MembersMerged():
                yield MemberAbsorbed(
                    coalition=event.coalition,
                    member=event.merged,
                    into=event.member,
                    reason=event.reason,
                )
            case MemberAbsorbed():
                # Once more, for the steps that the duplicate was told in the meantime.
                yield MembersMerged(
                    coalition=event.coalition,
                    member=event.into,
                    merged=event.member,
                    reason=event.reason,
                )
            case StatutesAdopted():
                async for member in self._views.members_of({event.coalition}):
                    yield MemberReviewed(coalition=event.coalition, member=member.ref)
            case _:
                pass
