"""What a store knows of its having been restored from a backup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shared import mongo
from shared.journal.entry import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiokafka import TopicPartition
    from pymongo.asynchronous.database import AsyncDatabase

_ID: Final = "restored"
_SNAPSHOTS: Final = "snapshots"


class Restored:
    """A note in the store: where its group is to be set to, and what may have been read before."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._notes = database["engine"]
        self._offsets = database["offsets"]

    async def note(self, ends: Mapping[TopicPartition, int], generation: int) -> None:
        """Note that the store is a backup, and have its snapshots made anew.

        Args:
            ends: how far the store that was lost may have read.
            generation: of the topics that it read.
        """
        logs = {Origin(tp.topic, tp.partition, 0, generation).log: end for tp, end in ends.items()}
        until = [[log, end] for log, end in logs.items()]
        await mongo.upsert(self._notes, _ID, {"pending": True, "until": until})
        await self._notes.delete_one({"_id": _SNAPSHOTS})

    async def is_pending(self) -> bool:
        """Whether the group has still to be set to where the backup had read to."""
        return bool((await self._noted()).get("pending"))

    async def settle(self) -> None:
        """Note that it is set."""
        await mongo.upsert(self._notes, _ID, {"pending": False})

    async def until(self) -> dict[str, int]:
        """How far the lost store may have read, by `Origin.log`, until this one has read as far.

        Of topics that were made anew since it never reads as far, and the answer stays.
        """
        until = dict[str, int]((await self._noted()).get("until", ()))
        found = self._offsets.find({"_id": {"$in": list(until)}})
        read = {document["_id"]: document["next"] async for document in found}
        return until if any(read.get(name, 0) < end for name, end in until.items()) else {}

    async def _noted(self) -> dict[str, Any]:
        return await self._notes.find_one({"_id": _ID}) or {}
