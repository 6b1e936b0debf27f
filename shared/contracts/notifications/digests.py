"""Digests: what one e-mail tells of many events, and when it is due."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from shared.contracts.base import Day, Event
from shared.contracts.notifications.words import Frequency, NotificationId, SubscriptionId

MAX_IN_DIGEST = 2_000
"""Notifications that one digest tells of at most; the rest goes into the next."""
Ids = Annotated[tuple[NotificationId, ...], Field(max_length=MAX_IN_DIGEST)]


class DigestFellDue(Event):
    """The clock says that a digest may be due; the decision looks at the clock itself.

    Attributes:
        date: the day on which it is due, where its reader is.
    """

    type: ClassVar[str] = "coalition.notifications.DigestFellDue.v1"
    subscription: SubscriptionId
    frequency: Frequency
    date: Day

    @property
    def subject(self) -> str:
        """The subscription."""
        return self.subscription


class DigestRequested(Event):
    """Somebody wants to be told now of what waits for their digests.

    Attributes:
        requested: when.
    """

    type: ClassVar[str] = "coalition.notifications.DigestRequested.v1"
    subscription: SubscriptionId
    requested: AwareDatetime

    @property
    def subject(self) -> str:
        """The subscription."""
        return self.subscription


class DigestQueued(Event):
    """One e-mail tells of all that has waited for it.

    Attributes:
        due: it is not sent before.
        notifications: of which it tells, each in no other e-mail to this person.
        listed: those of earlier digests that still seemed to wait when it was decided.
        requested: somebody wanted it, so the one of the clock comes besides.
    """

    type: ClassVar[str] = "coalition.notifications.DigestQueued.v1"
    digest: NotificationId
    subscription: SubscriptionId
    frequency: Frequency
    date: Day
    due: AwareDatetime
    notifications: Annotated[Ids, Field(min_length=1)]
    listed: Ids = ()
    requested: bool = False

    @property
    def subject(self) -> str:
        """The subscription."""
        return self.subscription
