"""How many e-mails could be sent now, and for how long: by it mailers are scaled and watched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from prometheus_client.metrics_core import GaugeMetricFamily

from services.notifications.delivery import DeliveryState
from shared.outlasting import outlasted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.metrics_core import Metric
    from pymongo.asynchronous.database import AsyncDatabase

MOST: Final = 50_000
"""Deliveries that are looked at at most, so that a great backlog costs no more than that."""
_EVERY_SECONDS: Final = 10
_A_YEAR: Final = timedelta(days=365)
"""Nothing waits so long: one that seems to says only that it was due at once."""


def _utc() -> datetime:
    return datetime.now(UTC)


class Backlog:
    """Counts the deliveries that are due, now and then; what is scraped is the last count.

    Args:
        database: of notifications.
        now: the clock.
    """

    def __init__(
        self, database: AsyncDatabase[dict[str, Any]], now: Callable[[], datetime] = _utc
    ) -> None:
        self._deliveries = database["deliveries"]
        self._now = now
        self._count = 0
        self._oldest: datetime | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        """Count again and again until the process stops; a store that is away is tried again."""
        while not stopping.is_set():
            await outlasted(self.look(), stopping)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _EVERY_SECONDS)

    async def look(self) -> None:
        """Count what is due, and find what has been due longest."""
        now = self._now()
        due = {"state": DeliveryState.QUEUED.value, "due": {"$lte": now}}
        # By place, as they are claimed: so an index has all that is asked, and a bound holds.
        bounded: list[dict[str, Any]] = [
            {"$match": due},
            {"$sort": {"place": 1}},
            {"$limit": MOST},
            {"$group": {"_id": None, "count": {"$sum": 1}, "oldest": {"$min": "$due"}}},
        ]
        found = await (await self._deliveries.aggregate(bounded)).to_list()
        self._count = found[0]["count"] if found else 0
        self._oldest = self._since(found[0]["oldest"], now) if found else None

    def metrics(self) -> Iterator[Metric]:
        """How many are due, and how long the oldest of them has been."""
        yield GaugeMetricFamily(
            "coalition_mail_due",
            f"E-mails that could be sent now, {MOST} at most.",
            value=self._count,
        )
        yield GaugeMetricFamily(
            "coalition_mail_oldest_due_seconds",
            "How long the e-mail that is due longest has been so; 0 where none is.",
            value=(self._now() - self._oldest).total_seconds() if self._oldest else 0,
        )

    def _since(self, due: datetime, now: datetime) -> datetime:
        """Since when it is due: one that is due at once, since some were first seen to be."""
        return due if now - due < _A_YEAR else self._oldest or now
