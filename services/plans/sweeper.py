"""What the clock says to plans: what fell due, and what no event may have brought up."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import structlog

from services.plans.domain import by_clock
from shared.cloudevents import derived_id
from shared.contracts.plans import CommitmentsFellDue
from shared.pipeline.outbound import to_own_inbox

if TYPE_CHECKING:
    from services.plans.views import PlansViews
    from shared.kafka.producer import Outgoing, Publisher
    from shared.pipeline.engine import Clock

log = structlog.get_logger()


class Sweeper:
    """Asks now and then what fell due.

    Reports fall due since time passes. Commitments do once more, since a member may sign in the
    very moment in which the plan is published on another partition, so that neither sees the other.

    Args:
        views: whom to ask who waits, and who owes reports.
        publisher: the way to the inbox.
        every: seconds between two sweeps.
        clock: tells the time, aware, UTC.
    """

    def __init__(
        self,
        views: PlansViews,
        publisher: Publisher,
        every: float,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._views = views
        self._publisher = publisher
        self._every = every
        self._clock = clock

    async def run(self, stopping: asyncio.Event) -> None:
        """Sweep again and again until the process stops."""
        while not stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), self._every)
                return
            if sent := await self.sweep():
                log.info("swept", sent=sent)

    async def sweep(self) -> int:
        """Ask once for all; returns how many events were sent."""
        outgoing = await commitments_due(self._views)
        outgoing += await reports_due(self._views, self._clock().date())
        await self._publisher.send(outgoing)
        return len(outgoing)


async def commitments_due(views: PlansViews) -> list[Outgoing]:
    """One event for each member that waits for a plan that is published; twice is harmless."""
    return [
        to_own_inbox(
            "plans",
            CommitmentsFellDue(coalition=plan.id, member=waiting.member),
            derived_id("commitments-fell-due", waiting.id, plan.plan_version),
        )
        for plan in await views.plans()
        async for waiting in views.awaiting(plan.id)
    ]


async def reports_due(views: PlansViews, today: date) -> list[Outgoing]:
    """What the clock says of all members' reports.

    The ids are made of member, due date and what is said, so that two sweepers are harmless; and
    of the day, so that what came too early, by a clock ahead of the others, is repeated.
    """
    return [
        to_own_inbox("plans", one, derived_id(one.type, one.subject, one.due, today.isoformat()))
        async for duty, reports in views.duties()
        for one in by_clock(duty, reports, today)
    ]
