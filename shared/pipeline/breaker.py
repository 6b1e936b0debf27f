"""The circuit breaker: an inbox is no longer read when most of what comes there is rejected.

Then not single events are wrong but a publisher's contract is broken, and draining everything away
into `rejected` helps nobody. It costs that publisher alone: the other topics are read on. The plain
inbox is anybody's, so there a flood only alerts, unless an operator wants it otherwise.

What is counted and what is halted is kept in the store, for all instances of a service together,
and a restart does not forget it; an operator resumes when the publisher is mended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import structlog
from pymongo import ReturnDocument

from shared import mongo
from shared.journal.entry import Outcome

if TYPE_CHECKING:
    from datetime import datetime

    from pymongo.asynchronous.collection import AsyncCollection

    from shared.journal.entry import Entry

log = structlog.get_logger()

_HALT, _COUNT, _END = "halt/", "count/", "0"
"""What the ids of the documents begin with; `0` is the character behind the slash."""
_UNWRITTEN: Final = 10
"""One in so many of a window may be counted in memory alone: good ones, or between two commits."""


@dataclass(frozen=True, slots=True)
class Halt:
    """Why a service does not read, or not one of its inboxes.

    Attributes:
        reason: for people.
        since: when it stopped reading.
        code: for programs, and to look up in docs/operations.md.
        remedy: what an operator can do.
        stops: whether it is not read; else this only alerts.
    """

    reason: str
    since: datetime
    code: str = "rejected"
    remedy: str = (
        "mend or stop the publisher, then `coalition consumer resume` and the service's name"
    )
    stops: bool = True


class Counted(NamedTuple):
    """How many records of an inbox were decided of late, and how many of them rejected."""

    records: int = 0
    rejected: int = 0


class Breaker:
    """Counts what was rejected of late, inbox by inbox.

    Args:
        notes: where counts and halts are kept.
        inboxes: what is counted, by topic, and whether it is halted; else there is an alert.
        window: records of an inbox that are looked back on, about.
        share: halt when more than this part of a window was rejected; 1 never halts.

    Attributes:
        halts: the inboxes of which too much was rejected, as they were last read.
    """

    def __init__(
        self,
        notes: AsyncCollection[dict[str, Any]],
        inboxes: Mapping[str, bool],
        window: int = 10_000,
        share: float = 0.5,
    ) -> None:
        self._notes = notes
        self._inboxes = inboxes
        self._window = window
        self._share = share
        self._fresh: dict[str, Counted] = {}
        self.halts: Mapping[str, Halt] = {}

    @property
    def stopped(self) -> Collection[str]:
        """The topics that are not to be read."""
        return {topic for topic, halt in self.halts.items() if halt.stops}

    def count(self, entries: Iterable[Entry]) -> None:
        """Note what became of records."""
        for entry in entries:
            topic = entry.origin.topic
            if topic in self._inboxes:
                records, rejected = self._fresh.get(topic, Counted())
                is_rejected = entry.outcome is Outcome.REJECTED
                self._fresh[topic] = Counted(records + 1, rejected + is_rejected)

    async def trip(self, now: datetime, *, committing: bool = False) -> None:
        """Write down what was counted, and halt inboxes of which more than the share is bad.

        Every batch waits for this before it is published, so there only what cannot wait is
        written: much that was rejected. The rest is, before its offsets are committed.
        """
        for topic, fresh in [*self._fresh.items()]:
            much = fresh.rejected * _UNWRITTEN >= self._window
            some = fresh.rejected or fresh.records * _UNWRITTEN >= self._window
            # Two batches may come to it at once: one is decided while one is committed.
            if (much or (some and committing)) and (taken := self._fresh.pop(topic, None)):
                await self._judge(topic, await self._added(topic, taken), now)

    async def refresh(self) -> None:
        """Read the halts that are on, of this process or another of the same service."""
        if not self._inboxes:
            return
        found = self._notes.find({"_id": {"$gte": _HALT, "$lt": _HALT[:-1] + _END}})
        halts = {d["_id"].removeprefix(_HALT): d async for d in found}
        self.halts = {
            topic: Halt(halt["reason"], halt["since"], stops=self._inboxes[topic])
            for topic, halt in halts.items()
            if topic in self._inboxes
        }

    @mongo.retried
    async def resume(self) -> bool:
        """End all halts, and count anew; without one nothing is forgotten. Says which it was."""
        ended = await self._notes.delete_many({"_id": {"$gte": _HALT, "$lt": _HALT[:-1] + _END}})
        if ended.deleted_count:
            await self._notes.delete_many({"_id": {"$gte": _COUNT, "$lt": _COUNT[:-1] + _END}})
        return ended.deleted_count > 0

    async def _judge(self, topic: str, counted: Counted, now: datetime) -> None:
        records, rejected = counted
        if rejected > self._share * max(records, self._window):
            await self._forget(topic)
            await self._halt(topic, counted, now)
        elif records >= self._window:
            # What is older counts for less and less.
            await self._halve(topic, counted)

    async def _halt(self, topic: str, counted: Counted, now: datetime) -> None:
        if topic in self.halts:
            return
        reason = f"{counted.rejected} of the last {counted.records} records were rejected"
        await mongo.upsert(self._notes, f"{_HALT}{topic}", {"reason": reason, "since": now})
        halt = Halt(reason, now, stops=self._inboxes[topic])
        self.halts = {**self.halts, topic: halt}
        log.error("inbox_halted" if halt.stops else "inbox_bad", topic=topic, reason=reason)

    @mongo.retried
    async def _halve(self, topic: str, counted: Counted) -> None:
        """Unless another instance has counted on meanwhile, who then halves."""
        halved = {"records": counted.records // 2, "rejected": counted.rejected // 2}
        where = {"_id": f"{_COUNT}{topic}", "records": counted.records}
        await self._notes.update_one(where, {"$set": halved})

    @mongo.retried
    async def _forget(self, topic: str) -> None:
        await self._notes.delete_one({"_id": f"{_COUNT}{topic}"})

    @mongo.retried_upsert
    async def _added(self, topic: str, fresh: Counted) -> Counted:
        """What is counted by all instances together. Repeated, it may count some twice."""
        document: Any = await self._notes.find_one_and_update(
            {"_id": f"{_COUNT}{topic}"},
            {"$inc": fresh._asdict()},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return Counted(document["records"], document["rejected"])
