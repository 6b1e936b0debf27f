"""The published language of notifications: who is to be notified, never their addresses."""

from __future__ import annotations

from typing import Final

from shared.contracts.base import Event
from shared.contracts.catalogue import declared
from shared.contracts.notifications.announcements import (
    Announced,
    AnnouncementCancelled,
    AnnouncementDrafted,
    AnnouncementEvent,
    AnnouncementFellDue,
    AnnouncementQueued,
    AnnouncementReleased,
    AnnouncementTested,
)
from shared.contracts.notifications.digests import (
    MAX_IN_DIGEST,
    DigestFellDue,
    DigestQueued,
    DigestRequested,
)
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
from shared.contracts.notifications.webhooks import (
    StopReason,
    WebhookPaused,
    WebhookRegistered,
    WebhookRemoved,
    WebhookReplayed,
    WebhookResumed,
    WebhookSecretRotated,
    WebhookStopped,
    WebhookTested,
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
    "INBOX",
    "MAX_IN_DIGEST",
    "Announced",
    "AnnouncementCancelled",
    "AnnouncementDrafted",
    "AnnouncementEvent",
    "AnnouncementFellDue",
    "AnnouncementQueued",
    "AnnouncementReleased",
    "AnnouncementTested",
    "BounceReceived",
    "DeliveriesEnded",
    "Detail",
    "DigestFellDue",
    "DigestQueued",
    "DigestRequested",
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
    "StopReason",
    "Urgency",
    "WebhookPaused",
    "WebhookRegistered",
    "WebhookRemoved",
    "WebhookReplayed",
    "WebhookResumed",
    "WebhookSecretRotated",
    "WebhookStopped",
    "WebhookTested",
]

INBOX: Final = (
    AnnouncementDrafted,
    AnnouncementTested,
    AnnouncementReleased,
    AnnouncementCancelled,
)
"""What may be sent to notifications."""
BY_ITSELF: Final = (
    DigestFellDue,
    DigestRequested,
    AnnouncementFellDue,
    DeliveriesEnded,
    BounceReceived,
    RecipientReleased,
    RecipientErased,
    WebhookRegistered,
    WebhookPaused,
    WebhookResumed,
    WebhookStopped,
    WebhookSecretRotated,
    WebhookReplayed,
    WebhookTested,
    WebhookRemoved,
)
"""What notifications alone says to itself: by the clock, of e-mails, addresses and webhooks."""
_ONLY_ASKED: Final = (DigestFellDue, DigestRequested, AnnouncementFellDue, DeliveriesEnded)
"""What notifications only asks itself; it publishes the answer."""
EVENTS: Final = tuple(one for one in declared(Event, __name__) if one not in _ONLY_ASKED)
"""All that notifications publishes."""
