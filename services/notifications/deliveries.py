"""The e-mails that are to be sent, each known by its event and subscription, and how they ended."""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NamedTuple, Self

from pydantic import ConfigDict, Field, model_validator
from pymongo import ASCENDING, InsertOne, UpdateMany

from shared import mongo
from shared.contracts.base import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.domain import Notification

Document = dict[str, Any]
_AT_ONCE: Final = 1000
"""Deliveries in one change at most; more in one would keep the store from all else."""
BY_ID: Final = "_id_"
"""The index that finds what is named; the other one would walk through all of a state."""
INDEX: Final = ("state", "place", "due", "subscription")
"""The fields of the other index."""
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
HOLD: Final = timedelta(hours=1)
"""How long an e-mail that is put off keeps later ones of the same person waiting at most."""


class DeliveryState(StrEnum):
    """Where an e-mail stands.

    `unknown`: the connection broke after the message had been handed over, so nobody knows
    whether it was sent; the setting `mail_unknown` says what follows.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


class Detail(Model):
    """One line of an e-mail: a label and a text."""

    label: str
    text: str


class Delivery(Model):
    """One e-mail to one person about one event, read without the contracts' bounds.

    Attributes:
        attempts: how often the server answered about this e-mail, or may have taken it.
        deferrals: how often the server put it off since it was queued.
        place: its place among all; of one person's, those with a lower one are sent before.
        due: not before then; while it is being sent, the end of the lease.
        holds: until then it keeps later ones of the same person waiting, where it was put off.
        reason: why it is where it is.
    """

    id: str
    subscription: str
    state: DeliveryState
    kind: str
    about: str
    coalition: str | None = None
    headline: str
    details: tuple[Detail, ...] = ()
    attempts: int = 0
    deferrals: int = 0
    place: int = 0
    due: datetime
    holds: datetime | None = None
    reason: str | None = None


class Claimed(Delivery):
    """A delivery that one mailer alone has in hand; the claim tells its batch from all others."""

    claim: str


class Result(NamedTuple):
    """How an attempt ended, or that none was made.

    Attributes:
        attempts: 1 where it counts as one.
        deferrals: 1 where the server put this e-mail off.
        rest: how long it is not due.
    """

    claimed: Claimed
    state: DeliveryState
    reason: str | None = None
    attempts: int = 0
    deferrals: int = 0
    rest: timedelta = timedelta()


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
    ids: Annotated[tuple[str, ...], Field(max_length=_AT_ONCE)] = ()

    @model_validator(mode="after")
    def _chosen(self) -> Self:
        if self.state is None and not self.ids:
            raise ValueError("say which: a state, or the ids of some")
        return self


class Deliveries:
    """The queue of e-mails in the service's store, which any number of mailers work on."""

    def __init__(
        self, database: AsyncDatabase[Document], now: Callable[[], int] = time.time_ns
    ) -> None:
        self._collection = database["deliveries"]
        self._now, self._place = now, 0

    async def prepare(self) -> None:
        """Create the index by which what is due is found."""
        await self._collection.create_index([(field, ASCENDING) for field in INDEX])

    async def queue(self, notifications: Iterable[Notification], doubt: str = "") -> None:
        """Create a delivery for each subscription of each notification, those there are once.

        Args:
            notifications: of what, in their order.
            doubt: why they may have been sent before; then they are not sent.
        """
        writes = (
            InsertOne(_delivery(notification, subscription, place, doubt))
            for place, notification in self._placed(notifications)
            for subscription in notification.subscriptions
        )
        while part := list(islice(writes, _AT_ONCE)):
            await mongo.bulk_write(self._collection, part)

    def _placed(self, notifications: Iterable[Notification]) -> Iterator[tuple[int, Notification]]:
        """Each with its place among all: microseconds, and after the one before it."""
        for notification in notifications:
            self._place = max(self._place + 1, self._now() // 1000)
            yield self._place, notification

    async def record(self, results: Iterable[Result], now: datetime) -> None:
        """Say how attempts ended; what another mailer has claimed since stays as it is.

        One that was given up as unknown meanwhile gets its true end.
        """
        alike: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        for claimed, state, reason, attempts, deferrals, rest in results:
            counts = claimed.attempts + attempts, claimed.deferrals + deferrals
            holds = claimed.holds or (now + HOLD if rest else None)
            alike[claimed.claim, state, reason, *counts, now + rest, holds].append(claimed.id)
        fields = ("state", "reason", "attempts", "deferrals", "due", "holds")
        writes = [
            UpdateMany(
                {"_id": {"$in": ids}, "claim": claim},
                {"$set": dict(zip(fields, values, strict=True))},
                hint=BY_ID,
            )
            for (claim, *values), ids in alike.items()
        ]
        if writes:
            await mongo.bulk_write(self._collection, writes)

    async def expire(self, now: datetime, state: DeliveryState) -> None:
        """Give up attempts whose lease has ended, since their process died."""
        reason = "the process stopped while it was sending"
        change = {"$set": {"state": state, "reason": reason, "due": now}, "$inc": {"attempts": 1}}
        await self._update({"state": DeliveryState.SENDING, "due": {"$lte": now}}, change)

    async def requeue(self, which: Requeue, now: datetime) -> int:
        """Queue some again that ended without being sent for certain; returns how many."""
        states = [which.state] if which.state else [DeliveryState.FAILED, DeliveryState.UNKNOWN]
        where: Document = {"state": {"$in": states}, "due": {"$lte": now}}
        if which.ids:
            where["_id"] = {"$in": list(which.ids)}
        again = {"state": DeliveryState.QUEUED, "reason": None, "deferrals": 0, "holds": None}
        return await self._update(where, {"$set": {**again, "due": now}})

    @mongo.retried
    async def _update(self, where: Document, change: Document) -> int:
        """Change all that are so; says how many were not yet changed by an earlier try."""
        hint = BY_ID if "_id" in where else None
        return (await self._collection.update_many(where, change, hint=hint)).modified_count


def _delivery(notification: Notification, subscription: str, place: int, doubt: str) -> Document:
    id_ = f"{notification.id}.{subscription}"
    queued = notification.queued
    return {
        "_id": id_,
        "id": id_,
        "subscription": subscription,
        "state": (DeliveryState.UNKNOWN if doubt else DeliveryState.QUEUED).value,
        "kind": queued.kind,
        "about": queued.about,
        "coalition": queued.coalition,
        "headline": queued.headline,
        "details": [detail.model_dump() for detail in queued.details],
        "attempts": 0,
        "place": place,
        "due": _LONG_AGO,
        **({"reason": doubt} if doubt else {}),
    }
