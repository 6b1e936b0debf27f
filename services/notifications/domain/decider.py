"""Notifications' rules: a table for each kind of aggregate."""

from __future__ import annotations

from typing import Final, TypeAlias

from services.notifications.domain.digests.state import Digests, Waiting
from services.notifications.domain.digests.table import DIGESTS
from services.notifications.domain.notifications.state import Interest, Interests, Notification
from services.notifications.domain.notifications.table import NOTIFICATIONS
from shared.domain.decider import Decider

State: TypeAlias = Notification | Digests | Interests | Interest | Waiting

DECIDER: Final[Decider[State]] = Decider(NOTIFICATIONS, DIGESTS)
"""Who is notified of an event, and when a digest is due."""
