"""How many e-mails a second, in all and to one domain: kept in the store, so for all mailers.

A limit is the time at which the next e-mail may go; whoever sends some moves it on by as many
steps. So it costs one small write for each batch, and nobody counts.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from pymongo.errors import DuplicateKeyError

from shared import mongo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from pymongo.asynchronous.collection import AsyncCollection
    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.delivery import Claimed
    from services.notifications.settings import NotificationsSettings
    from services.notifications.subscription import Subscription

Document = dict[str, Any]
_ALL: Final = "all"
_BURST: Final = 1.0
"""Seconds whose e-mails may go at once."""


class Slots:
    """Times at which the next of something may go, by name.

    Args:
        collection: in which they are kept.
    """

    def __init__(self, collection: AsyncCollection[Document]) -> None:
        self._collection = collection

    async def room(self, name: str, rate: float, wanted: int, now: datetime) -> int:
        """How many of so many may go at once, at so many a second."""
        found = await self._collection.find_one({"_id": name}) or {}
        begins = max(float(found.get("at", 0)), now.timestamp())
        ends = now.timestamp() + max(_BURST, 1 / rate)
        return min(wanted, max(0, int((ends - begins) * rate + 1e-6)))

    @mongo.retried
    async def reserve(self, name: str, count: int, rate: float, now: datetime) -> float:
        """Move a limit on by so many; says when the first of them may go."""
        while True:
            found = await self._collection.find_one({"_id": name})
            begins = max(float(found["at"]) if found else 0, now.timestamp())
            moved = begins + count / rate
            if found is None:
                try:
                    await self._collection.insert_one({"_id": name, "at": moved})
                except DuplicateKeyError:
                    continue
                return begins
            here = {"_id": name, "at": found["at"]}
            done = await self._collection.update_one(here, {"$set": {"at": moved}})
            if done.modified_count:
                return begins


class Limits:
    """The limits of the settings, for all mailers together.

    Args:
        database: of the deliveries.
        settings: how many; a limit that is not set costs nothing.
    """

    def __init__(self, database: AsyncDatabase[Document], settings: NotificationsSettings) -> None:
        self._times = Slots(database["limits"])
        self._all = settings.mail_per_second
        self._domain = settings.mail_per_second_per_domain

    async def room(self, wanted: int, now: datetime) -> int:
        """How many of so many may be sent at once."""
        if not self._all or wanted <= 0:
            return wanted
        return await self._times.room(_ALL, self._all, wanted, now)

    async def waits(
        self, claimed: Iterable[Claimed], people: Mapping[str, Subscription], now: datetime
    ) -> dict[str, timedelta]:
        """Count what was claimed; says how long some of it waits for its domain, by its id.

        One that waits has its time, and is counted once only.
        """
        to_count = list(claimed)
        if self._all and to_count:
            await self._times.reserve(_ALL, len(to_count), self._all, now)
        by_domain = defaultdict[str, list[str]](list)
        for one in to_count if self._domain else ():
            if (person := people.get(one.subscription)) and not one.reserved:
                by_domain[person.address.rpartition("@")[2].casefold()].append(one.id)
        waits: dict[str, timedelta] = {}
        for domain, ids in by_domain.items():
            waits |= await self._slots(domain, ids, self._domain or 1, now)
        return waits

    async def _slots(
        self, domain: str, ids: list[str], rate: float, now: datetime
    ) -> Mapping[str, timedelta]:
        begins = await self._times.reserve(f"to {domain}", len(ids), rate, now)
        slots = {id_: begins + number / rate - now.timestamp() for number, id_ in enumerate(ids)}
        return {id_: timedelta(seconds=slot) for id_, slot in slots.items() if slot >= _BURST}
