"""Sends what is due: claim a batch, send it over kept connections, record how each ended."""

from __future__ import annotations

import asyncio
import traceback
from collections import Counter, deque
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from services.notifications import outcomes
from services.notifications.answers import Refused, Unavailable
from services.notifications.emails import NoAddress, render
from services.notifications.pacing import Pace
from services.notifications.smtp import BEGIN_SECONDS, Connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.notifications.deliveries import Claimed, Deliveries, Result
    from services.notifications.smtp import Transport
    from services.notifications.subscriptions import Subscription, Subscriptions
    from shared.settings import Settings
    from shared.web.health import Condition

log = structlog.get_logger()

PATIENCE: Final = timedelta(seconds=30)
"""How long an e-mail that was claimed may wait for a connection; then it is given back."""
MOST: Final = 1000
"""E-mails in a batch at most; more make it no quicker."""
_TURN_SECONDS: Final = 0.25
"""What was sent is recorded by then, however slow the server is."""
_IDLE_SECONDS: Final = 0.5
_KEEP_SECONDS: Final = 20
"""How long a connection is kept that nothing is sent over."""
_EXPIRE_SECONDS: Final = 10
_STOP_SHARE: Final = 0.6
"""Of the time in which a process ends: so long it waits for answers, and records in the rest."""


def attempt_time(settings: Settings) -> timedelta:
    """Longer than all waits of an attempt together."""
    return timedelta(seconds=BEGIN_SECONDS + settings.mail_answer_seconds + 30)


def lease(settings: Settings) -> timedelta:
    """How long a claim holds: whoever has not recorded by then is no more."""
    return PATIENCE + attempt_time(settings)


class Mailer:
    """Has a batch in hand, from which its connections take; one loop alone talks to the store.

    Args:
        deliveries: the queue.
        subscriptions: whom they are for.
        settings: the sender, the policy for the unknown, the connections.
        transport: makes a connection.
        clock: tells the time, aware, UTC.
        pace: when to send, and on how many connections.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the last three are given by tests only
        self,
        deliveries: Deliveries,
        subscriptions: Subscriptions,
        settings: Settings,
        transport: Callable[[], Transport] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        pace: Pace | None = None,
    ) -> None:
        self._deliveries, self._subscriptions = deliveries, subscriptions
        self._settings, self._clock = settings, clock
        self._pace = pace or Pace(settings.mail_workers)
        self._resend = settings.mail_unknown == "resend"
        make = transport or (lambda: Connection(settings))
        self._transports = [make() for _ in range(settings.mail_workers)]
        self._batch: deque[tuple[Claimed, Subscription | None]] = deque()
        self._size = settings.mail_workers
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._results: list[Result] = []
        self._expire_at = self._pace.now()

    def condition(self) -> Condition:
        """What `/readyz` says of the mail server."""
        return self._pace.condition()

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until the process stops; what is on its way is finished first."""
        try:
            while not stopping.is_set():
                await self._turn(stopping)
        finally:
            await self._stop()

    async def _turn(self, stopping: asyncio.Event) -> None:
        """Keep the connections busy for a moment, then record what they did."""
        await self._expire()
        if not self._pace.resting:
            await self._claim()
            self._start(stopping)
        if self._sending:
            first = asyncio.FIRST_COMPLETED
            await asyncio.wait(self._sending.values(), timeout=_TURN_SECONDS, return_when=first)
        else:
            await asyncio.gather(*(t.close(idle=_KEEP_SECONDS) for t in self._transports))
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _IDLE_SECONDS)
        if self._pace.resting:
            self._give_back()
        await self._record()

    async def _expire(self) -> None:
        """Give up, now and then, what processes had in hand that are no more."""
        if self._pace.now() >= self._expire_at:
            self._expire_at = self._pace.now() + _EXPIRE_SECONDS
            await self._deliveries.expire(self._clock(), outcomes.expired(resend=self._resend))

    async def _claim(self) -> None:
        wanted = self._size - len(self._batch)
        if wanted > 0:
            now = self._clock()
            claimed = await self._deliveries.claim(wanted, now, now + lease(self._settings))
            people = await self._subscriptions.find(one.subscription for one in claimed)
            self._batch.extend((one, people.get(one.subscription)) for one in claimed)

    def _start(self, stopping: asyncio.Event) -> None:
        """Have each connection that has nothing to do take from the batch."""
        for slot in range(min(self._pace.connections, len(self._batch))):
            if slot not in self._sending:
                self._sending[slot] = asyncio.create_task(self._send(slot, stopping))

    async def _send(self, slot: int, stopping: asyncio.Event) -> None:
        """Send one e-mail after the other over a connection, while the server takes them."""
        transport, pace = self._transports[slot], self._pace
        while self._batch and not (stopping.is_set() or pace.resting or slot >= pace.connections):
            await self._attempt(*self._batch.popleft(), transport)
        if pace.resting or slot >= pace.connections:
            await transport.close()

    async def _attempt(
        self, claimed: Claimed, person: Subscription | None, transport: Transport
    ) -> None:
        now, begun = self._clock(), self._pace.now()
        if person is None:
            self._results.append(outcomes.cancelled(claimed))
            return
        if now + attempt_time(self._settings) > claimed.due:  # it was frozen, or waited too long
            self._results.append(outcomes.unsent(claimed))
            return
        email, error = None, None
        try:
            email = render(claimed, person, self._settings.mail_from, now)
            await transport.send(email)
        except (Exception, asyncio.CancelledError) as raised:  # noqa: BLE001 - it ends this one alone
            error = raised
        self._pace.heard(error, begun)
        in_doubt = email is not None and transport.handing_over
        result = outcomes.ended(claimed, error, in_doubt=in_doubt, resend=self._resend)
        self._results.append(result)
        if error and result.reason:
            log.warning("not_sent", id=claimed.id, state=result.state, **_told(error, result))
        if isinstance(error, asyncio.CancelledError):
            raise error

    async def _record(self) -> None:
        """Record what was done so far; what could not be recorded stays, to be recorded again."""
        for slot, task in list(self._sending.items()):
            if task.done():
                self._sending.pop(slot).result()
        results = self._results.copy()
        await self._deliveries.record(results, self._clock())
        del self._results[: len(results)]
        ends = Counter(outcomes.word(result) for result in results)
        # Twice what the last turn was enough for: with a slow server little is in hand.
        done = len(results) - ends["given_back"]
        self._size = min(MOST, max(len(self._transports), 2 * done))
        if results:
            log.info("deliveries", **ends)

    def _give_back(self) -> None:
        """Leave to others what has not been handed over."""
        self._results.extend(outcomes.unsent(claimed) for claimed, _ in self._batch)
        self._batch.clear()

    async def _stop(self) -> None:
        """Wait for what is on its way, not for ever, and record all of it."""
        self._give_back()
        if self._sending:
            patience = self._settings.stop_seconds * _STOP_SHARE
            _, late = await asyncio.wait(self._sending.values(), timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._sending.values(), return_exceptions=True)
            self._sending.clear()
        try:
            await self._record()
        finally:
            await asyncio.gather(*(transport.close() for transport in self._transports))


def _told(error: BaseException, result: Result) -> dict[str, str | None]:
    """What a log may say of a failure: where it was raised, but not what it says of a person."""
    if isinstance(error, (Refused, Unavailable, NoAddress)):
        return {"reason": result.reason}
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return {"reason": result.reason, "at": f"{Path(frame.filename).name}:{frame.lineno}"}
