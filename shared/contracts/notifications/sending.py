"""How e-mails ended, by the ids of notifications and subscriptions alone."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from shared.contracts.base import Event, Model, Text
from shared.contracts.notifications.words import NotificationId, SubscriptionId

MOST_ENDED: Final = 500
"""E-mails that one event tells of at most."""
Ids = Annotated[tuple[SubscriptionId, ...], Field(min_length=1, max_length=MOST_ENDED)]
NotSent = Literal["failed", "unknown", "cancelled"]
"""How an e-mail ended that was not sent for certain."""


class Ended(Model):
    """E-mails about one thing that ended alike.

    Attributes:
        notification: what they are about.
        subscriptions: whom they were for.
        reason: why they were not sent; of a server's answer the codes alone.
    """

    notification: NotificationId
    subscriptions: Ids
    state: Literal["sent", "failed", "unknown", "cancelled"]
    reason: Text | None = None


class DeliveriesEnded(Event):
    """Some e-mails have ended: what notifications says to itself, once for each batch."""

    type: ClassVar[str] = "coalition.notifications.DeliveriesEnded.v1"
    batch: Text
    ended: Annotated[tuple[Ended, ...], Field(min_length=1, max_length=MOST_ENDED)]

    @property
    def subject(self) -> str:
        """The batch."""
        return self.batch


class EndedEvent(Event):
    """How e-mails about one thing ended."""

    notification: NotificationId
    subscriptions: Ids

    @property
    def subject(self) -> str:
        """What they are about."""
        return self.notification


class NotificationSent(EndedEvent):
    """The mail server has taken the e-mails to these."""

    type: ClassVar[str] = "coalition.notifications.NotificationSent.v1"


class NotificationFailed(EndedEvent):
    """The e-mails to these were not sent, or nobody knows whether they were (`unknown`)."""

    type: ClassVar[str] = "coalition.notifications.NotificationFailed.v1"
    state: NotSent
    reason: Text | None = None
