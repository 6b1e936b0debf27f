"""What published events make of a recipient; total, and without a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.notifications.domain.recipients.state import FADES, Bounce, Recipient
from services.notifications.domain.recipients.statuses import Concern, concern, weight

if TYPE_CHECKING:
    from shared.contracts.notifications import (
        BounceReceived,
        RecipientErased,
        RecipientReleased,
        RecipientSuppressed,
    )

_MOST: Final = 50
"""Bounces that are kept of an address at most."""


def bounced(recipient: Recipient | None, event: BounceReceived) -> Recipient:
    """An e-mail came back; what has faded is forgotten."""
    recipient = recipient or Recipient(id=event.subscription)
    if event.received is None:
        return recipient
    new = Bounce(
        received=event.received,
        status=event.status,
        weight=weight(event.status),
        delivery=event.delivery,
        refused=event.refused,
    )
    kept = [one for one in recipient.bounces if new.received - one.received < FADES]
    change: dict[str, object] = {"bounces": (*kept, new)[-_MOST:]}
    if concern(event.status) is Concern.US:
        change["distrusted"] = new.received
    return recipient.model_copy(update=change)


def suppressed(recipient: Recipient | None, event: RecipientSuppressed) -> Recipient:
    """It is written to no more."""
    recipient = recipient or Recipient(id=event.subscription)
    last = recipient.bounces[-1] if recipient.bounces else None
    return recipient.model_copy(update={"suppressed": event.reason, "bounce": last})


def released(recipient: Recipient | None, event: RecipientReleased) -> Recipient:
    """It is written to again."""
    recipient = recipient or Recipient(id=event.subscription)
    return recipient.model_copy(update={"suppressed": "", "bounce": None, "bounces": ()})


def erased(recipient: Recipient | None, event: RecipientErased) -> Recipient:
    """Nothing is kept but that it was so, and whether the address was suppressed."""
    recipient = recipient or Recipient(id=event.subscription)
    return Recipient(id=recipient.id, suppressed=recipient.suppressed, erased=True)
