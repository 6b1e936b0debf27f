"""What is known of an e-mail: whom it is for, what it tells, where it stands, how it ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal, NamedTuple, Self

from pydantic import ConfigDict, Field, model_validator

from services.notifications.domain.calendars import Occasion
from shared.contracts.base import Model
from shared.tracing.context import TraceContext

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when what is due at once has been due."""
MANY: Final = 10
"""So many e-mails that wait for one person become one."""
HOLD: Final = timedelta(hours=1)
"""How long an e-mail that is put off keeps later ones of the same person waiting at most."""
MOST_NAMED: Final = 1000
"""Deliveries that a request names at most."""


class DeliveryState(StrEnum):
    """Where an e-mail stands.

    `unknown`: the connection broke after the message had been handed over, so nobody knows
    whether it was sent; the setting `mail_unknown` says what follows. `waiting`: for a digest, or
    for others that come with it in one e-mail; `gathered`: another e-mail tells of it.
    """

    WAITING = "waiting"
    GATHERED = "gathered"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


ENDED: Final = (
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.UNKNOWN,
    DeliveryState.CANCELLED,
)
"""The states in which nothing more happens by itself."""


class RecordedDetail(Model):
    """One line of an e-mail: a label and a text."""

    label: str
    text: str


class Notice(Model):
    """What an e-mail tells of one event, read without the contracts' bounds.

    Attributes:
        kind: the event's, or `Digest`, `Welcome`: of many, or of none.
        event_type: the CloudEvents type of the event; empty where there is none.
        data: its data, as JSON; empty where there is none, or it would be too much.
        dated: when it happened, as precise as its source.
        decided: when it was decided who is told.
        rule: the one by which this person is told; empty where none was asked.
        how: `at once`, `daily` or `weekly`.
        occasion: what calendars show of it, where it has a day.
        traceparent: the trace context in which it stands, if any; and `tracestate`.
        headline: in English, and so are the details: for the record, and where nothing else can be
            read.
    """

    kind: str
    about: str
    coalition: str | None = None
    event_type: str = ""
    data: str = ""
    dated: str | None = None
    decided: datetime = LONG_AGO
    urgency: str = "normal"
    rule: str = ""
    how: str = "at once"
    occasion: Occasion | None = None
    headline: str
    details: tuple[RecordedDetail, ...] = ()
    traceparent: str = ""
    tracestate: str = ""

    @property
    def trace(self) -> TraceContext | None:
        """The trace context in which it stands."""
        return TraceContext.of(self.traceparent, self.tracestate)


class Delivery(Notice):
    """One e-mail to one person: about one event, or about many that waited for it.

    Attributes:
        items: what it tells, where that is more than one event.
        digest: the delivery that tells of it, where it is gathered.
        attempts: how often the server answered about this e-mail, or may have taken it.
        deferrals: how often the server put it off since it was queued.
        place: its place among all; of one person's, those with a lower one are sent before.
        due: not before then; while it is being sent, the end of the lease.
        holds: until then it keeps later ones of the same person waiting, since it was put off.
        reserved: it is due at a time of its own, by the limit of its domain.
        ended: when it was sent, or was not for good.
        reason: why it is where it is.
    """

    id: str
    subscription: str
    state: DeliveryState
    items: tuple[Notice, ...] = ()
    digest: str | None = None
    attempts: int = 0
    deferrals: int = 0
    place: int = 0
    due: datetime
    holds: datetime | None = None
    reserved: bool = False
    ended: datetime | None = None
    reason: str | None = None


class InHand(Model):
    """What one sender alone has in hand of a queue.

    Attributes:
        place: its place among all; of one turn, those with a lower one are sent before.
        claim: tells its batch from all others.
    """

    id: str
    place: int = 0
    claim: str

    @property
    def turn(self) -> str:
        """Within which order holds."""
        raise NotImplementedError


class Claimed(Delivery, InHand):
    """A delivery that one mailer alone has in hand."""

    @property
    def turn(self) -> str:
        """Order holds for each person."""
        return self.subscription


class Result(NamedTuple):
    """How an attempt ended, or that none was made.

    Attributes:
        attempts: 1 where it counts as one.
        deferrals: 1 where the server put this e-mail off.
        rest: how long it is not due.
        reserved: whether the time at which it is due again is its own.
    """

    claimed: Claimed
    state: DeliveryState
    reason: str | None = None
    attempts: int = 0
    deferrals: int = 0
    rest: timedelta = timedelta()
    reserved: bool = False


class Requeue(Model):
    """Which deliveries are to be queued again: those in a state, those that are named, or both."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": ["state"], "properties": {"state": {"type": "string"}}},
                {"required": ["ids"], "properties": {"ids": {"minItems": 1}}},
            ]
        }
    )

    state: Literal["failed", "unknown"] | None = None
    ids: Annotated[tuple[str, ...], Field(max_length=MOST_NAMED)] = ()

    @model_validator(mode="after")
    def _chosen(self) -> Self:
        if self.state is None and not self.ids:
            raise ValueError("say which: a state, or the ids of some")
        return self
