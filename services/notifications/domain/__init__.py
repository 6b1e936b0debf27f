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

__all__ = [
    "ALL_SUBSCRIPTIONS",
    "DECIDER",
    "KIND",
    "MAX_SUBSCRIPTIONS",
    "NOTIFIED",
    "NOT_NOTIFIED",
    "ONLY_LISTED",
    "SUBSCRIPTIONS",
    "Interest",
    "Interests",
    "Notification",
    "State",
    "details",
    "headline",
]
