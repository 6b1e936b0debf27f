"""Notifications' rules: a table for each kind of aggregate."""

from __future__ import annotations

from typing import Final, TypeAlias

from services.notifications.domain.announcements.state import Announcement, Coalitions, Homes
from services.notifications.domain.announcements.table import ANNOUNCEMENTS
from services.notifications.domain.batches.state import EndedBatch
from services.notifications.domain.batches.table import BATCHES
from services.notifications.domain.digests.state import Digests, Waiting
from services.notifications.domain.digests.table import DIGESTS
from services.notifications.domain.notifications.state import Interest, Interests, Notification
from services.notifications.domain.notifications.table import NOTIFICATIONS
from services.notifications.domain.recipients.state import Recipient
from services.notifications.domain.recipients.table import RECIPIENTS
from services.notifications.domain.webhooks.state import Webhook
from services.notifications.domain.webhooks.table import WEBHOOKS
from shared.domain.decider import Decider

State: TypeAlias = (
    Notification
    | Announcement
    | Digests
    | EndedBatch
    | Recipient
    | Webhook
    | Interests
    | Interest
    | Waiting
    | Homes
    | Coalitions
)

DECIDER: Final[Decider[State]] = Decider(
    NOTIFICATIONS, DIGESTS, ANNOUNCEMENTS, BATCHES, RECIPIENTS, WEBHOOKS
)
