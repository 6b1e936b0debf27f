"""The published language of notifications: who is to be notified, never their addresses."""

from __future__ import annotations

from typing import Final

from shared.contracts.base import Event
from shared.contracts.catalogue import declared
from shared.contracts.notifications.queued import Detail, NotificationQueued, Recipients
from shared.contracts.notifications.recipients import (
    BounceReceived,
    RecipientErased,
    RecipientReleased,
    RecipientSuppressed,
)
from shared.contracts.notifications.sending import (
    DeliveriesEnded,
    Ended,
    NotificationFailed,
    NotificationSent,
)
from shared.contracts.notifications.words import (
    EventKind,
    Frequency,
    How,
    Role,
    RuleId,
    Urgency,
)

__all__ = [
    "BY_ITSELF",
    "EVENTS",
    "BounceReceived",
    "DeliveriesEnded",
    "Detail",
    "Ended",
    "EventKind",
    "Frequency",
    "How",
    "NotificationFailed",
    "NotificationQueued",
    "NotificationSent",
    "RecipientErased",
    "RecipientReleased",
    "RecipientSuppressed",
    "Recipients",
    "Role",
    "RuleId",
    "Urgency",
]

BY_ITSELF: Final = (DeliveriesEnded, BounceReceived, RecipientReleased, RecipientErased)
"""What notifications alone says, to itself: how e-mails ended, what it hears of addresses."""
EVENTS: Final = declared(Event, __name__)
"""All that notifications publishes."""
