"""One event on its way to one webhook, and what the answer to an attempt means for it. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, NamedTuple

from services.notifications.delivery import DeliveryState, InHand
from shared.contracts.base import Model

DAY: Final = timedelta(days=1)
"""After so long without success an event is given up, and a webhook stopped."""
WAITS: Final = "waits for an earlier event about the same"
_FIRST: Final = timedelta(seconds=5)
_MOST: Final = timedelta(minutes=30)
"""How long an event rests that was not taken: twice as long each time, and at most."""
_DOUBLINGS: Final = 10
_ASKED: Final = timedelta(hours=1)
"""So long a receiver may ask us to wait (`Retry-After`)."""


class ShownWebhookDelivery(Model):
    """One event that is to be sent to one webhook, or was, as operators see it.

    Attributes:
        message: the event's own id, and what receivers tell repeats by (`webhook-id`).
        about: what the event is about; of one of these, one is sent after the other.
        attempts: requests that were made since it was queued.
        due: not before then; while it is being sent, the end of the lease.
        failing: since when it was not taken, if it was tried.
        reason: how the last attempt ended.
    """

    id: str
    webhook: str
    message: str
    kind: str
    about: str
    state: DeliveryState
    attempts: int = 0
    due: datetime
    queued: datetime
    failing: datetime | None = None
    ended: datetime | None = None
    reason: str | None = None


class ClaimedDelivery(ShownWebhookDelivery, InHand):
    """A delivery that one sender alone has in hand.

    Attributes:
        event: the change that is kept, by its id there.
    """

    event: str

    @property
    def turn(self) -> str:
        """Order holds for each that events are about, within a webhook."""
        return self.about


class Answer(NamedTuple):
    """What a receiver said to an attempt.

    Attributes:
        status: of HTTP; None where there was no answer.
        reason: in words; never what the receiver wrote.
        wait: for how long it asks us to wait.
    """

    status: int | None
    reason: str
    wait: timedelta = timedelta()

    @property
    def taken(self) -> bool:
        """Whether the receiver has the event now."""
        return self.status is not None and HTTPStatus(200) <= self.status < HTTPStatus(300)

    @property
    def gone(self) -> bool:
        """Whether it wants nothing ever again."""
        return self.status == HTTPStatus.GONE

    @property
    def busy(self) -> bool:
        """Whether it would take this and all else later."""
        return self.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


class Result(NamedTuple):
    """How an attempt ended, or that none was made.

    Attributes:
        answer: what the receiver said; None where it was not asked.
        rest: how long it is not due.
    """

    claimed: ClaimedDelivery
    state: DeliveryState
    answer: Answer | None = None
    reason: str | None = None
    rest: timedelta = timedelta()
    failing: datetime | None = None


def unsent(claimed: ClaimedDelivery, rest: timedelta = timedelta()) -> Result:
    """It was not sent, and may be later."""
    reason = WAITS if rest else claimed.reason
    return Result(claimed, DeliveryState.QUEUED, None, reason, rest, claimed.failing)


def ended(  # noqa: PLR0913 - each is a thing of its own
    claimed: ClaimedDelivery,
    answer: Answer,
    now: datetime,
    share: float,
    *,
    others_taken: datetime | None,
    active: datetime | None = None,
) -> Result:
    """What an answer means.

    Args:
        claimed: what was sent.
        answer: to it.
        now: the time.
        share: a random number from 0 to 1.
        others_taken: when the receiver last took anything. One event that is refused for a day,
            while others are taken, is given up; where nothing is taken, it waits.
        active: since when the webhook is: what was refused before it was resumed counts no more.
    """
    if answer.taken:
        return Result(claimed, DeliveryState.SENT, answer)
    failing = claimed.failing or now
    if active and failing < active:
        failing = now
    if now - failing >= DAY and others_taken and others_taken > failing:
        reason = f"given up after a day: {answer.reason}"
        return Result(claimed, DeliveryState.FAILED, answer, reason, failing=failing)
    rest = backoff(claimed.attempts, share)
    rest = max(rest, min(answer.wait, _ASKED))
    return Result(claimed, DeliveryState.QUEUED, answer, answer.reason, rest, failing)


def backoff(attempts: int, share: float) -> timedelta:
    """How long an event rests after so many attempts before this one; from half of it on."""
    times: int = 2 ** min(attempts, _DOUBLINGS)
    return min(_FIRST * times, _MOST) * (1 + share) / 2


def word(result: Result) -> str:
    """How an attempt ended, in one word."""
    if result.state is DeliveryState.QUEUED:
        if result.answer is None:
            return "given_back"
        return "gone" if result.answer.gone else "retried"
    return str(result.state)
