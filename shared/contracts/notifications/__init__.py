"""The published language of notifications: who is to be notified, never their addresses."""

from __future__ import annotations

from typing import Final

from shared.contracts.base import Event
from shared.contracts.catalogue import declared
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
    "EVENTS",
    "Detail",
    "EventKind",
    "Frequency",
    "How",
    "NotificationQueued",
    "Recipients",
    "Role",
    "RuleId",
    "Urgency",
]

EVENTS: Final = declared(Event, __name__)
"""All that notifications publishes."""
