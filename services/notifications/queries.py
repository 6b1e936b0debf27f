"""What people ask notifications: who is notified of what, and what became of the e-mails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from pymongo import DESCENDING

from services.notifications.delivery import Delivery, DeliveryState
from services.notifications.domain import RECIPIENTS, Recipient
from services.notifications.shown_delivery import ShownDelivery
from services.notifications.subscription import Subscription
from shared.pipeline.tolerant import read_each
from shared.web.paging import Page, page

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase

    from shared.pipeline.snapshots import Document

_OF_A_PERSON: Final = [
    state
    for state in DeliveryState
    if state not in {DeliveryState.GATHERED, DeliveryState.CANCELLED}
]


SUPPRESSED: Final[Mapping[str, Any]] = {"suppressed": {"$gt": ""}}
INDEXES: Final[Mapping[str, Sequence[tuple[str, ...]]]] = {
    RECIPIENTS: (("suppressed", "_id"), ("distrusted",))
}


class NotificationsQueries:
    """Subscriptions and deliveries."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._subscriptions = database["subscriptions"]
        self._deliveries = database["deliveries"]
        self._recipients = database[RECIPIENTS]

    async def subscriptions(self, after: str, limit: int) -> Page[Subscription]:
        """A page of the subscriptions, by id."""
        return await page(self._subscriptions, Subscription, {}, after, limit)

    async def deliveries(
        self, where: Mapping[str, str | None], after: str, limit: int
    ) -> Page[ShownDelivery]:
        """A page of the deliveries, by id."""
        return await page(self._deliveries, ShownDelivery, where, after, limit)

    async def suppressed(self, after: str, limit: int) -> Page[Recipient]:
        """A page of those whose address is written to no more, by id."""
        return await page(self._recipients, Recipient, SUPPRESSED, after, limit)

    async def sent_to(self, subscription: str, limit: int) -> list[Delivery]:
        """What somebody was sent, or will be, the last first; of a digest the whole alone."""
        where = {"subscription": subscription, "state": {"$in": _OF_A_PERSON}}
        found = self._deliveries.find(where).sort("decided", DESCENDING).limit(limit)
        return [one async for one in read_each(Delivery, found)]

    async def counts(self) -> dict[DeliveryState, int]:
        """How many deliveries are in each state; those in which some are."""
        groups = await self._deliveries.aggregate(
            [{"$group": {"_id": "$state", "count": {"$sum": 1}}}]
        )
        return {DeliveryState(group["_id"]): group["count"] async for group in groups}
