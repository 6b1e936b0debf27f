"""What the end of an attempt means for a delivery: sent, failed, again later, or unknown."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zlib import crc32

from services.notifications.answers import (
    REFUSED,
    Deferred,
    Refused,
    Unavailable,
    Uncertain,
)
from services.notifications.delivery import DeliveryState, Result
from services.notifications.emails import NoAddress

if TYPE_CHECKING:
    from services.notifications.delivery import Claimed

DEFERRALS: Final = 120
"""How often a server may put one e-mail off, four days in all; then it has failed."""
RESENDS: Final = 5
"""How often one is sent again of which nobody knows whether it was sent, if that is wanted."""
GONE: Final = "the subscription is gone"
WAITS: Final = "waits for an earlier e-mail to the same person"
LIMITED: Final = "waits for its time: so many e-mails a second go to its domain"
_FIRST: Final = timedelta(minutes=1)
_MOST: Final = timedelta(hours=1)
"""How long an e-mail rests that was put off: twice as long each time, and at most."""


def unsent(claimed: Claimed) -> Result:
    """It was not handed over, and others may do so at once."""
    return Result(claimed, DeliveryState.QUEUED)


def waiting(claimed: Claimed, rest: timedelta) -> Result:
    """It waits for an earlier one to the same person."""
    return Result(claimed, DeliveryState.QUEUED, WAITS, rest=rest)


def limited(claimed: Claimed, rest: timedelta) -> Result:
    """It waits since enough was sent to its domain for now."""
    return Result(claimed, DeliveryState.QUEUED, LIMITED, rest=rest, reserved=True)


def cancelled(claimed: Claimed, reason: str = GONE) -> Result:
    """There is nobody to send it to."""
    return Result(claimed, DeliveryState.CANCELLED, reason)


def expired(*, resend: bool) -> DeliveryState:
    """What becomes of one whose process died while it was sending."""
    return DeliveryState.QUEUED if resend else DeliveryState.UNKNOWN


def ended(claimed: Claimed, error: BaseException | None, *, in_doubt: bool, resend: bool) -> Result:
    """How an attempt ended.

    Args:
        claimed: the delivery.
        error: what was raised; None where the server took it.
        in_doubt: whether the message was on its way, and no answer had come.
        resend: whether one that may have been sent is to be sent again.
    """
    if error is None:
        return Result(claimed, DeliveryState.SENT, attempts=1)
    if in_doubt or isinstance(error, Uncertain):
        return _unknown(claimed, resend=resend)
    if isinstance(error, Unavailable):
        reason = f"not taken now: {error.answer.codes or error.answer.text}"
        return _deferred(claimed, reason, attempts=0) if error.begun else unsent(claimed)
    if isinstance(error, Deferred):
        return _deferred(claimed, f"not taken now: {error}", attempts=1)
    if isinstance(error, Exception):
        return _failed(claimed, error)
    return unsent(claimed)  # the process stops


def word(result: Result) -> str:
    """How an attempt ended, in one word."""
    if result.state is not DeliveryState.QUEUED:
        return str(result.state)
    return "deferred" if result.deferrals or result.attempts else "given_back"


def _deferred(claimed: Claimed, reason: str, attempts: int) -> Result:
    if claimed.deferrals >= DEFERRALS:
        reason = f"{reason}, {DEFERRALS} times"
        return Result(claimed, DeliveryState.FAILED, reason, attempts=attempts)
    # From half of it on, each its own part: those that were put off together come back one by one.
    part = crc32(f"{claimed.id} {claimed.deferrals}".encode()) / 2**32
    rest = min(_FIRST * 2 ** min(claimed.deferrals, 10), _MOST) * (1 + part) / 2
    return Result(claimed, DeliveryState.QUEUED, reason, attempts, deferrals=1, rest=rest)


def _failed(claimed: Claimed, error: Exception) -> Result:
    if isinstance(error, Refused):
        return Result(claimed, DeliveryState.FAILED, f"{REFUSED}{error}", attempts=1)
    if isinstance(error, NoAddress):
        return Result(claimed, DeliveryState.FAILED, "the address is not ASCII")
    return Result(claimed, DeliveryState.FAILED, f"cannot be written: {type(error).__name__}")


def _unknown(claimed: Claimed, *, resend: bool) -> Result:
    reason = "the connection broke after the message"
    if resend and claimed.attempts < RESENDS:
        return Result(claimed, DeliveryState.QUEUED, reason, attempts=1, rest=_FIRST)
    return Result(claimed, DeliveryState.UNKNOWN, reason, attempts=1)
