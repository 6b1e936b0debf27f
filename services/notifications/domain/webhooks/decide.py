"""What may be done with a webhook; whoever says it does so by notifications' own HTTP or clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.notifications.domain.webhooks.state import Webhook
    from shared.contracts.base import Event
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
    from shared.domain.decider import Context


def register(
    webhook: Webhook | None, event: WebhookRegistered, context: Context
) -> Sequence[Event]:
    """Have events sent to a host.

    Raises:
        Refused: there is a webhook of this id.
    """
    if webhook and webhook.state != "removed":
        raise Refused(f"there is a webhook {webhook.id!r} already: remove it, or take another id")
    return [event.model_copy(update={"registered": context.now})]


def pause(webhook: Webhook | None, event: WebhookPaused, context: Context) -> Sequence[Event]:
    """Have nothing sent for now."""
    if _existing(webhook, event.webhook).state == "paused":
        return []
    return [event.model_copy(update={"paused": context.now})]


def resume(webhook: Webhook | None, event: WebhookResumed, context: Context) -> Sequence[Event]:
    """Have what waits sent."""
    if _existing(webhook, event.webhook).state == "active":
        return []
    return [event.model_copy(update={"resumed": context.now})]


def stop(webhook: Webhook | None, event: WebhookStopped, context: Context) -> Sequence[Event]:
    """Send nothing more, unless an operator has done something about it since."""
    if webhook is None or webhook.state != "active":
        return []
    if webhook.since and event.since < webhook.since:
        return []
    return [event.model_copy(update={"stopped": context.now})]


def note(
    webhook: Webhook | None,
    event: WebhookSecretRotated | WebhookReplayed | WebhookTested,
    context: Context,
) -> Sequence[Event]:
    """Keep what an operator did, for whoever asks later."""
    del context
    _existing(webhook, event.webhook)
    return [event]


def remove(webhook: Webhook | None, event: WebhookRemoved, context: Context) -> Sequence[Event]:
    """Have nothing sent there any more."""
    del context
    return [event] if webhook and webhook.state != "removed" else []


def _existing(webhook: Webhook | None, id_: str) -> Webhook:
    if webhook is None or webhook.state == "removed":
        raise Refused(f"there is no webhook {id_!r}: `coalition webhooks list` has all")
    return webhook
