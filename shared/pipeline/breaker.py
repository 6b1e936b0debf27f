"""The circuit breaker: a service stops reading when most of what it reads is rejected.

Then not single events are wrong but a publisher's contract is broken, and draining everything away
into `rejected` helps nobody. The halt is kept in the store, so that a restart does not forget it;
an operator resumes when the publisher is mended.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import structlog

from shared import mongo

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pymongo.asynchronous.collection import AsyncCollection

log = structlog.get_logger()

_HALT: Final = "halt"


@dataclass(frozen=True, slots=True)
class Halt:
    """Why a service does not read.

    Attributes:
        reason: for people.
        since: when it stopped reading.
        code: for programs, and to look up in docs/operations.md.
        remedy: what an operator can do.
    """

    reason: str
    since: datetime
    code: str = "rejected"
    remedy: str = "mend or stop the publisher, then `coalition resume` and the service's name"


class Breaker:
    """Counts what was rejected of late.

    Args:
        notes: where a halt is kept.
        window: records that are looked back on; a window that is not full yet never halts.
        share: halt when more than this part of the window was rejected; 1 never halts.
    """

    def __init__(
        self, notes: AsyncCollection[dict[str, Any]], window: int = 10_000, share: float = 0.5
    ) -> None:
        self._notes = notes
        self._share = share
        self._recent: deque[bool] = deque(maxlen=window)

    def count(self, rejected: Iterable[bool]) -> None:
        """Note for each record whether it was rejected."""
        self._recent.extend(rejected)

    async def trip(self, now: datetime) -> Halt | None:
        """Halt, if the window is full and more than its share was rejected."""
        window, count = self._recent.maxlen or 1, sum(self._recent)
        if len(self._recent) < window or count <= self._share * window:
            return None
        self._recent.clear()
        halt = Halt(f"{count} of the last {window} records were rejected", now)
        document = {"reason": halt.reason, "since": halt.since}
        await mongo.upsert(self._notes, _HALT, document)
        log.error("halted", reason=halt.reason)
        return halt

    async def halted(self) -> Halt | None:
        """The halt that is on, of this process or another of the same service."""
        document = await self._notes.find_one({"_id": _HALT})
        return Halt(document["reason"], document["since"]) if document else None

    @mongo.retried
    async def resume(self) -> bool:
        """End the halt; says whether there was one."""
        return (await self._notes.delete_one({"_id": _HALT})).deleted_count == 1
