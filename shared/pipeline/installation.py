"""What a store knows of the Kafka that it belongs to: its own id, and how far it has read."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from aiokafka import TopicPartition
from pymongo import UpdateOne

from shared import mongo
from shared.journal.entry import Origin
from shared.pipeline.restored import Restored

if TYPE_CHECKING:
    from pymongo.asynchronous.collection import AsyncCollection
    from pymongo.asynchronous.database import AsyncDatabase

Offsets = Mapping[TopicPartition, int]
"""The offset of the next record of each partition."""

_ID: Final = "installation"


class Installation:
    """Kept in a service's own database, beside what it decided.

    Its offsets are kept by generation: a process that was frozen while topics were made anew notes
    how far it has read of the old ones, and nothing of the new ones is passed over by that.

    Attributes:
        id: made once, when the store is new.
        generation: how often it was told to read topics that were made anew; known once `prepare`
            or `accepted` has looked.
        restored: what it knows of its having been restored.
    """

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._notes = database["engine"]
        self._offsets = database["offsets"]
        self._journal = database["journal"]
        self.id = ""
        self.generation = 0
        self.restored = Restored(database)

    async def prepare(self) -> None:
        """Give the store its id; instances that start together agree on one."""
        await self._make_once()
        note = await self._note()
        self.id, self.generation = note["id"], _generation(note)

    @mongo.retried_upsert
    async def _make_once(self) -> None:
        made = {"id": str(uuid.uuid4())}
        await self._notes.update_one({"_id": _ID}, {"$setOnInsert": made}, upsert=True)

    async def is_replaced(self) -> bool:
        """Whether the store is another, or of another generation, than what was looked up."""
        note = await self._note()
        return (note.get("id"), _generation(note)) != (self.id, self.generation)

    async def is_empty(self) -> bool:
        """Whether the store has decided nothing yet."""
        return await self._journal.find_one({}, {"_id": True}) is None

    async def expected(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """How far the store has read those partitions of which it knows."""
        names = {_log(tp, self.generation): tp for tp in partitions}
        found = self._offsets.find({"_id": {"$in": list(names)}})
        return {names[document["_id"]]: document["next"] async for document in found}

    async def advance(self, offsets: Offsets) -> None:
        """Note how far the store has read; never less than before, as when it reads again."""
        writes = [
            UpdateOne({"_id": _log(tp, self.generation)}, {"$max": {"next": offset}}, upsert=True)
            for tp, offset in offsets.items()
        ]
        await mongo.bulk_upsert(self._offsets, writes)

    async def reset(self, offsets: Offsets) -> None:
        """Note how far the store has read, even if it is less than before."""
        await _set(self._offsets, offsets, self.generation)

    async def accepted(self) -> list[str]:
        """The ways in which an operator has accepted that topics differ."""
        note = await self._note()
        self.generation = _generation(note)
        return list(note.get("accepted", ()))

    async def accept(self, differences: list[str]) -> None:
        """Note that an operator accepts how topics differ."""
        await mongo.upsert(self._notes, _ID, {"accepted": differences})

    async def raise_generation(self, offsets: Offsets) -> None:
        """Note that topics were made anew: from now on their offsets mean other records.

        Args:
            offsets: where each partition is read on.
        """
        raised = self.generation + 1  # `accepted` may look up the one before meanwhile
        await _set(self._offsets, offsets, raised)
        await mongo.upsert(self._notes, _ID, {"generation": raised})
        self.generation = raised

    async def _note(self) -> dict[str, Any]:
        return await self._notes.find_one({"_id": _ID}) or {}


async def _set(
    collection: AsyncCollection[dict[str, Any]], offsets: Offsets, generation: int
) -> None:
    for tp, offset in offsets.items():
        await mongo.upsert(collection, _log(tp, generation), {"next": offset})


def _generation(note: Mapping[str, Any]) -> int:
    return int(note.get("generation", 0))


def _log(tp: TopicPartition, generation: int) -> str:
    return Origin(tp.topic, tp.partition, 0, generation).log
