"""Who wants to be notified of what: people's data, so never in events; erased when they leave."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import AfterValidator, ConfigDict, EmailStr, Field
from pymongo import ASCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.notifications.domain import (
    MAX_SUBSCRIPTIONS,
    NOT_NOTIFIED,
    NOTIFIED,
    Interest,
    Interests,
)
from shared.contracts.base import Model, Slug, Text
from shared.contracts.notifications import EventKind
from shared.contracts.text import EACH_ONCE
from shared.nearest import meant
from shared.pipeline.tolerant import read_each

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pymongo.asynchronous.database import AsyncDatabase

Document = dict[str, Any]


def _plain_address(address: str) -> str:
    return address.lower()


_NAMES: Final = sorted(event.__name__ for event in NOTIFIED)


def _notified(kind: str) -> str:
    without = {event.__name__: why for event, why in NOT_NOTIFIED.items()}
    if kind in without:
        msg = f"nobody is notified of it: {without[kind]}"
        raise ValueError(msg)
    if kind not in _NAMES:
        msg = f"there is no such event; {meant(kind, _NAMES)}"
        raise ValueError(msg)
    return kind


NotifiedKind = Annotated[
    EventKind, AfterValidator(_notified), Field(json_schema_extra={"enum": [*_NAMES]})
]
"""A kind of event of which people are notified."""


class NewSubscription(Model):
    """A person of the staff and what they want to be notified of; empty lists mean everything."""

    model_config = ConfigDict(extra="forbid")

    name: Text
    address: Annotated[EmailStr, Field(max_length=254), AfterValidator(_plain_address)]
    language: Literal["en"] = "en"
    regions: Annotated[tuple[Slug, ...], Field(max_length=50), EACH_ONCE] = ()
    kinds: Annotated[tuple[NotifiedKind, ...], Field(max_length=50), EACH_ONCE] = ()


class Subscription(Model):
    """A subscription with its id, the only thing of it that events ever name.

    It is read without the bounds of a new one: what was taken once can be read for ever.
    """

    id: str
    name: str
    address: str
    language: str = "en"
    regions: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


class TooMany(Exception):
    """There are as many subscriptions as there may be."""


class Subscriptions:
    """The subscriptions in the service's store."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._collection = database["subscriptions"]

    async def prepare(self) -> None:
        """Create the index: one subscription for each address."""
        await self._collection.create_index("address", unique=True)

    async def add(self, new: NewSubscription) -> tuple[Subscription, bool]:
        """Add a subscription, or change that of the same address; says whether it is new.

        Raises:
            TooMany: one decision could not hold another.
        """
        await self._check_room(new.address)
        wanted, id_ = new.model_dump(mode="json"), str(uuid.uuid4())
        for _ in range(2):  # two that come at once: the one that loses finds the other's
            try:
                document = await self._collection.find_one_and_update(
                    {"address": new.address},
                    {"$set": wanted, "$setOnInsert": {"_id": id_, "id": id_}},
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError:
                continue
            subscription = Subscription.model_validate(document)
            return subscription, subscription.id == id_
        raise RuntimeError("two subscriptions for one address came at once, again and again")

    async def _check_room(self, address: str) -> None:
        count = await self._collection.count_documents({}, limit=MAX_SUBSCRIPTIONS)
        if count == MAX_SUBSCRIPTIONS and not await self._collection.find_one({"address": address}):
            raise TooMany

    async def remove(self, id_: str) -> bool:
        """Forget a subscription and the person's data with it; says whether there was one."""
        return (await self._collection.delete_one({"_id": id_})).deleted_count == 1

    async def find(self, ids: Iterable[str]) -> dict[str, Subscription]:
        """Those of the subscriptions that there are, by id."""
        found = self._collection.find({"_id": {"$in": sorted(set(ids))}})
        return {one.id: one async for one in read_each(Subscription, found)}

    async def interests(self) -> Interests:
        """What each subscription wants, without whose it is."""
        found = self._collection.find({}, {"id": 1, "regions": 1, "kinds": 1}).sort(
            "_id", ASCENDING
        )
        return Interests(all=tuple([interest async for interest in read_each(Interest, found)]))
