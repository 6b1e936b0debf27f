"""What published events make of a notification; total, and without a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notifications.domain.notifications.state import Notification

if TYPE_CHECKING:
    from shared.contracts.notifications import NotificationQueued


def queued(notification: Notification | None, event: NotificationQueued) -> Notification:
    """People are notified, those of a further part as well."""
    return notification or Notification(id=event.notification)
