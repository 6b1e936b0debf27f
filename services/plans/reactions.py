"""What plans says to itself because of what it accepted, by type of event."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from shared.cloudevents import derived_id
from shared.contracts.base import Event, MemberRef
from shared.contracts.plans import (
    CommitmentsFellDue,
    CommitmentsOpened,
    CommitmentsTakenOver,
    MemberNoted,
    PlanPublished,
)
from shared.pipeline.outbound import to_itself

if TYPE_CHECKING:
    from services.plans.views import PlansViews
    from shared.journal.entry import Entry
    from shared.kafka.producer import Outgoing

E = TypeVar("E", bound=Event)
Caused: TypeAlias = tuple[str, E]
"""An event with an id: its own, or that of the event that it follows from."""
Reaction: TypeAlias = Callable[[Sequence[Caused[Any]]], AsyncIterator[Caused[Event]]]


class Reactions:
    """Carries what was accepted for one aggregate to the others that it concerns.

    Args:
        views: whom to ask who waits for a plan, and who was merged into whom; what is kept for
            queries across aggregates is brought forward there, too.

    Attributes:
        to: the events that something follows from.
    """

    def __init__(self, views: PlansViews) -> None:
        self._views = views
        self._table: Mapping[type[Event], Reaction] = {
            PlanPublished: self._open_commitments,
            MemberNoted: self._take_over,
            CommitmentsOpened: self._take_over_late,
            CommitmentsTakenOver: self._take_over_the_rest,
        }
        self.to = (*self._table, *views.reports_to_check.of)

    async def react(self, entries: Sequence[Entry]) -> Sequence[Outgoing]:
        """What follows from accepted events; the same entries again give the same ids."""
        published = [one for entry in entries for one in entry.events]
        await self._views.reports_to_check.project(one.event for one in published if one.event)
        return [
            _outgoing(cause, event)
            for type_, reaction in self._table.items()
            if (accepted := [(one.id, one.event) for one in published if type(one.event) is type_])
            async for cause, event in reaction(accepted)
        ]

    async def _open_commitments(
        self, published: Sequence[Caused[PlanPublished]]
    ) -> AsyncIterator[Caused[Event]]:
        for id_, event in published:
            async for waiting in self._views.awaiting(event.coalition):
                yield id_, CommitmentsFellDue(coalition=event.coalition, member=waiting.member)

    async def _take_over(
        self, noted: Sequence[Caused[MemberNoted]]
    ) -> AsyncIterator[Caused[Event]]:
        for id_, event in noted:
            if event.into:
                yield id_, _taken_over(event.coalition, event.subject, event.into.key)

    async def _take_over_late(
        self, opened: Sequence[Caused[CommitmentsOpened]]
    ) -> AsyncIterator[Caused[Event]]:
        """Duplicates may have been merged before the member that stays has commitments."""
        ids = {event.subject: id_ for id_, event in opened}
        async for duplicate in self._views.merged_into(ids):
            if duplicate.into:
                into = duplicate.into
                yield ids[into], _taken_over(duplicate.coalition, duplicate.id, into)

    async def _take_over_the_rest(
        self, taken: Sequence[Caused[CommitmentsTakenOver]]
    ) -> AsyncIterator[Caused[Event]]:
        """Each decision takes over a part; the one that finds nothing more publishes nothing."""
        for id_, event in taken:
            yield id_, _taken_over(event.coalition, event.merged.key, event.subject)


def _taken_over(coalition: str, duplicate: str, into: str) -> CommitmentsTakenOver:
    return CommitmentsTakenOver(
        coalition=coalition, member=MemberRef(id=into), merged=MemberRef(id=duplicate)
    )


def _outgoing(cause: str, event: Event) -> Outgoing:
    """An event that plans says to itself; of one cause, only the same event has the same id."""
    return to_itself("plans", event, derived_id("reaction", cause, event.model_dump_json()))
