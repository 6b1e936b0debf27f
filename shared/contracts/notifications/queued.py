"""An event of which people are notified, and how each of them is told."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field, JsonValue

from shared.contracts.base import EdtfDate, Event, Model, Slug, Text
from shared.contracts.notifications.words import (
    EventKind,
    How,
    NotificationId,
    RuleId,
    SubscriptionId,
    Urgency,
)
from shared.contracts.text import Line, Lines


class Detail(Model):
    """One line of an e-mail: a label and a text."""

    label: Text
    text: Lines


class Recipients(Model):
    """Subscriptions whose people are told alike.

    Attributes:
        due: not before then, where somebody wants to have their quiet.
    """

    how: How
    rule: RuleId
    due: AwareDatetime | None = None
    subscriptions: Annotated[tuple[SubscriptionId, ...], Field(min_length=1, max_length=10_000)]


class NotificationQueued(Event):
    """An event was matched against the subscriptions: whom it is told to, and how.

    What people read is made of the event's data, in their language, when it is sent; headline and
    details say the same in English, for the record and for whatever can no longer be read.

    Attributes:
        event_type: the CloudEvents type of the event.
        data: its data, as it was published; left out where that would be too much.
        dated: when it happened, as precise as its source.
        decided: when it was decided who is told.
    """

    type: ClassVar[str] = "coalition.notifications.NotificationQueued.v1"
    notification: NotificationId
    about: Text
    kind: EventKind
    event_type: Text
    data: dict[str, JsonValue] = Field(default_factory=dict)
    coalition: Slug | None = None
    dated: EdtfDate | None = None
    decided: AwareDatetime
    urgency: Urgency = "normal"
    headline: Line
    details: Annotated[tuple[Detail, ...], Field(max_length=30)] = ()
    recipients: Annotated[tuple[Recipients, ...], Field(max_length=10_000)]

    @property
    def subject(self) -> str:
        """The subject of the event of which people are notified."""
        return self.about
