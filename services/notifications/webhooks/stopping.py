"""That nothing is sent to a webhook any more, said by notifications to itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from shared.cloudevents import derived_id
from shared.contracts.notifications import StopReason, WebhookStopped
from shared.pipeline.outbound import to_itself

if TYPE_CHECKING:
    from datetime import datetime

    from shared.kafka.producer import Outgoing

log = structlog.get_logger()

__all__ = ["StopReason", "stopped"]


def stopped(webhook: str, reason: StopReason, since: datetime, last: str | None) -> Outgoing:
    """A webhook is to be stopped; the same twice is once."""
    log.error("webhook_stopped", webhook=webhook, reason=reason, last=last)
    event = WebhookStopped(webhook=webhook, reason=reason, since=since, last=last)
    id_ = derived_id(event.type, webhook, reason, since.isoformat())
    return to_itself("notifications", event, id_)
