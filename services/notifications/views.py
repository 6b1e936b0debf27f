"""What notifications keeps: subscriptions (people's data, so never in events) and deliveries."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, Literal, NamedTuple

from pydantic import AfterValidator, EmailStr, Field
from pymongo import ASCENDING, InsertOne, ReturnDocument, UpdateMany
from pymongo.errors import ConnectionFailure, DuplicateKeyError
from tenacity import (
    retry,
    retry_if_exception_type,
    stop_after_delay,
    wait_exponential_jitter,
)

from services.notifications.domain import (
    ALL_SUBSCRIPTIONS,
    Interest,
    Interests,
    Notification,
    State,
)
from shared.contracts.base import Model, Slug, Text
from shared.contracts.notifications import Detail, EventKind
from shared.pipeline.snapshots import Document, Views, forward
from shared.web.paging import Page, page

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pymongo.asynchronous.database import AsyncDatabase


def _plain_address(address: str) -> str:
    return address.lower()


class NewSubscription(Model):
    """A person of the staff and what they want to be told; empty lists mean everything."""

    name: Text
    address: Annotated[EmailStr, Field(max_length=254), AfterValidator(_plain_address)]
    language: Literal["en"] = "en"
    regions: Annotated[tuple[Slug, ...], Field(max_length=50)] = ()
    kinds: Annotated[tuple[EventKind, ...], Field(max_length=50)] = ()


class Subscription(NewSubscription):
    """A subscription with its id, the only thing of it that events ever name."""

    id: str


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


class Delivery(Model):
    """One e-mail to one person about one event."""

    id: str
    subscription: str
    state: DeliveryState
    kind: EventKind
    about: Text
    coalition: Slug | None = None
    headline: Text
    details: tuple[Detail, ...] = ()
    attempts: int = 0
    due: datetime
    reason: str | None = None


class Begun(Delivery):
    """A delivery of which an attempt has begun; the claim tells its wave from all others."""

    claim: str


class Mark(NamedTuple):
    """How an attempt ended, and how long the delivery rests before it is due again."""

    begun: Begun
    state: DeliveryState
    reason: str | None
    rest: timedelta


_once_more: Final = retry(
    retry=retry_if_exception_type(ConnectionFailure),
    wait=wait_exponential_jitter(multiplier=0.1, max=1),
    stop=stop_after_delay(10),
    reraise=True,
)
"""Says a write again that the store did not answer; a new primary is chosen in less."""


class NotificationsViews(Views[State]):
    """Subscriptions, and the deliveries that follow from queued notifications."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        super().__init__(database, {"notifications": Notification})
        self._deliveries = database["deliveries"]
        self._subscriptions = database["subscriptions"]

    async def prepare(self) -> None:
        """Create the indexes."""
        await self._subscriptions.create_index("address", unique=True)
        await self._deliveries.create_index([("state", ASCENDING), ("due", ASCENDING)])

    # --- what the engine asks -----------------------------------------------------------

    async def load(self, streams: Iterable[str]) -> dict[str, tuple[int, State]]:
        """The notifications asked for, and the subscriptions as they are now."""
        wanted = set(streams)
        loaded = await super().load(wanted - {ALL_SUBSCRIPTIONS})
        if ALL_SUBSCRIPTIONS in wanted:
            loaded[ALL_SUBSCRIPTIONS] = (0, await self._interests())
        return loaded

    async def project(self, states: Mapping[str, tuple[int, State]]) -> None:
        """Create each delivery once, then the view that says that it was created."""
        queued = [state for _, state in states.values() if isinstance(state, Notification)]
        writes = [
            InsertOne(_delivery(notification, subscription))
            for notification in queued
            for subscription in notification.subscriptions
        ]
        if writes:
            await forward(self.database, "deliveries", writes)
        await super().project(states)

    async def _interests(self) -> Interests:
        found = self._subscriptions.find({}, {"id": 1, "regions": 1, "kinds": 1}).sort(
            "_id", ASCENDING
        )
        return Interests(all=tuple([Interest.model_validate(document) async for document in found]))

    # --- subscriptions ------------------------------------------------------------------

    async def subscribe(self, new: NewSubscription) -> tuple[Subscription, bool]:
        """Add a subscription, or change that of the same address; says whether it is new."""
        wanted, id_ = new.model_dump(mode="json"), str(uuid.uuid4())
        for _ in range(2):  # two that come at once: the one that loses finds the other's
            try:
                document = await self._subscriptions.find_one_and_update(
                    {"address": new.address},
                    {"$set": wanted, "$setOnInsert": {"_id": id_, "id": id_}},
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError:
                continue
            subscription = Subscription.model_validate(document)
            return subscription, subscription.id == id_
        msg = "two subscriptions for one address came at once, again and again"
        raise RuntimeError(msg)

    async def unsubscribe(self, id_: str) -> bool:
        """Forget a subscription and the person's data with it; says whether there was one."""
        return (await self._subscriptions.delete_one({"_id": id_})).deleted_count == 1

    async def subscribed(self, ids: Iterable[str]) -> dict[str, Subscription]:
        """Those of the subscriptions that there are, by id."""
        found = self._subscriptions.find({"_id": {"$in": sorted(set(ids))}})
        return {document["_id"]: Subscription.model_validate(document) async for document in found}

    async def subscriptions(self, after: str, limit: int) -> Page[Subscription]:
        """A page of the subscriptions, by id."""
        return await page(self._subscriptions, Subscription, {}, after, limit)

    # --- deliveries ---------------------------------------------------------------------

    async def deliveries(
        self, where: Mapping[str, str | None], after: str, limit: int
    ) -> Page[Delivery]:
        """A page of the deliveries, by id."""
        return await page(self._deliveries, Delivery, where, after, limit)

    async def delivery_counts(self) -> dict[str, int]:
        """How many deliveries are in each state."""
        groups = await self._deliveries.aggregate(
            [{"$group": {"_id": "$state", "count": {"$sum": 1}}}]
        )
        return {g["_id"]: g["count"] async for g in groups}

    async def due(self, now: datetime, limit: int) -> list[str]:
        """The ids of those that have been due longest; nobody has them in hand by that."""
        found = self._deliveries.find(_due(now), {"_id": 1}).sort("due", ASCENDING).limit(limit)
        return [document["_id"] async for document in found]

    async def begin(self, ids: Sequence[str], now: datetime, until: datetime) -> list[Begun]:
        """Say that an attempt begins, in one step for all that are still due.

        Nobody else gets those that are returned before the lease ends, `until`; what became of
        them is unknown then.
        """
        claim = str(uuid.uuid4())
        begun = {"state": DeliveryState.SENDING, "due": until, "claim": claim}
        where = {"_id": {"$in": list(ids)}, **_due(now)}
        await self._change(where, {"$set": begun, "$inc": {"attempts": 1}})
        # The claim tells what is ours: said again after a lost answer, the change counts nothing.
        ours = self._deliveries.find({"_id": where["_id"], "claim": claim})
        return [Begun.model_validate(document) async for document in ours]

    async def mark(self, marks: Iterable[Mark], now: datetime) -> None:
        """Say how attempts ended; what another process has begun since stays as it is.

        One that was given up as unknown meanwhile gets its true end.
        """
        alike: dict[tuple[str, DeliveryState, str | None, timedelta], list[str]] = defaultdict(list)
        for begun, state, reason, rest in marks:
            alike[begun.claim, state, reason, rest].append(begun.id)
        writes = [
            UpdateMany(
                {"_id": {"$in": ids}, "claim": claim},
                {"$set": {"state": state, "reason": reason, "due": now + rest}},
            )
            for (claim, state, reason, rest), ids in alike.items()
        ]
        if writes:
            await self._mark(writes)

    async def release(self, begun: Sequence[Begun], now: datetime) -> None:
        """Give back what was begun and never handed over: nobody has attempted it."""
        if not begun:
            return
        ids, claims = [b.id for b in begun], list({b.claim for b in begun})
        given_up = [DeliveryState.SENDING, DeliveryState.UNKNOWN]
        held = {"_id": {"$in": ids}, "claim": {"$in": claims}, "state": {"$in": given_up}}
        queued = {"state": DeliveryState.QUEUED, "reason": None, "due": now}
        await self._change(held, {"$set": queued, "$inc": {"attempts": -1}})

    async def lapse(self, now: datetime, state: DeliveryState) -> int:
        """Give up attempts whose lease has ended, since their process died; returns how many."""
        reason = "the worker stopped while it was sending"
        return await self._change(
            {"state": DeliveryState.SENDING, "due": {"$lte": now}},
            {"$set": {"state": state, "reason": reason, "due": now}},
        )

    @_once_more
    async def _change(self, where: Document, change: Document) -> int:
        by_id = "_id_" if "_id" in where else None
        return (await self._deliveries.update_many(where, change, hint=by_id)).modified_count

    @_once_more
    async def _mark(self, writes: Sequence[UpdateMany]) -> None:
        await self._deliveries.bulk_write(writes, ordered=False)


def _due(now: datetime) -> Document:
    return {"state": DeliveryState.QUEUED, "due": {"$lte": now}}


def _delivery(notification: Notification, subscription: str) -> Document:
    id_ = f"{notification.id}.{subscription}"
    queued = notification.queued
    return {
        "_id": id_,
        "id": id_,
        "subscription": subscription,
        "state": DeliveryState.QUEUED.value,
        "kind": queued.kind,
        "about": queued.about,
        "coalition": queued.coalition,
        "headline": queued.headline,
        "details": [detail.model_dump() for detail in queued.details],
        "attempts": 0,
        "due": datetime.fromisoformat("1970-01-01T00:00:00+00:00"),
    }
