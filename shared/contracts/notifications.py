"""The published language of notifications: who is to be notified, never their addresses."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field

from shared.contracts.base import Event, Model, Slug, Text
from shared.contracts.catalogue import declared
from shared.contracts.text import Line, Lines

EventKind = Annotated[
    str,
    Field(pattern=r"^[A-Z][A-Za-z]{1,60}$", examples=["CitySigned"]),
]
"""The past-tense name of an event type, as people choose it in a subscription."""


class Detail(Model):
    """One line of an e-mail: a label and a text."""

    label: Text
    text: Lines


class NotificationQueued(Event):
    """An event was matched against the subscriptions; one e-mail for each is due."""

    type: ClassVar[str] = "coalition.notifications.NotificationQueued.v1"
    notification: Text
    about: Text
    kind: EventKind
    coalition: Slug | None = None
    headline: Line
    details: Annotated[tuple[Detail, ...], Field(max_length=30)] = ()
    subscriptions: Annotated[tuple[str, ...], Field(max_length=10_000)]

    @property
    def subject(self) -> str:
        """The subject of the event of which people are notified."""
        return self.about


EVENTS: Final = declared(Event, __name__)
