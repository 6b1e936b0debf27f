"""A mailer's claims: what it has in hand, of each person only what comes next."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from pymongo import ASCENDING

from services.notifications import outcomes
from services.notifications.deliveries import BY_ID
from services.notifications.delivery import Claimed, DeliveryState
from shared import mongo
from shared.pipeline.tolerant import read_all

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.delivery import Result

Document = dict[str, Any]


class Taken(NamedTuple):
    """What a mailer took.

    Attributes:
        claimed: to be sent, those of one person one after the other.
        waiting: to be given back, since an earlier one to the same person is not sent yet.
    """

    claimed: list[Claimed]
    waiting: list[Result]


class Claims:
    """The claims of one mailer.

    Args:
        database: of the deliveries.
        mailer: its name, which no other has.
    """

    def __init__(self, database: AsyncDatabase[Document], mailer: str | None = None) -> None:
        self._collection = database["deliveries"]
        self._mailer = mailer or uuid.uuid4().hex
        self._has_company = False

    async def take(self, limit: int, now: datetime, until: datetime) -> Taken:
        """Take the first of those that are due, in one step for all of them.

        Nobody else gets them before the lease ends, `until`; what became of them is unknown then.
        """
        claim = f"{self._mailer}/{uuid.uuid4()}"
        due: Document = {"state": DeliveryState.QUEUED, "due": {"$lte": now}}
        taken = {"state": DeliveryState.SENDING, "due": until, "claim": claim}
        if self._has_company:
            due["subscription"] = {"$nin": await self._with_others()}
        while found := await self._find(due, limit):
            which = {"_id": {"$in": [document["_id"] for document in found]}}
            if await self._take({**which, **due}, {"$set": taken}) != len(found):
                # Others were quicker with some, or the change was repeated: the claim tells.
                found = await self._find({**which, "claim": claim}, limit)
            if found:
                claimed, _ = read_all(Claimed, ({**document, **taken} for document in found))
                return await self._in_order(claimed, now)
        return Taken([], [])

    async def _in_order(self, claimed: list[Claimed], now: datetime) -> Taken:
        """Leave out what an earlier one to the same person comes before.

        It is looked at after the claim is written. So of two mailers that take from one person at
        the same time at least one sees it, and the one with the earliest goes on.
        """
        earlier = await self._earlier(claimed)
        self._has_company = any(one["state"] == DeliveryState.SENDING for one in earlier)
        by_person = defaultdict(list)
        for one in earlier:
            if (until := _holds(one, now)) is not None:
                by_person[one["subscription"]].append((one["place"], until))
        taken = Taken([], [])
        for mine in sorted(claimed, key=lambda one: one.place):
            waits = [until for place, until in by_person[mine.subscription] if place < mine.place]
            if waits:
                rest = max(max(waits) - now, timedelta())
                taken.waiting.append(outcomes.waiting(mine, rest))
            else:
                taken.claimed.append(mine)
        return taken

    async def _earlier(self, claimed: list[Claimed]) -> list[Document]:
        """What is not sent yet, and not in our hands, from before the last of these."""
        if not claimed:
            return []
        persons = {"subscription": {"$in": sorted({one.subscription for one in claimed})}}
        before = {"place": {"$lt": max(one.place for one in claimed)}, **persons}
        fields = dict.fromkeys(("state", "subscription", "place", "due", "holds", "claim"), 1)
        found: list[Document] = []
        # One that is given back meanwhile goes from one end of the index to another, where a single
        # read could miss it.
        for state in (DeliveryState.SENDING, DeliveryState.QUEUED, DeliveryState.SENDING):
            found += await self._collection.find({"state": state, **before}, fields).to_list()
        return [one for one in found if not self._is_mine(one)]

    async def _with_others(self) -> list[str]:
        """The persons to whom other mailers write."""
        found = self._collection.find(
            {"state": DeliveryState.SENDING}, {"subscription": 1, "state": 1, "claim": 1}
        )
        others = {one["subscription"] async for one in found if not self._is_mine(one)}
        self._has_company = bool(others)
        return sorted(others)

    def _is_mine(self, one: Mapping[str, Any]) -> bool:
        sending = one["state"] == DeliveryState.SENDING
        return sending and str(one.get("claim")).startswith(f"{self._mailer}/")

    async def _find(self, where: Document, limit: int) -> list[Document]:
        """The first of those that are so."""
        found = self._collection.find(where).sort("place", ASCENDING).limit(limit)
        return await found.to_list()

    @mongo.retried
    async def _take(self, where: Document, change: Document) -> int:
        """Change all that are so; says how many were not yet changed by an earlier try."""
        return (await self._collection.update_many(where, change, hint=BY_ID)).modified_count


def _holds(earlier: Mapping[str, Any], now: datetime) -> datetime | None:
    """Until when an earlier one that is not ours keeps later ones waiting; None if it does not."""
    if earlier["state"] == DeliveryState.SENDING:
        return now
    due: datetime = earlier["due"]
    if due <= now:
        return now
    holds: datetime | None = earlier.get(
        "holds"
    )  # none: it is not due yet, since its person sleeps
    return min(due, holds) if holds and holds > now else None
