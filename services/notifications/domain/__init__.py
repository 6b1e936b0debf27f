"""Notifications' rules: who is notified of which event, and what they read; no addresses here."""

from __future__ import annotations

from services.notifications.domain.content.languages import LANGUAGES, Language, known
from services.notifications.domain.content.letters import Letter, News, digest, of_one
from services.notifications.domain.content.names import NO_NAMES, Named, Names, Naming, namings
from services.notifications.domain.content.reader import Reader
from services.notifications.domain.content.texts import (
    ENGLISH,
    NOT_NOTIFIED,
    NOTIFIED,
    ONLY_LISTED,
    asked,
    details,
    headline,
)
from services.notifications.domain.content.why import named_by, welcome, why
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
from services.notifications.domain.recipients.state import KIND as RECIPIENTS
from services.notifications.domain.recipients.state import Bounce, Recipient
from services.notifications.domain.webhooks.state import KIND as WEBHOOKS
from services.notifications.domain.webhooks.state import Webhook

__all__ = [
    "ALL_SUBSCRIPTIONS",
    "DECIDER",
    "DIGESTS",
    "ENGLISH",
    "KIND",
    "LANGUAGES",
    "MAX_SUBSCRIPTIONS",
    "NOTIFIED",
    "NOT_NOTIFIED",
    "NO_NAMES",
    "ONLY_LISTED",
    "RECIPIENTS",
    "SUBSCRIPTIONS",
    "WAITING",
    "WEBHOOKS",
    "Bounce",
    "Digests",
    "Interest",
    "Interests",
    "Item",
    "Language",
    "Letter",
    "Named",
    "Names",
    "Naming",
    "News",
    "Notification",
    "Reader",
    "Recipient",
    "State",
    "Waiting",
    "Webhook",
    "asked",
    "details",
    "digest",
    "headline",
    "known",
    "named_by",
    "namings",
    "of_one",
    "welcome",
    "why",
]
