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
from services.notifications.domain.digests.state import KIND as DIGESTS
from services.notifications.domain.digests.state import WAITING, Digests, Item, Waiting
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
    "DIGESTS",
    "KIND",
    "MAX_SUBSCRIPTIONS",
    "NOTIFIED",
    "NOT_NOTIFIED",
    "ONLY_LISTED",
    "SUBSCRIPTIONS",
    "WAITING",
    "Digests",
    "Interest",
    "Interests",
    "Item",
    "Notification",
    "State",
    "Waiting",
    "details",
    "headline",
]
