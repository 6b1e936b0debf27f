"""After a restore: what may have been sent before the store was lost is sent by nobody again.

The backup does not say what became of an e-mail since, so each that it had not seen end, and each
that follows from what had been read before, is `unknown`: an operator has it sent, or does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from services.notifications.delivery import DeliveryState
from shared import mongo
from shared.journal.store import Journal

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.domain.stream import Stream
    from shared.journal.entry import Entry
    from shared.pipeline.restored import Restored

REASON: Final = "the store was restored from a backup: it may have been sent before"
_PENDING: Final = (DeliveryState.WAITING, DeliveryState.QUEUED, DeliveryState.SENDING)


async def doubt(database: AsyncDatabase[dict[str, Any]], now: datetime) -> None:
    """Have whatever the backup has as not yet sent be unknown."""
    pending = {"state": {"$in": list(_PENDING)}}
    change = {"$set": {"state": DeliveryState.UNKNOWN, "reason": REASON, "due": now}}
    await mongo.retried(database["deliveries"].update_many)(pending, change)


class Doubts:
    """Of which notifications people may have heard before the store was lost."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], restored: Restored) -> None:
        self._journal = Journal(database["journal"])
        self._restored = restored
        self._until: dict[str, int] = {}

    async def prepare(self) -> None:
        """Look up how far the lost store may have read, unless this one has read as far since."""
        self._until = await self._restored.until()

    async def of(self, streams: Collection[Stream]) -> set[Stream]:
        """Those of the streams that were decided of what may have been read before."""
        if not self._until:
            return set()
        found = self._journal.newer(dict.fromkeys(streams, 0))
        return {entry.stream async for entry in found if self._is_doubtful(entry)}

    def _is_doubtful(self, entry: Entry) -> bool:
        return entry.is_adopted or entry.origin.offset < self._until.get(entry.origin.log, 0)
