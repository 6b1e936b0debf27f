"""A pool of kept connections that take e-mails from a batch, those of a person in their order."""

from __future__ import annotations

import asyncio
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from services.notifications import outcomes
from services.notifications.answers import Refused, Unavailable
from services.notifications.delivery import Claimed, DeliveryState
from services.notifications.domain import NO_NAMES, Names
from services.notifications.emails import NoAddress, render
from services.notifications.in_turn import InTurn
from services.notifications.sealing import seal_of
from services.notifications.sending import span_of
from services.notifications.signing import signer_of
from services.notifications.smtp import BEGIN_SECONDS
from services.notifications.verp import returns_of

if TYPE_CHECKING:
    from services.notifications.delivery import Result
    from services.notifications.emails import Email
    from services.notifications.pacing import Pace
    from services.notifications.settings import NotificationsSettings
    from services.notifications.smtp import Transport
    from services.notifications.subscription import Subscription
    from shared.tracing.spans import Spans

log = structlog.get_logger()

_KEEP_SECONDS: Final = 20
"""How long a connection is kept that nothing is sent over."""


def attempt_time(settings: NotificationsSettings) -> timedelta:
    """Longer than all waits of an attempt together."""
    return timedelta(seconds=BEGIN_SECONDS + settings.mail_answer_seconds + 30)


class Pool:
    """Sends what it is given, on as many connections as the server bears.

    Args:
        settings: the sender, and the policy for the unknown.
        make: makes a connection.
        pace: when to send, and on how many of them.
        clock: tells the time, aware, UTC.
        names: what everything is called that e-mails name.
        spans: takes what is told of attempts, if anything does.

    Attributes:
        results: how attempts ended, until whoever records them takes them out.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the mailer names each part once
        self,
        settings: NotificationsSettings,
        make: Callable[[], Transport],
        pace: Pace,
        clock: Callable[[], datetime],
        names: Names = NO_NAMES,
        spans: Spans | None = None,
    ) -> None:
        self._names, self._spans = names, spans
        self._settings, self._pace, self._clock = settings, pace, clock
        self._returns = returns_of(settings)
        self._signer = signer_of(settings)
        self._seal = seal_of(settings)
        self._transports = [make() for _ in range(settings.mail_workers)]
        self._batch = InTurn[Claimed, "Subscription | None"]()
        self._sending: dict[int, asyncio.Task[None]] = {}
        self.results: list[Result] = []

    def __len__(self) -> int:
        """How many wait for a connection."""
        return len(self._batch)

    def add(self, claimed: Iterable[tuple[Claimed, Subscription | None]]) -> None:
        """Have some sent, each to its person, if there is one.

        Whoever has an earlier one that is given back, and that is not recorded yet, gets none.
        """
        given_back: dict[str, list[Result]] = defaultdict(list)
        for result in self.results:
            if result.state is DeliveryState.QUEUED:
                given_back[result.claimed.subscription].append(result)
        for item in claimed:
            earlier = [
                result.rest
                for result in given_back[item[0].subscription]
                if result.claimed.place < item[0].place
            ]
            if earlier:
                self.results.append(outcomes.waiting(item[0], max(earlier)))
            else:
                self._batch.add([item])

    async def work(self, seconds: float, stopping: asyncio.Event) -> bool:
        """Send for a moment at most, until a connection is free; says if there was work."""
        self._reap()
        free = [slot for slot in range(self._pace.connections) if slot not in self._sending]
        for slot in free[: self._batch.ready]:
            self._sending[slot] = asyncio.create_task(self._send(slot, stopping))
        if not self._sending:
            await asyncio.gather(*(one.close(idle=_KEEP_SECONDS) for one in self._transports))
            return False
        await asyncio.wait(
            self._sending.values(), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        self._reap()
        return True

    def _reap(self) -> None:
        """Have connections that nothing was left for be free again."""
        for slot in [slot for slot, task in self._sending.items() if task.done()]:
            self._sending.pop(slot).result()

    def give_back(self) -> None:
        """Leave to others what has not been handed over."""
        self.results.extend(outcomes.unsent(claimed) for claimed in self._batch.clear())

    async def finish(self, seconds: float) -> None:
        """Send nothing more; wait for answers so long, then leave unknown what had none."""
        self.give_back()
        if self._sending:
            _, late = await asyncio.wait(self._sending.values(), timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._sending.values(), return_exceptions=True)
        await asyncio.gather(*(transport.close() for transport in self._transports))

    async def _send(self, slot: int, stopping: asyncio.Event) -> None:
        """Send one e-mail after the other over a connection, while the server takes them."""
        transport, pace = self._transports[slot], self._pace
        while self._batch.ready and not (
            stopping.is_set() or pace.resting or slot >= pace.connections
        ):
            claimed, person = self._batch.take()
            try:
                await self._attempt(claimed, person, transport)
            finally:
                self._batch.done(claimed.subscription)
        if pace.resting or slot >= pace.connections:
            await transport.close()

    async def _attempt(
        self, claimed: Claimed, person: Subscription | None, transport: Transport
    ) -> None:
        now, begun = self._clock(), self._pace.now()
        if person is None:
            self._end(outcomes.cancelled(claimed), now)
            return
        if person.is_silent(now):
            self._end(outcomes.cancelled(claimed, "no e-mails are wanted now"), now)
            return
        if now + attempt_time(self._settings) > claimed.due:  # it was frozen, or waited too long
            self._end(outcomes.unsent(claimed), now)
            return
        email, error = None, None
        try:
            email = await self._written(claimed, person, now)
            await transport.send(email)
        except (Exception, asyncio.CancelledError) as raised:  # noqa: BLE001 - it ends this one alone
            error = raised
        self._pace.heard(error, begun)
        in_doubt = email is not None and transport.handing_over
        resend = self._settings.mail_unknown == "resend"
        result = outcomes.ended(claimed, error, in_doubt=in_doubt, resend=resend)
        self._end(result, now)
        if error and result.reason:
            log.warning("not_sent", id=claimed.id, state=result.state, **_logged(error, result))
        if isinstance(error, asyncio.CancelledError):
            raise error

    async def _written(self, claimed: Claimed, person: Subscription, now: datetime) -> Email:
        """An e-mail as it is handed over; to seal one takes milliseconds, so beside the loop."""
        sender = self._settings.mail_from
        email = render(claimed, person, sender, now, self._names, self._signer)
        if self._returns:
            email = email._replace(sender=self._returns.of(claimed.subscription))
        if self._seal:
            email = email._replace(content=await asyncio.to_thread(self._seal, email.content))
        return email

    def _end(self, result: Result, began: datetime) -> None:
        """Note how one ended; where it is queued again, later ones to the same person wait."""
        self.results.append(result)
        if self._spans and (span := span_of(result, began, self._clock(), self._settings)):
            self._spans.tell(span)
        if result.state is DeliveryState.QUEUED:
            later = self._batch.drop(result.claimed.subscription)
            self.results.extend(outcomes.waiting(one, result.rest) for one in later)


def _logged(error: BaseException, result: Result) -> dict[str, str | None]:
    """What a log may say of a failure: where it was raised, but not what it says of a person."""
    if isinstance(error, (Refused, Unavailable, NoAddress)):
        return {"reason": result.reason}
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return {"reason": result.reason, "at": f"{Path(frame.filename).name}:{frame.lineno}"}
