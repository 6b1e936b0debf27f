"""Who wants to be notified of what: people's data, so never in events; erased when they leave."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from pymongo import ASCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.notifications.domain import MAX_SUBSCRIPTIONS, Interest, Interests
from services.notifications.subscription import Subscription
from shared.pipeline.tolerant import read_each

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.subscription import NewSubscription

Document = dict[str, Any]
_VERSIONS: Final = {"_id": 1, "version": 1}


class TooMany(Exception):
    """There are as many subscriptions as there may be."""


class Exists(Exception):
    """There is a subscription of the address.

    Attributes:
        id: its own.
    """

    def __init__(self, id_: str) -> None:
        super().__init__(id_)
        self.id = id_


class Subscriptions:
    """The subscriptions in the service's store."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._collection = database["subscriptions"]
        self._interests = Interests()
        self._versions: dict[str, int] = {}

    async def prepare(self) -> None:
        """Create the indexes: one subscription for each address, and what has changed since."""
        await self._collection.create_index("key", unique=True)
        await self._collection.create_index([(field, ASCENDING) for field in _VERSIONS])

    async def add(self, new: NewSubscription) -> Subscription:
        """Add a subscription.

        Raises:
            Exists: there is one of the address.
            TooMany: one decision could not hold another.
        """
        if await self._collection.count_documents({}, limit=MAX_SUBSCRIPTIONS) == MAX_SUBSCRIPTIONS:
            raise TooMany
        id_ = str(uuid.uuid4())
        own = {"_id": id_, "id": id_, "key": new.key, "version": 1}
        document = {**new.model_dump(mode="json"), **own}
        try:
            await self._collection.insert_one(document)
        except DuplicateKeyError:
            found = await self._collection.find_one({"key": new.key}, {"_id": 1})
            if found and found["_id"] != id_:  # else its own answer was lost
                raise Exists(found["_id"]) from None
        return Subscription.model_validate(document)

    async def adapt(
        self, before: Subscription, change: Mapping[str, Any], *, renew: bool = False
    ) -> Subscription | None:
        """Change some of what a subscription says; None where it is another version by now.

        Args:
            before: the subscription as it was seen.
            change: the fields that change, as they are stored.
            renew: whether all links that were made before are to be valid no more.
        """
        more = {"version": before.version + 1, "links": before.links + (1 if renew else 0)}
        found = await self._collection.find_one_and_update(
            {"_id": before.id, "version": before.version},
            {"$set": {**change, **more}},
            return_document=ReturnDocument.AFTER,
        )
        return Subscription.model_validate(found) if found else None

    async def remove(self, id_: str) -> bool:
        """Forget a subscription and the person's data with it; says whether there was one."""
        return (await self._collection.delete_one({"_id": id_})).deleted_count == 1

    async def find(self, ids: Iterable[str]) -> dict[str, Subscription]:
        """Those of the subscriptions that there are, by id."""
        found = self._collection.find({"_id": {"$in": sorted(set(ids))}})
        return {one.id: one async for one in read_each(Subscription, found)}

    async def interests(self) -> Interests:
        """What each subscription wants, without whose it is.

        Only what has changed is read again, since this is asked for each batch of events.
        """
        versions = {
            str(one["_id"]): int(one.get("version") or 0)
            async for one in self._collection.find({}, _VERSIONS).hint("_id_1_version_1")
        }
        if versions != self._versions:
            changed = [id_ for id_, one in versions.items() if self._versions.get(id_) != one]
            same = versions.keys() - changed
            known = {one.id: one for one in self._interests.all if one.id in same}
            found = self._collection.find({"_id": {"$in": changed}}, {"name": 0, "address": 0})
            known |= {one.id: one async for one in read_each(Interest, found)}
            self._interests = Interests(all=tuple(known[id_] for id_ in sorted(known)))
            self._versions = versions
        return self._interests
