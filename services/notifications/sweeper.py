"""What the clock says to notifications: whose digest may be due, and what shall wait no longer."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, cast

import structlog

from services.notifications.domain.preferences import last_slot
from shared.cloudevents import derived_id
from shared.contracts.notifications import DigestFellDue
from shared.outlasting import outlasted
from shared.pipeline.outbound import to_itself

if TYPE_CHECKING:
    from services.notifications.gathering import Gathering
    from services.notifications.subscriptions import Subscriptions
    from services.notifications.welcoming import Welcoming
    from shared.contracts.notifications import Frequency
    from shared.kafka.producer import Outgoing, Publisher
    from shared.pipeline.engine import Clock

log = structlog.get_logger()

_AT_ONCE: Final = 1_000
"""Events that are sent together."""


class Sweeper:
    """Asks now and then whose digest is due. Any number of processes may: what they say is one.

    Args:
        gathering: what waits.
        subscriptions: whom it waits for.
        welcoming: welcomes whom nobody has welcomed.
        publisher: the way to Kafka.
        every: seconds between two sweeps.
        clock: tells the time, aware, UTC.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the last is given by tests only
        self,
        gathering: Gathering,
        subscriptions: Subscriptions,
        welcoming: Welcoming,
        publisher: Publisher,
        every: float,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._gathering = gathering
        self._subscriptions = subscriptions
        self._welcoming = welcoming
        self._publisher = publisher
        self._every = every
        self._clock = clock
        self._sent: dict[tuple[str, str], str] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        """Sweep again and again until the process stops."""
        while not stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), self._every)
                return
            if sent := await outlasted(self.sweep(), stopping):
                log.info("swept", sent=sent)

    async def sweep(self) -> int:
        """Ask once for all; returns how many events were sent."""
        await self._welcoming.catch_up()
        await self._gathering.gather()
        due = await self._due()
        for start in range(0, len(due), _AT_ONCE):
            part = due[start : start + _AT_ONCE]
            await self._publisher.send([_outgoing(event) for event in part])
            self._sent |= {(one.frequency, one.subscription): one.date for one in part}
        return len(due)

    async def _due(self) -> list[DigestFellDue]:
        """The digests that may be due, each said once by this process.

        The weekly ones come first, since they tell of what waits for the daily ones, too.
        """
        now, due = self._clock(), list[DigestFellDue]()
        wanted = {one.id: one for one in (await self._subscriptions.interests()).all}
        async for subscription, how, since in self._gathering.longest():
            if (interest := wanted.get(subscription)) is None:
                await self._forget(subscription)
                continue
            frequency = cast("Frequency", how)
            last = last_slot(interest, frequency, now)
            if last is None or since > last.due:
                continue
            date = last.date.isoformat()
            if self._sent.get((frequency, subscription)) != date:
                due.append(DigestFellDue(subscription=subscription, frequency=frequency, date=date))
        return sorted(due, key=lambda event: event.frequency, reverse=True)

    async def _forget(self, subscription: str) -> None:
        if not await self._subscriptions.is_there(subscription):
            await self._gathering.cancel(subscription, self._clock())


def _outgoing(event: DigestFellDue) -> Outgoing:
    """Under an id made of subscription, frequency and local date: two sweepers are harmless."""
    id_ = derived_id(event.type, event.subscription, event.frequency, event.date)
    return to_itself("notifications", event, id_)
