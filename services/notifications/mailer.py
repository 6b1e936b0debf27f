"""Sends what is due: begin, send, mark. Never twice, unless the policy for the unknown says so."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

import aiosmtplib
import structlog

from services.notifications.letters import Unwritable, render
from services.notifications.smtp import STEPS, TIMEOUT_SECONDS, Smtp, Uncertain
from services.notifications.views import DeliveryState, Mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.notifications.smtp import Transport
    from services.notifications.views import Begun, NotificationsViews, Subscription
    from shared.settings import Settings

log = structlog.get_logger()

PATIENCE: Final = timedelta(seconds=30)
"""How long an e-mail that was begun may wait for a connection; then it is given back unsent."""
LEASE: Final = PATIENCE + STEPS * timedelta(seconds=TIMEOUT_SECONDS)
"""Longer than any attempt takes, from when it is begun: its time-outs end it before."""
MOST: Final = 400
"""E-mails in a wave at most; more make it no quicker."""
_WAVE_SECONDS: Final = 0.1
"""What a wave shall take: so much of the work is unknown, a few times over, after a crash."""
_MARK_SECONDS: Final = 0.25
"""What was sent is marked by then, where a slow server keeps its wave from ending sooner."""
_LOOK_AHEAD: Final = 5000
"""E-mails that are known to be due before they are begun; anybody may begin them until then."""
_IDLE_SECONDS: Final = 0.5
_LAPSE_SECONDS: Final = 10
_BACK_OFF: Final = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
)
"""How long a delivery rests after each attempt that may succeed later; then it has failed."""
_PERMANENT: Final = 500


class _Held(NamedTuple):
    """An e-mail that was begun and has not been handed over yet."""

    begun: Begun
    subscription: Subscription | None
    until: datetime


def next_size(size: int, sent: int, seconds: float, least: int) -> int:
    """How many e-mails the next wave has, as the last one went.

    Args:
        size: how many the last wave might have had.
        sent: how many it had.
        seconds: how long it took until all of it were handed over.
        least: the smallest wave, one e-mail for each connection.
    """
    if seconds > _WAVE_SECONDS:
        return max(size // 2, least)
    if sent == size and seconds < _WAVE_SECONDS / 2:
        return min(size * 2, max(MOST, least))
    return size


class Mailer:
    """Sends due deliveries in waves: while one is sent, the last is marked and the next begun.

    Args:
        views: where deliveries and subscriptions are.
        settings: the sender, the policy for the unknown, how many workers.
        transport: makes a worker's connection.
        clock: tells the time, aware, UTC.
    """

    def __init__(
        self,
        views: NotificationsViews,
        settings: Settings,
        transport: Callable[[], Transport] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._views = views
        self._settings = settings
        self._transport = transport or (lambda: Smtp(settings))
        self._clock = clock
        self._size = settings.mail_workers
        self._due: deque[str] = deque()
        self._hand: deque[_Held] = deque()
        self._hand_size, self._filled = 0, 0.0
        self._filling = asyncio.Lock()
        self._ahead: asyncio.Task[list[_Held]] | None = None
        self._done: list[Mark] = []
        self._late: list[Begun] = []
        self._marking = asyncio.Lock()
        self._soon: asyncio.Task[None] | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until the process stops; an e-mail in hand is finished first."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._lapse(stopping))
                for _ in range(self._settings.mail_workers):
                    group.create_task(self._work(stopping, group))
        finally:
            await self._put_down()

    async def _put_down(self) -> None:
        """Mark what was sent, and give back what was begun and never handed over."""
        self._late.extend(held.begun for held in self._hand)
        self._hand.clear()
        await self._mark()
        if self._ahead:
            ahead, self._ahead = self._ahead, None
            await self._views.release([held.begun for held in await ahead], self._clock())

    async def _lapse(self, stopping: asyncio.Event) -> None:
        """Give up, now and then, what workers had in hand that are no more."""
        while not stopping.is_set():
            await self._views.lapse(self._clock(), self._after_unknown())
            await _pause(stopping, _LAPSE_SECONDS)

    # --- waves --------------------------------------------------------------------------

    async def _next(self, stopping: asyncio.Event) -> _Held | None:
        """The next e-mail; one worker fills the hand of all. None when the process stops."""
        if not self._hand:
            async with self._filling:
                while not self._hand and not stopping.is_set():
                    if not await self._fill():
                        await _pause(stopping, _IDLE_SECONDS)
        return None if stopping.is_set() else self._hand.popleft()

    async def _fill(self) -> bool:
        """Take up the wave that was begun ahead, and begin the next; says whether there is one."""
        now = asyncio.get_running_loop().time
        if self._hand_size:
            took = now() - self._filled
            least = self._settings.mail_workers
            self._size = next_size(self._size, self._hand_size, took, least)
        # Shielded: a wave whose beginning is broken off would be unknown.
        self._ahead = self._ahead or asyncio.create_task(self._begin())
        wave = await asyncio.shield(self._ahead)
        self._hand.extend(wave)
        self._hand_size, self._filled = len(wave), now()
        self._ahead = asyncio.create_task(self._begin()) if wave else None
        return bool(wave)

    async def _begin(self) -> list[_Held]:
        """Begin a wave, after what was done so far is marked; others may have begun some of it."""
        await self._mark()
        now = self._clock()
        begun: list[Begun] = []
        while not begun and await self._look_ahead():
            ids = [self._due.popleft() for _ in range(min(self._size, len(self._due)))]
            begun = await self._views.begin(ids, now, now + LEASE)
            if not begun:  # others were quicker, with the next ones too perhaps
                self._due.clear()
        people = await self._views.subscribed(b.subscription for b in begun)
        return [_Held(b, people.get(b.subscription), now + PATIENCE) for b in begun]

    async def _look_ahead(self) -> bool:
        """Know what is due for many waves: to ask is dear while much is; says if anything is."""
        if len(self._due) < self._size:
            self._due = deque(await self._views.due(self._clock(), _LOOK_AHEAD))
        return bool(self._due)

    async def _mark_soon(self) -> None:
        """Mark what a slow server keeps from being marked with a whole wave."""
        while self._done or self._late:
            await asyncio.sleep(_MARK_SECONDS)
            await self._mark()

    async def _mark(self) -> None:
        """Mark all that was done so far; what was not written stays to be marked again."""
        async with self._marking:
            done, late = self._done.copy(), self._late.copy()
            await self._views.mark(done, self._clock())
            del self._done[: len(done)]
            await self._views.release(late, self._clock())
            del self._late[: len(late)]
        if done or late:
            ends = Counter(str(mark.state) for mark in done)
            log.info("deliveries", **ends, given_back=len(late))

    # --- one e-mail ---------------------------------------------------------------------

    async def _work(self, stopping: asyncio.Event, group: asyncio.TaskGroup) -> None:
        transport = self._transport()
        while held := await self._next(stopping):
            if self._clock() >= held.until:  # this process was frozen, or the server got slow
                self._late.append(held.begun)
            else:
                self._done.append(await self._attempt(held, transport))
            if self._soon is None or self._soon.done():
                self._soon = group.create_task(self._mark_soon())
        await transport.close()

    async def _attempt(self, held: _Held, transport: Transport) -> Mark:
        state, reason = await self._sent(held, transport)
        rest = timedelta()
        if state is DeliveryState.QUEUED:
            rest = _BACK_OFF[min(held.begun.attempts, len(_BACK_OFF)) - 1]
        if state is not DeliveryState.SENT:
            attempt = held.begun.attempts
            log.warning("not sent", id=held.begun.id, state=state, reason=reason, attempt=attempt)
        return Mark(held.begun, state, reason, rest)

    async def _sent(self, held: _Held, transport: Transport) -> tuple[DeliveryState, str | None]:
        if held.subscription is None:
            return DeliveryState.CANCELLED, "the subscription is gone"
        sender, now = self._settings.mail_from, self._clock()
        try:
            await transport.send(render(held.begun, held.subscription, sender, now))
        except Unwritable:
            return DeliveryState.FAILED, "the address is not ASCII"
        except Uncertain:
            return self._after_unknown(), "the connection broke after the message"
        except aiosmtplib.SMTPResponseException as error:
            return self._not_taken(held.begun, error.code)
        except (aiosmtplib.SMTPException, OSError) as error:
            return self._again(held.begun, f"no connection: {type(error).__name__}")
        return DeliveryState.SENT, None

    def _not_taken(self, begun: Begun, code: int) -> tuple[DeliveryState, str]:
        if code >= _PERMANENT:
            return DeliveryState.FAILED, f"refused: {code}"
        return self._again(begun, f"not taken now: {code}")

    def _again(self, begun: Begun, reason: str) -> tuple[DeliveryState, str]:
        given_up = begun.attempts > len(_BACK_OFF)
        return (DeliveryState.FAILED if given_up else DeliveryState.QUEUED), reason

    def _after_unknown(self) -> DeliveryState:
        resend = self._settings.mail_unknown == "resend"
        return DeliveryState.QUEUED if resend else DeliveryState.UNKNOWN


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
