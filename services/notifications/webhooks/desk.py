"""What is sent to one webhook: as many at a time as it bears, of each member in order."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from services.notifications.delivery import DeliveryState
from services.notifications.in_turn import InTurn
from services.notifications.pacing import Rests
from services.notifications.webhooks.body import structured, traced
from services.notifications.webhooks.delivery import (
    Answer,
    ClaimedDelivery,
    Result,
    ended,
    unsent,
)
from services.notifications.webhooks.signing import signed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime

    from services.notifications.changes import Kept
    from services.notifications.webhooks.endpoints import Target
    from services.notifications.webhooks.posting import Poster

log = structlog.get_logger()

MARGIN: Final = timedelta(seconds=15)
"""What an attempt may take besides waiting for an answer."""
_MOST: Final = 200
"""Events in hand at most."""
_FIRST_SECONDS: Final = 1
_MOST_SECONDS: Final = 60
"""How long a receiver that takes nothing is not asked at most: then with one event."""
_BROKEN: Final = 3
"""So many failures in a row, and what rests is sent at once when the receiver is back."""
_TRIED: Final = 2
"""So often an event was tried that may be refused for its own sake."""
_MOST_LEFT: Final = 1000
"""Members that are passed over at most, since the first of their events rests."""


class Bearing:
    """What a receiver bears: how many at a time, and when it is to be left alone.

    Attributes:
        taken: when it last took something.
        back: it takes events again, after it took none for a while.
    """

    def __init__(
        self, target: Target, now: Callable[[], float], share: Callable[[], float]
    ) -> None:
        self._most, self.taken = target.webhook.connections, target.endpoint.taken
        self._rests = Rests(_MOST_SECONDS, now, share)
        self.back = False

    @property
    def rests(self) -> bool:
        """Whether nothing is to be sent now."""
        return self._rests.seconds > 0

    @property
    def connections(self) -> int:
        """At a time: one only, where the last attempt failed."""
        return 1 if self._rests.failures else self._most

    def heard(self, claimed: ClaimedDelivery, answer: Answer, now: datetime) -> None:
        """Learn from an answer.

        An event that is refused time and again, while others are taken, says nothing of the
        receiver, and keeps nothing waiting.
        """
        if not answer.taken:
            failing, tried = claimed.failing, claimed.attempts >= _TRIED
            alone = tried and failing and self.taken and self.taken > failing
            if answer.busy or not alone:
                self._rests.begin(_FIRST_SECONDS)
            return
        self.taken = now
        self.back |= self._rests.failures >= _BROKEN
        self._rests.end()


class Desk:
    """Sends to one webhook; it never waits for another.

    Args:
        target: the webhook.
        poster: the way to the receiver.
        attempt: how long an attempt takes at most.
        clock: tells the time, aware, UTC.
        now: seconds that never go back.
        share: a random number from 0 to 1.

    Attributes:
        bearing: what the receiver bears.
        refused: the members of which an event was not taken since another was; those of all others
            are tried before them.
        results: how attempts ended, until whoever records them takes them out.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the last are given by tests only
        self,
        target: Target,
        poster: Poster,
        attempt: timedelta,
        clock: Callable[[], datetime],
        now: Callable[[], float] = time.monotonic,
        share: Callable[[], float] = random.random,
    ) -> None:
        self.target, self._poster, self._attempt_time = target, poster, attempt
        self._clock, self._share = clock, share
        self._turns = InTurn[ClaimedDelivery, "Kept | None"]()
        self.bearing = Bearing(target, now, share)
        self._resting: dict[str, datetime] = {}
        self.refused: set[str] = set()
        self._done = 0
        self.sending: set[asyncio.Task[None]] = set()
        self.results: list[Result] = []
        self.closed = False

    @property
    def wanted(self) -> int:
        """How many more could be in hand: twice what the last turn was enough for."""
        if self.closed or self.bearing.rests:
            return 0
        at_a_time = self.bearing.connections
        fails = at_a_time < self.target.webhook.connections
        enough = at_a_time if fails else max(at_a_time, 2 * self._done)
        return max(0, min(_MOST, enough) - len(self._turns) - len(self.sending))

    def left(self) -> Collection[str]:
        """What is passed over when events are claimed, since the first about it rests."""
        now = self._clock()
        self._resting = {turn: due for turn, due in self._resting.items() if due > now}
        return [*{**self._resting, **dict.fromkeys(self.refused)}][:_MOST_LEFT]

    def add(self, claimed: Iterable[tuple[ClaimedDelivery, Kept | None]]) -> None:
        """Have some sent, each with its event, where that is kept still.

        What comes after one that is given back, and that is not recorded yet, is given back, too.
        """
        given_back = [one for one in self.results if one.state is DeliveryState.QUEUED]
        first = dict[str, Result]()
        for result in sorted(given_back, key=lambda one: one.claimed.place, reverse=True):
            first[result.claimed.turn] = result
        for one in claimed:
            earlier = first.get(one[0].turn)
            if earlier and earlier.claimed.place < one[0].place:
                self.results.append(unsent(one[0], earlier.rest))
            else:
                self._turns.add([one])

    def start(self) -> None:
        """Begin to send what can be sent."""
        free = self.bearing.connections - len(self.sending)
        for _ in range(min(free, self._turns.ready)):
            if self.bearing.rests or self.closed:
                return
            task = asyncio.create_task(self._send())
            self.sending.add(task)

    def take_results(self) -> list[Result]:
        """The results, to be recorded; raises what an attempt raised."""
        for task in [task for task in self.sending if task.done()]:
            self.sending.discard(task)
            task.result()
        if self.bearing.rests:
            self.give_back()
        results = self.results.copy()
        self._done = sum(1 for one in results if one.answer)
        return results

    def give_back(self) -> None:
        """Leave to others what is not being sent."""
        self.results.extend(unsent(one) for one in self._turns.clear())

    async def finish(self, seconds: float) -> None:
        """Send nothing more; what has no answer in time is sent again, under the same id."""
        self.closed = True
        self.give_back()
        if self.sending:
            _, late = await asyncio.wait(self.sending, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*self.sending, return_exceptions=True)
        await self._poster.close()

    async def _send(self) -> None:
        """Send one event after the other, while the receiver takes them."""
        while self._turns.ready and not self.closed and not self.bearing.rests:
            claimed, event = self._turns.take()
            try:
                await self._attempt(claimed, event)
            finally:
                self._turns.done(claimed.turn)

    async def _attempt(self, claimed: ClaimedDelivery, event: Kept | None) -> None:
        now = self._clock()
        if now + self._attempt_time > claimed.due:  # it was frozen, or waited too long
            self._end(unsent(claimed))
            return
        if event is None:
            reason = "the event is kept no more, or cannot be read"
            log.error("webhook_event_not_kept", webhook=claimed.webhook, id=claimed.id)
            self._end(Result(claimed, DeliveryState.FAILED, None, reason))
            return
        try:
            body = structured(event)
            headers = signed(claimed.message, body, self.target.endpoint.secrets, now)
            headers |= traced(event)
            answer = await self._poster.post(self.target.endpoint.url, body, headers)
        except asyncio.CancelledError:
            self._end(unsent(claimed))
            raise
        except Exception as error:
            log.exception("webhook_defect", webhook=self.target.webhook.id, id=claimed.id)
            answer = Answer(None, f"a defect: {type(error).__name__}")
        self.bearing.heard(claimed, answer, self._clock())
        if answer.taken:
            self.refused.clear()
        else:
            self.refused.add(claimed.turn)
            log.warning("webhook_not_taken", webhook=claimed.webhook, reason=answer.reason)
        taken, active = self.bearing.taken, self.target.webhook.since
        self._end(ended(claimed, answer, now, self._share(), others_taken=taken, active=active))

    def wake(self) -> None:
        """Pass over nothing any more: all that rests is sent now."""
        self.bearing.back = False
        self._resting.clear()

    def _end(self, result: Result) -> None:
        """Note how one ended; where it is to be sent again, later ones about the same wait."""
        self.results.append(result)
        if result.state is not DeliveryState.QUEUED:
            return
        turn = result.claimed.turn
        if result.rest:
            self._resting[turn] = self._clock() + result.rest
        later = self._turns.drop(turn)
        self.results.extend(unsent(one, result.rest) for one in later)
