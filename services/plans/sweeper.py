"""What the clock says to plans: what fell due, and what no event may have brought up."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from services.plans.domain import by_clock, next_day
from services.plans.domain.commitments import idle
from services.plans.domain.local_plan_duties import schedule as local_plans
from shared.cloudevents import derived_id
from shared.contracts.plans import CommitmentsFellDue, CommitmentsFellIdle
from shared.kafka.producer import Outgoing
from shared.outlasting import outlasted
from shared.pipeline.outbound import to_itself

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from typing import TypeAlias

    from services.plans.domain import ByClock, OfLocalPlan
    from services.plans.projections import ReportsToCheck
    from services.plans.queries import Concerned, Duties
    from shared.kafka.producer import Publisher
    from shared.pipeline.engine import Clock

    Notice: TypeAlias = ByClock | OfLocalPlan | CommitmentsFellIdle

log = structlog.get_logger()

_AT_ONCE: Final = 1_000
"""Events that are sent together."""


class Sweeper:
    """Asks now and then what fell due.

    Reports and local plans fall due, and commitments fall idle, since time passes. Commitments fall
    due once more, since a member may sign in the very moment in which the plan is published on
    another partition, so that neither sees the other.

    Args:
        concerned: whom to ask who waits, and who owes reports and local plans.
        to_check: whose reports and local plans to look at.
        publisher: the way to Kafka.
        every: seconds between two sweeps.
        clock: tells the time, aware, UTC.
    """

    def __init__(
        self,
        concerned: Concerned,
        to_check: ReportsToCheck,
        publisher: Publisher,
        every: float,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._concerned = concerned
        self._to_check = to_check
        self._publisher = publisher
        self._every = every
        self._clock = clock

    async def run(self, stopping: asyncio.Event) -> None:
        """Sweep again and again until the process stops."""
        while not stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), self._every)
                return
            if sent := await outlasted(self.sweep(stopping), stopping):
                log.info("swept", sent=sent)

    async def sweep(self, stopping: asyncio.Event) -> int:
        """Ask once for all, or until it shall stop; returns how many events were sent."""
        sent = await self._commitments()
        return sent + await self._owed(self._clock().date(), stopping)

    async def _commitments(self) -> int:
        """Send one event for each member that waits for a plan that is published."""
        sent, part = 0, list[Outgoing]()
        async for outgoing in commitments_due(self._concerned):
            part.append(outgoing)
            if len(part) == _AT_ONCE:
                await self._publisher.send(part)
                sent, part = sent + len(part), []
        await self._publisher.send(part)
        return sent + len(part)

    async def _owed(self, today: date, stopping: asyncio.Event) -> int:
        """Look at those members of whom there may be something to say today."""
        sent = 0
        async for marked in self._to_check.due(today):
            duties = await self._concerned.duties([one.member for one in marked])
            looks = {one: look(duties.get(one.member), today) for one in marked}
            outgoing = [_outgoing(event, today) for events, _ in looks.values() for event in events]
            await self._publisher.send(outgoing)
            await self._to_check.looked_at({one: day for one, (_, day) in looks.items()})
            sent += len(outgoing)
            if stopping.is_set():
                break
        return sent


async def commitments_due(concerned: Concerned) -> AsyncIterator[Outgoing]:
    """One event for each member that waits for a plan that is published; twice is harmless."""
    async for plan in concerned.published():
        async for waiting in concerned.awaiting(plan.id):
            yield to_itself(
                "plans",
                CommitmentsFellDue(coalition=plan.id, member=waiting.member),
                derived_id("commitments-fell-due", waiting.id, plan.plan_version),
            )


def look(found: Duties | None, today: date) -> tuple[Sequence[Notice], date | None]:
    """What the clock says of what a member owes and does today, and when to look again.

    Where something is said, or the member cannot be read, that is tomorrow: what came too early,
    by a clock ahead of the others, is repeated then.
    """
    tomorrow = today + timedelta(days=1)
    if found is None:
        return (), tomorrow
    reports = by_clock(found.duty, found.reports, today)
    fell_idle = idle.by_clock(found.duty.holder, found.duty.rule, today)
    events: tuple[Notice, ...] = (*reports, *local_plans.by_clock(found.local_plan, today))
    if fell_idle:
        events += (fell_idle,)
    if events:
        return events, tomorrow
    next_days = (
        next_day(found.duty, found.reports, today),
        local_plans.next_day(found.local_plan, today),
        idle.next_day(found.duty.holder, found.duty.rule, today),
    )
    return (), min((day for day in next_days if day), default=None)


def _outgoing(event: Notice, today: date) -> Outgoing:
    """Under an id made of member, due date and what is said, so that two sweepers are harmless.

    And of the day: of what is repeated on another day, a decision is made anew. Commitments have no
    due date; of others, which a correction has stand still on the same day, it is said besides.
    """
    if isinstance(event, CommitmentsFellIdle):
        about: object = (event.since, event.points)
    else:
        about = event.due
    id_ = derived_id(event.type, event.subject, about, today.isoformat())
    return to_itself("plans", event, id_)
