"""What HTTP takes and shows of webhooks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, model_validator

from services.notifications.domain import NOT_NOTIFIED, NOTIFIED, ONLY_LISTED
from services.notifications.webhooks.addresses import MAX_URL
from shared.contracts.base import Model, Slug
from shared.contracts.catalogue import called
from shared.contracts.notifications import EventKind
from shared.contracts.notifications.webhooks import Connections, PerSecond, Slugs
from shared.contracts.numbers import WHOLE
from shared.contracts.text import EACH_ONCE
from shared.nearest import meant

if TYPE_CHECKING:
    from services.notifications.webhooks.endpoints import Target

KINDS: Final = sorted(called(event.type) for event in (*NOTIFIED, *ONLY_LISTED))
"""The kinds of events that are sent."""
_NOT_READ: Final = {called(one.type): why for one, why in NOT_NOTIFIED.items()}


def _sent(kind: str) -> str:
    if kind in KINDS:
        return kind
    if kind in _NOT_READ:
        raise ValueError(f"it is not sent: {_NOT_READ[kind]}")
    raise ValueError(f"there is no such event; {meant(kind, KINDS)}")


SentKind = Annotated[EventKind, AfterValidator(_sent), Field(json_schema_extra={"enum": [*KINDS]})]


class NewWebhook(Model):
    """Where events are to be sent, and which; whatever is not named may be any.

    Attributes:
        id: by which it is named from now on.
        url: over https, and to nothing inside of the installation's own networks.
        connections: requests at a time, of each replica.
        per_second: requests a second at most.
    """

    model_config = ConfigDict(extra="forbid")

    id: Annotated[Slug, Field(max_length=60)]
    url: Annotated[str, Field(min_length=9, max_length=MAX_URL, examples=["https://example.org/"])]
    kinds: Annotated[tuple[SentKind, ...], Field(max_length=200), EACH_ONCE] = ()
    coalitions: Slugs = ()
    members: Slugs = ()
    connections: Connections = 4
    per_second: PerSecond = 50.0


class RegisteredWebhook(Model):
    """A webhook that is new, with the secret that is shown this once."""

    id: str
    secret: str


class AskedOfWebhook(Model):
    """What was asked for is done as soon as it is decided."""

    webhook: str


class Rotation(Model):
    """How long the secrets before are used beside the new one."""

    model_config = ConfigDict(extra="forbid")

    overlap_hours: Annotated[int, Field(ge=0, le=168), WHOLE] = 24

    @property
    def overlap(self) -> timedelta:
        """The same as a time."""
        return timedelta(hours=self.overlap_hours)


class Rotated(Model):
    """The new secret, which is shown this once, and until when those before are used, too."""

    webhook: str
    secret: str
    until: datetime


class AskedReplay(Model):
    """Which events are to be sent once more: those that were recorded in a time."""

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime
    until: AwareDatetime | None = None

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if self.until and self.until <= self.since:
            raise ValueError("`until` is not after `since`")
        return self


class Replayed(Model):
    """The time whose events are sent once more, as fast as the receiver takes them."""

    webhook: str
    since: datetime
    until: datetime


class Tried(Model):
    """How the receiver answered to an event that was made for a test."""

    webhook: str
    message: str
    taken: bool
    status: int | None
    reason: str
    milliseconds: int


class ShownWebhook(Model):
    """A webhook as operators see it.

    Attributes:
        state: `registering` until it is decided.
        since: from when on it has this state.
        reason: why it was stopped.
        failing: since when the receiver has taken nothing.
        taken: when it last took something.
        last: how the last attempt that failed ended.
        waiting: events that wait, 10,000 where there are as many or more.
        replaying: events of the past are being queued.
        missing: from when on events were not queued, since too many wait; resuming brings them.
        secrets: how many are in use.
    """

    id: str
    url: str
    kinds: tuple[str, ...] = ()
    coalitions: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    connections: int | None = None
    per_second: float | None = None
    state: str = "registering"
    since: datetime | None = None
    reason: str = ""
    failing: datetime | None = None
    taken: datetime | None = None
    last: str | None = None
    waiting: int = 0
    replaying: bool = False
    missing: datetime | None = None
    secrets: int = 1


def shown(target: Target, waiting: int, now: datetime) -> ShownWebhook:
    """A webhook without its secrets."""
    webhook, endpoint = target.webhook, target.endpoint
    fields: dict[str, Any] = webhook.model_dump(exclude={"host", "registered"})
    used = [one for one in endpoint.secrets if one.until is None or one.until > now]
    return ShownWebhook.model_validate(
        {
            **fields,
            **({} if target.decided else {"state": "registering"}),
            "url": endpoint.url,
            **endpoint.model_dump(include={"failing", "taken", "last"}),
            "waiting": waiting,
            "replaying": endpoint.replay is not None,
            "missing": endpoint.full,
            "secrets": len(used),
        }
    )
