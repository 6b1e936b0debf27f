"""What published events make of a webhook; total, and without a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notifications.domain.webhooks.state import Webhook

if TYPE_CHECKING:
    from shared.contracts.notifications import (
        WebhookPaused,
        WebhookRegistered,
        WebhookRemoved,
        WebhookResumed,
        WebhookStopped,
    )


def registered(webhook: Webhook | None, event: WebhookRegistered) -> Webhook:
    """Events are sent from now on."""
    del webhook
    return Webhook(
        id=event.webhook,
        host=event.host,
        kinds=event.kinds,
        coalitions=event.coalitions,
        members=event.members,
        connections=event.connections,
        per_second=event.per_second,
        registered=event.registered,
        since=event.registered,
    )


def paused(webhook: Webhook, event: WebhookPaused) -> Webhook:
    """What is to be sent waits."""
    return webhook.model_copy(update={"state": "paused", "since": event.paused, "reason": ""})


def resumed(webhook: Webhook, event: WebhookResumed) -> Webhook:
    """What waits is sent."""
    return webhook.model_copy(update={"state": "active", "since": event.resumed, "reason": ""})


def stopped(webhook: Webhook, event: WebhookStopped) -> Webhook:
    """What is to be sent waits for an operator."""
    change = {"state": "stopped", "since": event.stopped, "reason": event.reason}
    return webhook.model_copy(update=change)


def removed(webhook: Webhook, event: WebhookRemoved) -> Webhook:
    """Nothing is sent there any more."""
    del event
    return webhook.model_copy(update={"state": "removed", "since": None, "reason": ""})
