"""Sends what is due: claim a batch, send it over kept connections, record how each ended."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

from services.notifications import outcomes
from services.notifications.domain import NO_NAMES
from services.notifications.pacing import Pace
from services.notifications.pool import Pool, attempt_time
from services.notifications.selection import NotSelected
from services.notifications.smtp import Connection
from shared.outlasting import outlasted

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from prometheus_client.metrics_core import Metric

    from services.notifications.deliveries import Deliveries
    from services.notifications.names import NameBook
    from services.notifications.selection import Selection
    from services.notifications.settings import NotificationsSettings
    from services.notifications.smtp import Transport
    from shared.tracing.spans import Spans

log = structlog.get_logger()

PATIENCE: Final = timedelta(seconds=30)
"""How long an e-mail that was claimed may wait for a connection; then it is given back."""
MOST: Final = 3000
"""E-mails in hand at most."""
_TURN_SECONDS: Final = 0.25
"""What was sent is recorded by then, however slow the server is."""
_IDLE_SECONDS: Final = 0.5
_EXPIRE_SECONDS: Final = 10
_STOP_SHARE: Final = 0.6
"""Of the time in which a process ends: so long it waits for answers, and records in the rest."""


def lease(settings: NotificationsSettings) -> timedelta:
    """How long a claim holds: whoever has not recorded by then is no more."""
    return PATIENCE + attempt_time(settings)


class Mailer:
    """The one loop that talks to the store; its pool of connections sends meanwhile.

    Args:
        deliveries: the queue.
        selection: what is sent next, and to whom.
        settings: the server, and how e-mails are sent.
        transport: makes a connection.
        clock: tells the time, aware, UTC.
        pace: when to send, and on how many connections.
        book: knows what everything is called; ids stay ids without one.
        spans: takes what is told of attempts, if anything does.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - some are given by tests only
        self,
        deliveries: Deliveries,
        selection: Selection,
        settings: NotificationsSettings,
        transport: Callable[[], Transport] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        pace: Pace | None = None,
        book: NameBook | None = None,
        spans: Spans | None = None,
    ) -> None:
        self._deliveries, self._selection = deliveries, selection
        self._settings, self._clock = settings, clock
        self._pace = pace or Pace(settings.mail_workers)
        make = transport or (lambda: Connection(settings))
        names = book.names if book else NO_NAMES
        self._pool = Pool(settings, make, self._pace, clock, names, spans)
        self._ends: Counter[str] = Counter()
        self._size, self._expire_at = settings.mail_workers, self._pace.now()
        self.condition = self._pace.condition

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until the process stops; what is on its way is finished first."""
        try:
            while not stopping.is_set():
                await outlasted(self._turn(stopping), stopping)
        finally:
            await self._pool.finish(self._settings.stop_seconds * _STOP_SHARE)
            await self._record()

    def metrics(self) -> Iterator[Metric]:
        """How attempts ended, and how many connections the mail server is asked for."""
        attempts = CounterMetricFamily(
            "coalition_mail_attempts", "Attempts to send an e-mail, by outcome.", labels=["outcome"]
        )
        for outcome, count in self._ends.items():
            attempts.add_metric([outcome], count)
        yield attempts
        yield GaugeMetricFamily(
            "coalition_mail_connections",
            "Connections to the mail server at most; 0 while it rests.",
            value=0 if self._pace.resting else self._pace.connections,
        )

    async def _turn(self, stopping: asyncio.Event) -> None:
        await self._expire()
        if self._pace.resting:
            self._pool.give_back()
        else:
            await _whole(self._claim())
        if not await self._pool.work(_TURN_SECONDS, stopping):
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _IDLE_SECONDS)
        await self._record()

    async def _expire(self) -> None:
        """Give up, now and then, what processes had in hand that are no more."""
        if self._pace.now() >= self._expire_at:
            self._expire_at = self._pace.now() + _EXPIRE_SECONDS
            state = outcomes.expired(resend=self._settings.mail_unknown == "resend")
            await self._deliveries.expire(self._clock(), state)

    async def _claim(self) -> None:
        now, wanted = self._clock(), self._size - len(self._pool)
        try:
            selected = await self._selection.take(wanted, now, now + lease(self._settings))
        except NotSelected as error:
            self._pool.results.extend(error.results)
            raise error.__cause__ or error from None
        self._pool.results.extend(selected.results)
        self._pool.add(selected.items)

    async def _record(self) -> None:
        """Record what ended so far; what could not be recorded stays, to be recorded again."""
        results = self._pool.results.copy()
        await self._deliveries.record(results, self._clock())
        del self._pool.results[: len(results)]
        ends = Counter(outcomes.word(result) for result in results)
        self._ends += ends
        # Four times what the last turn was enough for, so that the connections go on while the
        # next is claimed; with a slow server little is in hand. A turn in which all was sent that
        # was left does not say how much more it would have been enough for.
        enough = max(self._settings.mail_workers, 4 * (len(results) - ends["given_back"]))
        ran_dry = results and not len(self._pool)
        self._size = min(MOST, max(self._size, enough) if ran_dry else enough)
        if results:
            log.info("deliveries", **ends)


async def _whole(work: Coroutine[None, None, None]) -> None:
    """Finish something even if cancelled meanwhile: half a claim would leave e-mails unknown."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
