"""Who wants to be notified of what: people's data, so never in events; erased when they leave."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from pymongo import ASCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.notifications.domain import (
    ALL_SUBSCRIPTIONS,
    MAX_SUBSCRIPTIONS,
    Interest,
    Interests,
)
from services.notifications.subscription import Subscription
from shared import mongo
from shared.pipeline.tolerant import read_each

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.subscription import NewSubscription

Document = dict[str, Any]
_AT_ONCE: Final = 500
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
        await mongo.index(self._collection, "key", unique=True)
        await mongo.index(self._collection, [(field, ASCENDING) for field in _VERSIONS])

    async def add(self, new: NewSubscription) -> Subscription:
        """Add a subscription; nobody has welcomed its person yet.

        Raises:
            Exists: there is one of the address.
            TooMany: one decision could not hold another.
        """
        if await self._collection.count_documents({}, limit=MAX_SUBSCRIPTIONS) == MAX_SUBSCRIPTIONS:
            raise TooMany
        id_ = str(uuid.uuid4())
        own = {"_id": id_, "id": id_, "key": new.key, "version": 1, "welcomed": False}
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

    async def replace(self, before: Subscription, new: NewSubscription) -> Subscription | None:
        """Have a subscription say something else; None where it is another version by now.

        Raises:
            Exists: there is another one of the address.
        """
        try:
            return await self.adapt(before, {**new.model_dump(mode="json"), "key": new.key})
        except DuplicateKeyError:
            other = await self._collection.find_one({"key": new.key}, {"_id": 1})
            raise Exists(other["_id"] if other else before.id) from None

    async def follow(self, member: str, into: str) -> None:
        """Have whoever names a member that is a duplicate name the one that it is."""
        named = {"$or": [{"members": member}, {"rules.members": member}]}
        while found := await self._collection.find(named).limit(_AT_ONCE).to_list():
            for document in found:
                change = {
                    "members": _following(document.get("members", ()), member, into),
                    "rules": [
                        {**rule, "members": _following(rule.get("members", ()), member, into)}
                        for rule in document.get("rules", ())
                    ],
                }
                # One that was changed meanwhile is found again, as it is then.
                await self._collection.update_one(
                    {"_id": document["_id"], "version": document["version"]},
                    {"$set": change, "$inc": {"version": 1}},
                )

    async def remove(self, id_: str) -> bool:
        """Forget a subscription and the person's data with it; says whether there was one."""
        return (await self._collection.delete_one({"_id": id_})).deleted_count == 1

    async def find(self, ids: Iterable[str]) -> dict[str, Subscription]:
        """Those of the subscriptions that there are, by id."""
        found = self._collection.find({"_id": {"$in": sorted(set(ids))}})
        return {one.id: one async for one in read_each(Subscription, found)}

    async def is_there(self, id_: str) -> bool:
        """Whether there is a subscription, be it one that cannot be read."""
        return await self._collection.find_one({"_id": id_}, {"_id": 1}) is not None

    async def look_up(self, ids: Collection[str]) -> Mapping[str, Interest | Interests]:
        """What rules look at: what one person wants, or what all of them do."""
        found = await self.interests()
        states: dict[str, Interest | Interests] = {ALL_SUBSCRIPTIONS.id: found}
        if {*ids} - states.keys():
            states |= {one.id: one for one in found.all}
        return {id_: states[id_] for id_ in ids if id_ in states}

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


def _following(members: Iterable[str], member: str, into: str) -> list[str]:
    """The ids of members, each once, with one in the place of another."""
    return [*dict.fromkeys(into if one == member else one for one in members)]
