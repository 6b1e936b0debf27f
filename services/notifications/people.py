"""All that is kept of a person: to give it to them, and to forget it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from services.notifications.deliveries import UNPUBLISHED
from services.notifications.delivery import ENDED, DeliveryState, RecordedDetail
from services.notifications.domain import RECIPIENTS, Recipient
from services.notifications.queries import SUPPRESSED
from services.notifications.shown_delivery import ShownDelivery, ShownItem
from services.notifications.subscription import Subscription
from shared import mongo
from shared.cloudevents import derived_id
from shared.contracts.base import Model
from shared.contracts.notifications import RecipientErased, RecipientReleased
from shared.pipeline.outbound import to_itself
from shared.pipeline.tolerant import read_each

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.suppressions import Suppressions
    from shared.kafka.producer import Publisher

Document = dict[str, Any]
ERASED: Final = "the person was erased"
_MOST: Final = 10_000
"""Deliveries that are given to a person at most, the last first."""
_EMPTY: Final[Document] = {
    "headline": "",
    "details": [],
    "data": "",
    "dated": None,
    "emptied": True,
}
_LATE: Final = 30 * 24 * 3600 * 1_000_000
"""Microseconds between the queueing of an e-mail and its end, at most, or nearly so."""
_DUE: Final = [DeliveryState.QUEUED, DeliveryState.WAITING]


class KeptItem(ShownItem):
    """One event that an e-mail tells of, with what it says of it."""

    details: tuple[RecordedDetail, ...] = ()


class KeptDelivery(ShownDelivery):
    """An e-mail with all that it says."""

    details: tuple[RecordedDetail, ...] = ()
    items: tuple[KeptItem, ...] = ()


class Person(Model):
    """All that is kept of a person.

    Attributes:
        recipient: what came back of what was sent, and whether their address is written to.
        deliveries: what was sent, or is to be sent, the last first.
    """

    subscription: Subscription
    recipient: Recipient | None = None
    deliveries: tuple[KeptDelivery, ...] = ()


class People:
    """People, by their address.

    Args:
        database: with all that is kept of them.
        publisher: the way to Kafka.
        suppressions: what is known of addresses that nothing is sent to.
        clock: tells the time, aware, UTC.
    """

    def __init__(
        self,
        database: AsyncDatabase[Document],
        publisher: Publisher,
        suppressions: Suppressions,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._subscriptions = database["subscriptions"]
        self._deliveries = database["deliveries"]
        self._recipients = database[RECIPIENTS]
        self._publisher, self._clock = publisher, clock
        self._suppressions = suppressions
        self._emptied_to = 0

    async def find(self, address: str) -> str | None:
        """The subscription of an address, however it is written."""
        found = await self._subscriptions.find_one({"key": address.casefold()}, {"_id": 1})
        return str(found["_id"]) if found else None

    async def export(self, address: str) -> Person | None:
        """All that is kept of a person; None where that is nothing."""
        found = self._subscriptions.find({"key": address.casefold()})
        subscription = next(iter([one async for one in read_each(Subscription, found)]), None)
        if subscription is None:
            return None
        recipients = self._recipients.find({"_id": subscription.id})
        sent = self._deliveries.find({"subscription": subscription.id}).sort("place", -1)
        return Person(
            subscription=subscription,
            recipient=next(iter([one async for one in read_each(Recipient, recipients)]), None),
            deliveries=tuple([one async for one in read_each(KeptDelivery, sent.limit(_MOST))]),
        )

    async def erase(self, id_: str) -> bool:
        """Have a person forgotten, here and after each restore; says whether there was one.

        It is said first, and forgotten then: what is said is done even if we are stopped between.
        """
        if not await self._subscriptions.find_one({"_id": id_}, {"_id": 1}):
            return False
        await self._suppressions.remember(id_)
        erased = RecipientErased(subscription=id_)
        await self._publisher.send(
            [to_itself("notifications", erased, derived_id("recipient-erased", id_))]
        )
        await self.forget([id_])
        return True

    async def release(self, id_: str) -> bool:
        """Have an address written to again; says whether it was not."""
        found = await self._recipients.find_one({"_id": id_, **SUPPRESSED}, {"version": 1})
        if found is None:
            return False
        released = RecipientReleased(subscription=id_)
        said = to_itself("notifications", released, derived_id("release", id_, found["version"]))
        await self._publisher.send([said])
        return True

    async def forget(self, ids: Collection[str]) -> None:
        """Take away what is kept of people; that they were notified of something stays."""
        of_them = {"subscription": {"$in": list(ids)}}
        cancelled = {"state": DeliveryState.CANCELLED, "reason": ERASED, "ended": self._clock()}
        await self._set({**of_them, "state": {"$in": _DUE}}, {**cancelled, UNPUBLISHED: True})
        await self._empty(of_them)
        await mongo.retried(self._subscriptions.delete_many)({"_id": {"$in": list(ids)}})

    async def empty_old(self, keep: timedelta) -> None:
        """Empty deliveries that ended long ago; their ids stay, so that nothing is sent again."""
        until = int((self._clock() - keep).timestamp() * 1_000_000)
        queued = {"place": {"$gte": self._emptied_to - _LATE, "$lt": until}}
        for state in (*ENDED, DeliveryState.GATHERED):
            await self._empty({"state": state, **queued, "emptied": None})
        self._emptied_to = until

    async def _empty(self, which: Document) -> None:
        await self._set({**which, "items": {"$exists": True}}, {"items": []})
        await self._set(which, _EMPTY)

    @mongo.retried
    async def _set(self, which: Document, fields: Document) -> None:
        await self._deliveries.update_many(which, {"$set": fields})
