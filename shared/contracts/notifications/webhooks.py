"""Webhooks: where events are sent by HTTP, and what becomes of that. Never a secret or a path."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field

from shared.contracts.base import Event, Slug, Text
from shared.contracts.notifications.words import EventKind
from shared.contracts.numbers import FRACTION, WHOLE
from shared.contracts.text import EACH_ONCE

Kinds = Annotated[tuple[EventKind, ...], Field(max_length=200), EACH_ONCE]
Slugs = Annotated[tuple[Slug, ...], Field(max_length=50), EACH_ONCE]
Connections = Annotated[
    int, Field(ge=1, le=20, description="Requests at a time, of each replica."), WHOLE
]
PerSecond = Annotated[
    float,
    Field(ge=0.1, le=1000, description="Requests a second at most, of all replicas."),
    FRACTION,
]
StopReason = Literal["gone", "failed for a day", "too many events wait"]


class WebhookEvent(Event):
    """Something about a webhook."""

    webhook: Slug

    @property
    def subject(self) -> str:
        """The webhook."""
        return self.webhook


class WebhookRegistered(WebhookEvent):
    """Events are sent to a host from now on: those of these kinds, coalitions and members.

    Whatever is not named may be any. When is filled in by notifications, and so it is in what
    follows.
    """

    type: ClassVar[str] = "coalition.notifications.WebhookRegistered.v1"
    host: Text
    kinds: Kinds = ()
    coalitions: Slugs = ()
    members: Slugs = ()
    connections: Connections = 4
    per_second: PerSecond = 50.0
    registered: AwareDatetime | None = None


class WebhookPaused(WebhookEvent):
    """An operator has nothing sent for now; what is to be sent waits."""

    type: ClassVar[str] = "coalition.notifications.WebhookPaused.v1"
    paused: AwareDatetime | None = None


class WebhookResumed(WebhookEvent):
    """An operator has events sent again, from the first that waits."""

    type: ClassVar[str] = "coalition.notifications.WebhookResumed.v1"
    resumed: AwareDatetime | None = None


class WebhookStopped(WebhookEvent):
    """Nothing is sent any more until an operator resumes it.

    Attributes:
        reason: the receiver said that it is gone (410); it took nothing for a day; or more waits
            than is kept waiting.
        since: from when on it took nothing.
        last: how the last attempt ended.
    """

    type: ClassVar[str] = "coalition.notifications.WebhookStopped.v1"
    reason: StopReason
    since: AwareDatetime
    last: Text | None = None
    stopped: AwareDatetime | None = None


class WebhookSecretRotated(WebhookEvent):
    """What is sent is signed with a new secret; until then with the one before, too."""

    type: ClassVar[str] = "coalition.notifications.WebhookSecretRotated.v1"
    until: AwareDatetime


class WebhookReplayed(WebhookEvent):
    """An operator has events sent once more: those that were recorded in this time."""

    type: ClassVar[str] = "coalition.notifications.WebhookReplayed.v1"
    since: AwareDatetime
    until: AwareDatetime


class WebhookTested(WebhookEvent):
    """An operator had this event sent, to see whether it arrives."""

    type: ClassVar[str] = "coalition.notifications.WebhookTested.v1"


class WebhookRemoved(WebhookEvent):
    """Nothing is sent there any more, and its address and secrets are forgotten."""

    type: ClassVar[str] = "coalition.notifications.WebhookRemoved.v1"
