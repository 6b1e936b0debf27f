"""The published language of notifications: who is to be notified, never their addresses."""

from __future__ import annotations

from typing import Final

from shared.contracts.base import Event
from shared.contracts.catalogue import declared
from shared.contracts.notifications.digests import MAX_IN_DIGEST, DigestFellDue, DigestQueued
from shared.contracts.notifications.queued import Detail, NotificationQueued, Recipients
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
    "MAX_IN_DIGEST",
    "Detail",
    "DigestFellDue",
    "DigestQueued",
    "EventKind",
    "Frequency",
    "How",
    "NotificationQueued",
    "Recipients",
    "Role",
    "RuleId",
    "Urgency",
]

BY_ITSELF: Final = (DigestFellDue,)
"""What notifications alone says, to itself, by the clock."""
EVENTS: Final = declared(Event, __name__)
"""All that notifications publishes."""
