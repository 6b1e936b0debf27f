"""When an address is written to no more, again, and never again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notifications.domain.recipients import evolve
from services.notifications.domain.recipients.state import ENOUGH
from services.notifications.domain.recipients.statuses import Concern, concern
from shared.contracts.notifications import RecipientSuppressed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.notifications.domain.recipients.state import Recipient
    from shared.contracts.base import Event
    from shared.contracts.notifications import BounceReceived, RecipientErased, RecipientReleased
    from shared.domain.decider import Context


def bounce(recipient: Recipient | None, event: BounceReceived, context: Context) -> Sequence[Event]:
    """Note that an e-mail came back, and whether that is enough to send no more."""
    if recipient and (recipient.erased or recipient.suppressed):
        return []
    received = event.model_copy(update={"received": context.now})
    about = {"subscription": event.subscription, "status": event.status}
    kind = concern(event.status)
    if kind is Concern.ADDRESS:
        return [received, RecipientSuppressed(**about, reason="no such address")]
    after = evolve.bounced(recipient, received)
    if kind is Concern.OTHER and after.score(context.now) >= ENOUGH:
        return [received, RecipientSuppressed(**about, reason="bounces again and again")]
    return [received]


def release(
    recipient: Recipient | None, event: RecipientReleased, context: Context
) -> Sequence[Event]:
    """Have an address written to again, as if nothing had come back."""
    del context
    return [event] if recipient and recipient.suppressed else []


def erase(recipient: Recipient | None, event: RecipientErased, context: Context) -> Sequence[Event]:
    """Keep nothing of a person."""
    del context
    return [] if recipient and recipient.erased else [event]
