"""What a delivery tells, as a letter in its reader's language, of what was kept of the events."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pydantic import ValidationError

from services.notifications.domain import Letter, News, of_one
from shared.contracts import lenient
from shared.contracts.base import EVENT_TYPES

if TYPE_CHECKING:
    from services.notifications.delivery import Delivery
    from services.notifications.domain import Reader
    from services.notifications.subscription import Subscription
    from shared.contracts.base import Event


def letter(delivery: Delivery, subscription: Subscription, reader: Reader) -> Letter:
    """What an e-mail says."""
    del subscription
    return of_one(_news(delivery), reader)


def _news(delivery: Delivery) -> News:
    event = event_of(getattr(delivery, "event_type", ""), getattr(delivery, "data", ""))
    return News(event, delivery.headline, delivery.details)


@lru_cache(1024)
def event_of(type_: str, data: str) -> Event | None:
    """An event as it was published; None where it can be read no more."""
    model = EVENT_TYPES.get(type_)
    try:
        return lenient.read_json(model, data.encode()) if model and data else None
    except ValidationError:
        return None
