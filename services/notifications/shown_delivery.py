"""What HTTP shows of an e-mail: what it tells to whom, and how it ended; not how it is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator

from services.notifications.delivery import LONG_AGO, DeliveryState
from shared.contracts.base import Model


class ShownItem(Model):
    """One event that an e-mail tells of among others."""

    kind: str
    about: str
    coalition: str | None = None
    dated: str | None = None
    headline: str


class ShownDelivery(Model):
    """One e-mail to one person, as those see it who may read people's data.

    Attributes:
        kind: the event's, or `Digest`, `Welcome`: of many, or of none.
        dated: when it happened, as precise as its source.
        decided: when it was decided who is told.
        how: `at once`, `daily` or `weekly`.
        rule: the one by which this person is told; null where none was asked.
        headline: in English; empty where its words were taken out.
        digest: the delivery that tells of it, where it is gathered.
        attempts: how often the server answered about this e-mail, or may have taken it.
        due: not before then; while it is being sent, the end of the lease.
        ended: when it was sent, or was not for good.
        reason: why it is where it is.
        items: what it tells, where that is more than one event.
    """

    id: str
    subscription: str
    kind: str
    about: str
    coalition: str | None = None
    dated: str | None = None
    decided: datetime = LONG_AGO
    urgency: str = "normal"
    how: str = "at once"
    rule: Annotated[str | None, BeforeValidator(lambda rule: rule or None)] = None
    headline: str
    state: DeliveryState
    digest: str | None = None
    attempts: int = 0
    due: datetime
    ended: datetime | None = None
    reason: str | None = None
    items: tuple[ShownItem, ...] = ()
