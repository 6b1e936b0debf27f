"""After a restore: what may have been sent before the store was lost is sent by nobody again.

What has been published since the backup says how some e-mails ended; these are settled so. Each
other that the backup had not seen end, and each that follows from what had been read before, is
`unknown`: that is published, and an operator has it sent, or does not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pymongo import ReplaceOne, UpdateMany

from services.notifications.claims import BY_ID
from services.notifications.deliveries import ended
from services.notifications.delivery import DeliveryState
from services.notifications.domain.batches.state import KIND
from shared import mongo
from shared.contracts.notifications import NotificationFailed, NotificationSent
from shared.journal.store import Journal

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase

    from shared.domain.stream import Stream
    from shared.journal.entry import Entry
    from shared.pipeline.restored import Restored

REASON: Final = "the store was restored from a backup: it may have been sent before"
_PENDING: Final = (DeliveryState.WAITING, DeliveryState.QUEUED, DeliveryState.SENDING)
_SETTLED: Final = "settled"
"""The collection of how e-mails ended that the backup does not have, or not so."""
_AT_ONCE: Final = 1000

Document = dict[str, Any]


async def doubt(database: AsyncDatabase[Document], now: datetime) -> None:
    """Settle what the backup has as not yet sent, by what was published since; see above."""
    await _keep_endings(database)
    pending = {"state": {"$in": list(_PENDING)}}
    change = {"$set": {"state": DeliveryState.UNKNOWN, "reason": REASON, "due": now}}
    deliveries = database["deliveries"]
    await mongo.retried(deliveries.update_many)(pending, change)
    doubtful = deliveries.find({"state": DeliveryState.UNKNOWN, "reason": REASON}, {"_id": 1})
    settling, found = Settling(database), [one["_id"] async for one in doubtful]
    for ids in _in_parts(found):
        await settling.settle(ids, now)


async def _keep_endings(database: AsyncDatabase[Document]) -> None:
    """Keep how e-mails ended, as far as it was published after the backup; the last word counts."""
    found: dict[str, Document] = {}
    async for entry in Journal(database["journal"]).all_of(KIND):
        for id_, ending in _endings(entry) if entry.is_adopted else ():
            if id_ not in found or found[id_]["at"] <= ending["at"]:
                found[id_] = ending
    for part in _in_parts(found):
        writes = [ReplaceOne({"_id": id_}, found[id_], upsert=True) for id_ in part]
        await mongo.bulk_upsert(database[_SETTLED], writes)


def _endings(entry: Entry) -> Iterator[tuple[str, Document]]:
    for published in entry.events:
        event = published.event
        if isinstance(event, NotificationSent):
            ending = {"state": DeliveryState.SENT.value, "reason": None}
        elif isinstance(event, NotificationFailed):
            ending = {"state": event.state, "reason": event.reason}
        else:
            continue
        for one in event.subscriptions:
            yield f"{event.notification}.{one}", {**ending, "at": entry.recorded}


def _in_parts(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while part := [*islice(rest, _AT_ONCE)]:
        yield part


class Settling:
    """Ends what is doubted: as it was published to have ended, or as unknown.

    `doubt` and `Deliveries.queue` leave that to it, lest an end be published that was never so.
    """

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._deliveries = database["deliveries"]
        self._settled = database[_SETTLED]

    async def settle(self, ids: Collection[str], now: datetime) -> None:
        """End those of the deliveries that are doubted and have not ended.

        What was published before is not published again.
        """
        doubted = {"state": DeliveryState.UNKNOWN, "reason": REASON, "ended": None}
        alike = defaultdict[tuple[str, Any], list[str]](list)
        async for one in self._settled.find({"_id": {"$in": [*ids]}}):
            alike[one["state"], one["reason"]].append(one["_id"])
        writes = [
            UpdateMany(
                {"_id": {"$in": those}, **doubted},
                {"$set": {"state": state, "reason": reason, "ended": now}},
                hint=BY_ID,
            )
            for (state, reason), those in alike.items()
        ]
        rest = {"$set": ended(DeliveryState.UNKNOWN, now)}
        writes.append(UpdateMany({"_id": {"$in": [*ids]}, **doubted}, rest, hint=BY_ID))
        await mongo.bulk_write(self._deliveries, writes)


class Doubts:
    """Of which notifications people may have heard before the store was lost."""

    def __init__(
        self,
        database: AsyncDatabase[Document],
        restored: Restored,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._journal = Journal(database["journal"])
        self._settling = Settling(database)
        self._restored = restored
        self._clock = clock
        self._until: Mapping[str, int] = {}

    async def prepare(self) -> None:
        """Look up how far the lost store may have read, unless this one has read as far since."""
        self._until = await self._restored.until()

    async def of(self, streams: Collection[Stream]) -> set[Stream]:
        """Those of the streams that were decided of what may have been read before."""
        if not self._until:
            return set()
        found = self._journal.newer(dict.fromkeys(streams, 0))
        return {entry.stream async for entry in found if self._is_doubtful(entry)}

    async def settle(self, ids: Iterable[str]) -> None:
        """End those of the deliveries that were queued as doubtful."""
        for part in _in_parts(ids):
            await self._settling.settle(part, self._clock())

    def _is_doubtful(self, entry: Entry) -> bool:
        return entry.is_adopted or entry.origin.offset < self._until.get(entry.origin.log, 0)
