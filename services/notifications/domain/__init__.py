"""Notifications' rules: who is notified of which event, and what they read; no addresses here."""

from __future__ import annotations

from services.notifications.domain.content.texts import (
    NOT_NOTIFIED,
    NOTIFIED,
    ONLY_LISTED,
    details,
    headline,
)
from services.notifications.domain.decider import DECIDER, State
from services.notifications.domain.notifications.state import (
    ALL_SUBSCRIPTIONS,
    KIND,
    MAX_SUBSCRIPTIONS,
    SUBSCRIPTIONS,
    Interest,
    Interests,
    Notification,
)
from services.notifications.domain.recipients.state import KIND as RECIPIENTS
from services.notifications.domain.recipients.state import Bounce, Recipient

__all__ = [
    "ALL_SUBSCRIPTIONS",
    "DECIDER",
    "KIND",
    "MAX_SUBSCRIPTIONS",
    "NOTIFIED",
    "NOT_NOTIFIED",
    "ONLY_LISTED",
    "RECIPIENTS",
    "SUBSCRIPTIONS",
    "Bounce",
    "Interest",
    "Interests",
    "Notification",
    "Recipient",
    "State",
    "details",
    "headline",
]
