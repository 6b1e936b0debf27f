"""The e-mails that are to be sent, each known by its event and subscription, and how they ended."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import to_json
from pymongo import ASCENDING, InsertOne, UpdateMany

from services.notifications.delivery import LONG_AGO, MANY, Claimed, DeliveryState
from shared import mongo
from shared.pipeline.tolerant import read_all

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.delivery import Requeue, Result
    from shared.contracts.notifications import NotificationQueued

Document = dict[str, Any]
_AT_ONCE: Final = 1000
"""Deliveries in one change at most; more in one would keep the store from all else."""
_BY_ID: Final = "_id_"
"""The index that finds what is named; the other one would walk through all of a state."""


class Deliveries:
    """The queue of e-mails in the service's store, which any number of mailers work on."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._collection = database["deliveries"]

    async def prepare(self) -> None:
        """Create the index by which what is due is found."""
        await self._collection.create_index([("state", ASCENDING), ("due", ASCENDING)])

    async def queue(
        self, notifications: Sequence[NotificationQueued], doubt: str = ""
    ) -> Collection[str]:
        """Create a delivery for each who is told, those there are once.

        Args:
            notifications: who is told of what.
            doubt: why they may have been sent before; then they are not sent.

        Returns:
            the subscriptions of those for whom there are many: theirs wait to be gathered.
        """
        many = _many(notifications)
        found = (one for queued in notifications for one in _deliveries(queued, doubt, many))
        while part := [InsertOne(document) for document in islice(found, _AT_ONCE)]:
            await mongo.bulk_write(self._collection, part)
        return many

    async def claim(self, limit: int, now: datetime, until: datetime) -> list[Claimed]:
        """Take those that have been due longest, in one step for all of them.

        Nobody else gets them before the lease ends, `until`; what became of them is unknown then.
        """
        claim = str(uuid.uuid4())
        due = {"state": DeliveryState.QUEUED, "due": {"$lte": now}}
        taken = {"state": DeliveryState.SENDING, "due": until, "claim": claim}
        while found := await self._find(due, limit):
            which = {"_id": {"$in": [document["_id"] for document in found]}}
            if await self._update({**which, **due}, {"$set": taken}) != len(found):
                # Others were quicker with some, or the change was repeated: the claim tells.
                found = await self._find({**which, "claim": claim}, limit)
            if found:
                claimed, _ = read_all(Claimed, ({**document, **taken} for document in found))
                return claimed
        return []

    async def record(self, results: Iterable[Result], now: datetime) -> None:
        """Say how attempts ended; what another mailer has claimed since stays as it is.

        One that was given up as unknown meanwhile gets its true end.
        """
        alike: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        for claimed, state, reason, attempts, deferrals, rest in results:
            counts = claimed.attempts + attempts, claimed.deferrals + deferrals
            alike[claimed.claim, state, reason, *counts, now + rest].append(claimed.id)
        fields = ("state", "reason", "attempts", "deferrals", "due")
        writes = [
            UpdateMany(
                {"_id": {"$in": ids}, "claim": claim},
                {"$set": dict(zip(fields, values, strict=True))},
                hint=_BY_ID,
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
        again = {"reason": None, "deferrals": 0, "due": now}
        queued = {"$set": {**again, "state": DeliveryState.QUEUED}}
        waiting = {"$set": {**again, "state": DeliveryState.WAITING}}
        is_for_digest = {"how": {"$in": ["daily", "weekly"]}, "items": None}
        return await self._update({**where, **is_for_digest}, waiting) + await self._update(
            where, queued
        )

    async def _find(self, where: Document, limit: int) -> list[Document]:
        """Those that have been due longest."""
        found = self._collection.find(where).sort("due", ASCENDING).limit(limit)
        return await found.to_list()

    @mongo.retried
    async def _update(self, where: Document, change: Document) -> int:
        """Change all that are so; says how many were not yet changed by an earlier try."""
        hint = _BY_ID if "_id" in where else None
        return (await self._collection.update_many(where, change, hint=hint)).modified_count


def _many(notifications: Sequence[NotificationQueued]) -> Collection[str]:
    """The subscriptions that are told of many things at once."""
    if len(notifications) < MANY:
        return ()
    counts = Counter(
        one
        for queued in notifications
        for told in queued.recipients
        if told.how == "at once"
        for one in told.subscriptions
    )
    return {one for one, count in counts.items() if count >= MANY}


def _deliveries(
    queued: NotificationQueued, doubt: str, many: Collection[str]
) -> Iterator[Document]:
    """A document for each who is told."""
    notice = {
        "notification": queued.notification,
        "kind": queued.kind,
        "about": queued.about,
        "coalition": queued.coalition,
        "event_type": queued.event_type,
        "data": to_json(queued.data).decode() if queued.data else "",
        "dated": queued.dated,
        "decided": queued.decided,
        "urgency": queued.urgency,
        "headline": queued.headline,
        "details": [detail.model_dump() for detail in queued.details],
    }
    for told in queued.recipients:
        alike = {
            **notice,
            "how": told.how,
            "rule": told.rule,
            "due": told.due or LONG_AGO,
            "attempts": 0,
            **({"reason": doubt} if doubt else {}),
        }
        for one in told.subscriptions:
            id_ = f"{queued.notification}.{one}"
            waits = told.how != "at once" or one in many
            state = DeliveryState.WAITING if waits else DeliveryState.QUEUED
            state = DeliveryState.UNKNOWN if doubt else state
            yield {"_id": id_, "id": id_, "subscription": one, "state": state.value, **alike}
