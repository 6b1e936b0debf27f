"""What plans tells itself: what fell due, by the clock or since something else is there now."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import structlog

from services.plans.domain import by_clock
from shared.cloudevents import derived_id
from shared.contracts.base import MemberRef
from shared.contracts.plans import (
    CommitmentsFellDue,
    CommitmentsOpened,
    CommitmentsTakenOver,
    MemberNoted,
    PlanPublished,
)
from shared.kafka.producer import Outgoing
from shared.pipeline.outbound import to_own_inbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.plans.views import PlansViews
    from shared.contracts.base import Event
    from shared.journal.entry import Entry
    from shared.kafka.producer import Publisher
    from shared.pipeline.engine import Clock

log = structlog.get_logger()


async def due(views: PlansViews, coalition: str, version: int) -> list[Outgoing]:
    """One event for each member that waits for a coalition's plan; twice is harmless."""
    return [
        to_own_inbox(
            "plans",
            CommitmentsFellDue(coalition=coalition, member=waiting.member),
            derived_id("commitments-fell-due", waiting.id, version),
        )
        async for waiting in views.awaiting(coalition)
    ]


async def reports_due(views: PlansViews, today: date) -> list[Outgoing]:
    """What the clock says of all members' reports.

    The ids are made of member, due date and what is said, so that two sweepers are harmless; and
    of the day, so that a word that came too early, by a clock ahead of the others, is repeated.
    """
    return [
        to_own_inbox(
            "plans", said, derived_id(said.type, said.subject, said.due, today.isoformat())
        )
        async for duty, reports in views.duties()
        for said in by_clock(duty, reports, today)
    ]


def taken_over(coalition: str, duplicate: str, into: str, since: str) -> Outgoing:
    """A member takes over what its duplicate had reached, since something happened to one."""
    return to_own_inbox(
        "plans",
        CommitmentsTakenOver(
            coalition=coalition, member=MemberRef(id=into), merged=MemberRef(id=duplicate)
        ),
        derived_id("commitments-taken-over", duplicate, into, since),
    )


class Sweeper:
    """Reacts to a published plan or a merger, and asks all questions again now and then.

    Again, since a member may sign in the very moment in which the plan is published on
    another partition, so that neither sees the other; and since time passes.

    Args:
        views: whom to ask who waits, and who owes reports.
        publisher: the way to the inbox.
        every: seconds between two questions.
        clock: tells the time, aware, UTC.
    """

    to: tuple[type[Event], ...] = (PlanPublished, MemberNoted, CommitmentsOpened)

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

    async def react(self, entries: Sequence[Entry]) -> Sequence[Outgoing]:
        """What accepted plans mean for those who wait, and mergers for those who stay."""
        events = [published.event for entry in entries for published in entry.events]
        told: list[Outgoing] = []
        for event in events:
            if isinstance(event, PlanPublished):
                told += await due(self._views, event.coalition, event.version)
            elif isinstance(event, MemberNoted) and event.into:
                into = event.into.key
                told.append(taken_over(event.coalition, event.subject, into, "merged"))
        opened = [event.subject for event in events if isinstance(event, CommitmentsOpened)]
        async for duplicate in self._views.merged_into(opened):
            into = duplicate.into or duplicate.id
            told.append(taken_over(duplicate.coalition, duplicate.id, into, "opened"))
        return told

    async def sweep(self) -> int:
        """Ask once for all; returns how many events were told."""
        today = self._clock().date()
        told = [
            outgoing
            for plan in await self._views.plans()
            for outgoing in await due(self._views, plan.id, plan.plan_version or 1)
        ]
        told += await reports_due(self._views, today)
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
