"""What plans tells itself: that the commitments of those who waited fell due."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from shared.cloudevents import derived_id
from shared.contracts.plans import CommitmentsFellDue, PlanPublished
from shared.messaging import Outgoing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.plans.views import PlansViews
    from shared.journal import Entry
    from shared.messaging import Publisher

log = structlog.get_logger()


async def due(views: PlansViews, coalition: str, version: int) -> list[Outgoing]:
    """One event for each member that waits for a coalition's plan; twice is harmless."""
    return [
        Outgoing.told(
            "plans",
            CommitmentsFellDue(coalition=coalition, member=waiting.member),
            derived_id("commitments-fell-due", waiting.id, version),
        )
        async for waiting in views.awaiting(coalition)
    ]


class Sweeper:
    """Reacts to a published plan, and asks the question again now and then.

    Again, since a member may sign in the very moment in which the plan is published on
    another partition, so that neither sees the other.

    Args:
        views: whom to ask who waits.
        publisher: the way to the inbox.
        every: seconds between two questions.
    """

    def __init__(self, views: PlansViews, publisher: Publisher, every: float) -> None:
        self._views = views
        self._publisher = publisher
        self._every = every

    async def react(self, entries: Sequence[Entry]) -> Sequence[Outgoing]:
        """What accepted plans mean for those who wait."""
        plans = [
            published.event
            for entry in entries
            for published in entry.events
            if isinstance(published.event, PlanPublished)
        ]
        return [o for p in plans for o in await due(self._views, p.coalition, p.version)]

    async def sweep(self) -> int:
        """Ask once for all plans; returns how many members were told."""
        told = [
            outgoing
            for plan in await self._views.plans()
            for outgoing in await due(self._views, plan.id, plan.plan_version)
        ]
        await self._publisher.send(told)
        return len(told)

    async def run(self, stopping: asyncio.Event) -> None:
        """Ask again and again until the process stops."""
        while not stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), self._every)
                return
            if told := await self.sweep():
                log.info("swept", told=told)
