"""The table of a webhook: what is decided and what is folded, by type of event."""

from __future__ import annotations

from typing import Final

from services.notifications.domain.webhooks import decide, evolve
from services.notifications.domain.webhooks.state import KIND, Webhook
from shared.contracts.notifications import (
    WebhookPaused,
    WebhookRegistered,
    WebhookRemoved,
    WebhookReplayed,
    WebhookResumed,
    WebhookSecretRotated,
    WebhookStopped,
    WebhookTested,
)
from shared.domain.decider import Aggregate, by_subject, if_exists, on, unchanged

WEBHOOKS: Final = Aggregate(
    kind=KIND,
    state=Webhook,
    identify=by_subject,
    rows=(
        on(WebhookRegistered, decide=decide.register, evolve=evolve.registered),
        on(WebhookPaused, decide=decide.pause, evolve=if_exists(evolve.paused)),
        on(WebhookResumed, decide=decide.resume, evolve=if_exists(evolve.resumed)),
        on(WebhookStopped, decide=decide.stop, evolve=if_exists(evolve.stopped)),
        on(WebhookSecretRotated, decide=decide.note, evolve=unchanged),
        on(WebhookReplayed, decide=decide.note, evolve=unchanged),
        on(WebhookTested, decide=decide.note, evolve=unchanged),
        on(WebhookRemoved, decide=decide.remove, evolve=if_exists(evolve.removed)),
    ),
)
"""A webhook, from its registration until it is removed."""
