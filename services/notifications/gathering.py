"""One e-mail for many events: what waits for a person, and what tells of it.

A digest is decided in the journal, which lists what it tells of. What is told at once is gathered
here, where much of it comes at a time: each delivery is marked alone, and by its marks it is known
of which e-mail it is a part, whoever was stopped or frozen in between.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from pymongo import ASCENDING, InsertOne, UpdateMany

from services.notifications.deliveries import ended
from services.notifications.delivery import LONG_AGO, MANY, DeliveryState, Notice
from services.notifications.domain import DIGESTS, Item, Waiting
from shared import mongo
from shared.contracts.notifications import MAX_IN_DIGEST
from shared.domain.stream import Stream
from shared.pipeline.projections import NO_TRACES
from shared.pipeline.tolerant import read_each

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.contracts.notifications import DigestQueued
    from shared.tracing.context import TraceContext

Document = dict[str, Any]
_LATER: Final = ("daily", "weekly")
_WAITS: Final = {"state": DeliveryState.WAITING.value}
_ITEM: Final = {"_id": 0, "notification": 1, "how": 1, "decided": 1}
_FIELDS: Final = dict.fromkeys(Notice.model_fields, 1)
_MOST_BYTES: Final = 4 * 1024 * 1024
"""Of what a digest tells; behind that the headlines have to do."""


class Gathering:
    """Those of the deliveries that are told of in another e-mail than one of their own."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._deliveries = database["deliveries"]

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        fields = [(field, ASCENDING) for field in ("state", "how", "subscription", "decided")]
        await mongo.index(self._deliveries, fields, partialFilterExpression=_WAITS)
        await mongo.index(self._deliveries, "digest", sparse=True)

    # --- digests -------------------------------------------------------------------------

    async def waiting(self, subscriptions: Collection[str]) -> Mapping[str, Waiting]:
        """What waits for the digests of some people."""
        return {one: Waiting(items=await self._items(one)) for one in subscriptions}

    async def _items(self, subscription: str) -> tuple[Item, ...]:
        """Of each kind by itself: however much waits for one, the other is not behind it."""
        items: list[Item] = []
        for how in _LATER:
            where = {**_waiting(how), "subscription": subscription}
            found = self._deliveries.find(where, _ITEM).sort("decided", ASCENDING)
            # Twice as many: those of the last digest may not be marked yet.
            items += [one async for one in read_each(Item, found.limit(2 * MAX_IN_DIGEST))]
        return tuple(sorted(items, key=lambda item: item.decided))

    async def longest(self) -> AsyncIterator[tuple[str, str, datetime]]:
        """Since when something waits, for each person and kind of digest."""
        grouped = {"_id": "$subscription", "since": {"$min": "$decided"}}
        for how in _LATER:
            steps = [{"$match": _waiting(how)}, {"$group": grouped}]
            async for one in await self._deliveries.aggregate(steps):
                yield one["_id"], how, one["since"]

    async def queue(
        self,
        digests: Iterable[DigestQueued],
        doubt: str = "",
        traces: Mapping[Stream, TraceContext] = NO_TRACES,
    ) -> None:
        """Create the e-mail of each digest, once, and mark what it tells of."""
        for digest in digests:
            ids = [f"{one}.{digest.subscription}" for one in digest.notifications]
            told = await self._deliveries.find(
                {"_id": {"$in": ids}}, {"_id": 0, "place": 1, **_FIELDS}
            ).to_list()
            if not told:
                continue
            about = {"notification": digest.digest, "subscription": digest.subscription}
            if trace := traces.get(Stream(DIGESTS, digest.subject)):
                about |= trace.fields()
            email = _email(about, told, digest.frequency, digest.due)
            if doubt:
                email |= {"state": DeliveryState.UNKNOWN.value, "reason": doubt}
            await mongo.bulk_write(self._deliveries, [InsertOne({**email, "dated": digest.date})])
            of_it = {"_id": {"$in": ids}, "state": DeliveryState.WAITING}
            marks = {"state": DeliveryState.GATHERED, "digest": email["_id"]}
            await mongo.bulk_write(self._deliveries, [UpdateMany(of_it, {"$set": marks})])

    async def cancel(self, subscription: str, now: datetime) -> None:
        """Tell somebody nothing of what waits for them: the subscription is gone."""
        of_it = {"subscription": subscription, "state": DeliveryState.WAITING}
        why = {"reason": "the subscription is gone", **ended(DeliveryState.CANCELLED, now)}
        change = {"state": DeliveryState.CANCELLED, **why}
        await mongo.bulk_write(self._deliveries, [UpdateMany(of_it, {"$set": change})])

    # --- many at once --------------------------------------------------------------------

    async def gather(self, subscriptions: Collection[str] | None = None) -> None:
        """Have many that are due at one time for one person told in one e-mail.

        Args:
            subscriptions: whose; None for all.
        """
        queued: Document = {"state": DeliveryState.QUEUED, "how": "at once", "items": None}
        if subscriptions is not None:
            queued["subscription"] = {"$in": list(subscriptions)}
        key = {"of": "$subscription", "due": "$due"}
        grouped = {"_id": key, "count": {"$sum": 1}}
        steps = [{"$match": queued}, {"$group": grouped}, {"$match": {"count": {"$gte": MANY}}}]
        found = await (await self._deliveries.aggregate(steps)).to_list()
        for one in found:
            those = {"subscription": one["_id"]["of"], "due": one["_id"]["due"]}
            await self._mark({**queued, **those})
        # What was queued together was never there to be sent alone; and what was begun is finished.
        alone = _waiting("at once")
        if subscriptions is not None:
            alone["subscription"] = {"$in": list(subscriptions)}
        for person in await self._deliveries.distinct("subscription", {**alone, "digest": None}):
            for due in await self._deliveries.distinct("due", {**alone, "subscription": person}):
                await self._mark({**alone, "digest": None, "subscription": person, "due": due})
        for digest in await self._deliveries.distinct("digest", {**alone, "digest": {"$ne": None}}):
            await self._settle(digest)

    async def _mark(self, where: Document) -> None:
        digest = str(uuid.uuid4())
        marks = {"state": DeliveryState.WAITING, "digest": digest}
        await self._deliveries.update_many(where, {"$set": marks})
        await self._settle(digest)

    async def _settle(self, digest: str) -> None:
        """Make one e-mail of those that bear its mark; who comes too late goes alone.

        Whatever another process does meanwhile: the e-mail is created once, and what it tells of is
        what it says.
        """
        marked = {"digest": digest, "state": DeliveryState.WAITING}
        told = await self._deliveries.find(marked).sort("decided", ASCENDING).to_list(MAX_IN_DIGEST)
        if not told:
            return
        about = {"notification": digest, "subscription": told[0]["subscription"]}
        email = _email(about, told, "at once", told[0]["due"])
        email["tells"] = [one["_id"] for one in told]
        await mongo.bulk_write(self._deliveries, [InsertOne(email)])
        there = await self._deliveries.find_one({"_id": email["_id"]}, {"tells": 1}) or {}
        in_it, late = {"$in": there["tells"]}, {"$nin": there["tells"]}
        gathered = {"$set": {"state": DeliveryState.GATHERED, "digest": email["_id"]}}
        alone = {"$set": {"state": DeliveryState.QUEUED}, "$unset": {"digest": ""}}
        writes = [
            UpdateMany({**marked, "_id": in_it}, gathered),
            UpdateMany({**marked, "_id": late}, alone),
        ]
        await mongo.bulk_write(self._deliveries, writes)


def _waiting(how: str) -> Document:
    """What tells of many never waits: so all of it can be read off the index."""
    return {**_WAITS, "how": how}


def _email(about: Document, told: Sequence[Document], how: str, due: datetime) -> Document:
    """An e-mail that tells of many; its headline is for the record, people read what it tells."""
    id_ = f"{about['notification']}.{about['subscription']}"
    return {
        "_id": id_,
        "id": id_,
        **about,
        "kind": "Digest",
        "about": "",
        "headline": f"What changed: {len(told)}",
        "details": [],
        "items": _fitting(told),
        "how": how,
        "decided": max((one["decided"] for one in told), default=LONG_AGO),
        "due": due,
        "place": max((one.get("place") or 0 for one in told), default=0),
        "state": DeliveryState.QUEUED.value,
        "attempts": 0,
    }


def _fitting(told: Sequence[Document]) -> list[Document]:
    """What a digest tells of; where it is too much for one document, the rest in headlines."""
    left, items = _MOST_BYTES, []
    for one in told:
        item = {name: one[name] for name in _FIELDS if name in one}
        left -= len(str(item))
        items.append(item if left > 0 else {**item, "data": "", "details": []})
    return items
