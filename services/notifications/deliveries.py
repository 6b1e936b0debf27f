"""The e-mails that are to be sent, each known by its event and subscription, and how they ended."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import to_json
from pymongo import ASCENDING, InsertOne, UpdateMany

from services.notifications.claims import BY_ID, Queue
from services.notifications.delivery import ENDED, HOLD, LONG_AGO, MANY, Claimed, DeliveryState
from services.notifications.domain.calendars import occasion_of
from services.notifications.places import Places
from shared import mongo

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.delivery import Requeue, Result
    from services.notifications.domain.calendars import Occasion
    from shared.contracts.notifications import NotificationQueued
    from shared.tracing.context import TraceContext

Document = dict[str, Any]
_AT_ONCE: Final = 1000
"""Deliveries in one change at most; more in one would keep the store from all else."""
INDEX: Final = ("state", "place", "due", "subscription")
"""The fields of the other index."""
UNPUBLISHED: Final = "unpublished"
"""The field of those of which it is not published yet how they ended: true, or a batch's name."""


def queue_of(database: AsyncDatabase[Document]) -> Queue[Claimed]:
    """The queue of e-mails, as mailers claim from it: of each person in order."""
    return Queue(database["deliveries"], Claimed, "subscription", gives_up=True)


class Deliveries:
    """The queue of e-mails in the service's store, which any number of mailers work on."""

    def __init__(
        self, database: AsyncDatabase[Document], now: Callable[[], int] = time.time_ns
    ) -> None:
        self._collection = database["deliveries"]
        self._places = Places(now)

    async def prepare(self) -> None:
        """Create the indexes by which what is due is found, and what somebody was sent."""
        both = (INDEX, ("subscription", "state", "decided"))
        await mongo.index(self._collection, *([(f, ASCENDING) for f in fields] for fields in both))

    async def queue(
        self,
        notifications: Sequence[NotificationQueued],
        doubt: str = "",
        occasions: Mapping[str, Occasion] = MappingProxyType({}),
        traces: Mapping[str, TraceContext] = MappingProxyType({}),
    ) -> Collection[str]:
        """Create a delivery for each who is told, those there are once.

        Args:
            notifications: who is told of what, in the order in which it was decided.
            doubt: why they may have been sent before; then they are not sent.
            occasions: what calendars show of it, by id.
            traces: the contexts in which it stands, by notification.

        Returns:
            the subscriptions of those for whom there are many: theirs wait to be gathered.
        """
        many = _many(notifications)
        found = (
            one
            for place, queued in self._places.of(notifications)
            for one in _deliveries(queued, place, doubt, many, _beside(queued, occasions, traces))
        )
        while part := [InsertOne(document) for document in islice(found, _AT_ONCE)]:
            await mongo.bulk_write(self._collection, part)
        return many

    async def record(self, results: Iterable[Result], now: datetime) -> None:
        """Say how attempts ended; what another mailer has claimed since stays as it is.

        One that was given up as unknown meanwhile gets its true end.
        """
        alike: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        for result in results:
            alike[result.claimed.claim, *_recorded(result, now)].append(result.claimed.id)
        fields = ("state", "reason", "attempts", "deferrals", "due", "holds", "reserved")
        writes = [
            UpdateMany(
                {"_id": {"$in": ids}, "claim": claim},
                {"$set": {**dict(zip(fields, values, strict=True)), **ended(values[0], now)}},
                hint=BY_ID,
            )
            for (claim, *values), ids in alike.items()
        ]
        if writes:
            await mongo.bulk_write(self._collection, writes)

    async def expire(self, now: datetime, state: DeliveryState) -> None:
        """Give up attempts whose lease has ended, since their process died."""
        reason = "the process stopped while it was sending"
        fields = {"state": state, "reason": reason, "due": now, "holds": now, **ended(state, now)}
        change = {"$set": fields, "$inc": {"attempts": 1}}
        await self._update({"state": DeliveryState.SENDING, "due": {"$lte": now}}, change)

    async def requeue(self, which: Requeue, now: datetime) -> int:
        """Queue some again that ended without being sent for certain; returns how many."""
        states = [which.state] if which.state else [DeliveryState.FAILED, DeliveryState.UNKNOWN]
        where: Document = {"state": {"$in": states}, "due": {"$lte": now}, "emptied": None}
        if which.ids:
            where["_id"] = {"$in": list(which.ids)}
        again = {"reason": None, "deferrals": 0, "due": now, "holds": None, "ended": None}
        queued = {"$set": {**again, "state": DeliveryState.QUEUED}}
        waiting = {"$set": {**again, "state": DeliveryState.WAITING}}
        is_for_digest = {"how": {"$in": ["daily", "weekly"]}, "items": None}
        return await self._update({**where, **is_for_digest}, waiting) + await self._update(
            where, queued
        )

    @mongo.retried
    async def _update(self, where: Document, change: Document) -> int:
        """Change all that are so; says how many were not yet changed by an earlier try."""
        hint = BY_ID if "_id" in where else None
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


def _recorded(result: Result, now: datetime) -> tuple[Any, ...]:
    """What is written of a result, and of all that have the same."""
    claimed, due = result.claimed, now + result.rest
    counts = claimed.attempts + result.attempts, claimed.deferrals + result.deferrals
    holds = claimed.holds
    if result.deferrals:
        holds = holds if claimed.deferrals else now + HOLD
    elif result.state is DeliveryState.QUEUED:
        # Also where it is due at once: by the clock of another mailer that may yet be to come.
        holds = max(holds or due, due)
    return result.state, result.reason, *counts, due, holds, result.reserved


def ended(state: DeliveryState, now: datetime) -> Document:
    """What is noted besides of one that has ended: when, and that it is to be published."""
    return {"ended": now, UNPUBLISHED: True} if state in ENDED else {"ended": None}


def _beside(
    queued: NotificationQueued,
    occasions: Mapping[str, Occasion],
    traces: Mapping[str, TraceContext],
) -> Document:
    """What a delivery has besides what was queued: an occasion, and its trace context."""
    occasion = occasions.get(occasion_of(queued.event_type, queued.about, queued.data) or "")
    trace = traces.get(queued.notification)
    return {
        **({"occasion": occasion.model_dump(mode="json")} if occasion else {}),
        **(trace.fields() if trace else {}),
    }


def _deliveries(
    queued: NotificationQueued,
    place: int,
    doubt: str,
    many: Collection[str],
    beside: Document,
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
        **beside,
    }
    for told in queued.recipients:
        alike = {
            **notice,
            "how": told.how,
            "rule": told.rule,
            "due": told.due or LONG_AGO,
            "place": place,
            "attempts": 0,
            **({"reason": doubt} if doubt else {}),
        }
        for one in told.subscriptions:
            id_ = f"{queued.notification}.{one}"
            waits = told.how != "at once" or one in many
            state = DeliveryState.WAITING if waits else DeliveryState.QUEUED
            state = DeliveryState.UNKNOWN if doubt else state
            yield {"_id": id_, "id": id_, "subscription": one, "state": state.value, **alike}
