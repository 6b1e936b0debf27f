"""Notifications' rules: who is told about which event, in which words; no addresses here."""

from __future__ import annotations

from services.notifications.domain.decider import (
    ALL_SUBSCRIPTIONS,
    Interest,
    Interests,
    Notification,
    Notifications,
    State,
)
from services.notifications.domain.words import NOBODY_IS_TOLD, TOLD_ABOUT, details, headline

__all__ = [
    "ALL_SUBSCRIPTIONS",
    "NOBODY_IS_TOLD",
    "TOLD_ABOUT",
    "Interest",
    "Interests",
    "Notification",
    "Notifications",
    "State",
    "details",
    "headline",
]
