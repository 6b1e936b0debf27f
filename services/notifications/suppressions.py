"""The addresses that nothing is sent to; one outlives its subscription, as a keyed hash alone."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any, Final

from pymongo import ASCENDING, DeleteOne, UpdateOne

from shared import mongo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.domain import Recipient
    from services.notifications.subscription import Subscription

Document = dict[str, Any]
_PURPOSE: Final = b"coalition.notifications.suppressed"
_DECIDED: Final[Document] = {"reason": {"$ne": None}}
"""What stands for a person who is being erased says why only if it was decided before that."""


class Suppressions:
    """What the journal says of addresses, by what a mailer asks: the address itself.

    Args:
        database: with the subscriptions.
        keys: of the hashes, the newest first; without one, an address is known by its
            subscription alone, as long as there is that.
    """

    def __init__(self, database: AsyncDatabase[Document], keys: Sequence[str]) -> None:
        self._collection = database["suppressions"]
        self._subscriptions = database["subscriptions"]
        self._keys = keys

    async def prepare(self) -> None:
        """Create the index by which an address is found."""
        await mongo.index(self._collection, [("hash", ASCENDING)], sparse=True)

    async def remember(self, id_: str) -> None:
        """Keep the hash of an address until the journal says whether it is suppressed.

        It is asked before a person is forgotten: that may be on its way, and comes first then.
        """
        person = await self._subscriptions.find_one({"_id": id_}, {"key": 1})
        if person and (known := self._hashed(person.get("key"))):
            write = UpdateOne({"_id": id_}, {"$set": known}, upsert=True)
            await mongo.bulk_upsert(self._collection, [write])

    async def follow(self, recipients: Iterable[Recipient]) -> None:
        """Keep those that are suppressed, and forget the others."""
        by_id = {one.id: one for one in recipients}
        found = self._subscriptions.find({"_id": {"$in": list(by_id)}}, {"key": 1})
        keys = {one["_id"]: one.get("key") async for one in found}
        writes: list[Any] = []
        for id_, one in by_id.items():
            if one.suppressed:
                known = {"reason": one.suppressed, **self._hashed(keys.get(id_))}
                writes.append(UpdateOne({"_id": id_}, {"$set": known}, upsert=True))
            else:
                writes.append(DeleteOne({"_id": id_, **({} if one.erased else _DECIDED)}))
        if writes:
            await mongo.bulk_upsert(self._collection, writes)

    async def of(self, people: Mapping[str, Subscription]) -> dict[str, str]:
        """Why nothing is sent to some of these people, by the ids of their subscriptions."""
        if not people:
            return {}
        hashes = {
            _hash(key, one.address.casefold()): one.id
            for one in people.values()
            for key in self._keys
        }
        # What was hashed with a key that is none any more is known by its subscription still.
        by_itself = {"_id": {"$in": list(people)}, "key": {"$nin": [*map(_name, self._keys)]}}
        where = {**_DECIDED, "$or": [by_itself, {"hash": {"$in": list(hashes)}}]}
        found = [one async for one in self._collection.find(where)]
        ids = [hashes.get(str(one.get("hash")), str(one["_id"])) for one in found]
        reasons = [f"suppressed: {one['reason']} ({one['_id']})" for one in found]
        return dict(zip(ids, reasons, strict=True))

    def _hashed(self, address: str | None) -> Document:
        """What is kept of an address; nothing without a key."""
        if not (self._keys and address):
            return {}
        return {"hash": _hash(self._keys[0], address), "key": _name(self._keys[0])}


def _hash(key: str, address: str) -> str:
    return hmac.new(key.encode(), _PURPOSE + address.encode(), hashlib.sha256).hexdigest()


def _name(key: str) -> str:
    """By what a key is known, to whom it tells nothing."""
    return _hash(key, "")[:16]
