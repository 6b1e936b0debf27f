"""Says how e-mails ended: to notifications itself, which publishes it; each is said once."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from services.notifications.answers import status_of
from services.notifications.deliveries import UNPUBLISHED
from services.notifications.delivery import ENDED, DeliveryState
from shared import mongo
from shared.cloudevents import derived_id
from shared.contracts.notifications import BounceReceived, DeliveriesEnded, Ended
from shared.outlasting import outlasted
from shared.pipeline.outbound import to_itself
from shared.tracing.context import PARENT, STATE, TraceContext

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.contracts.base import Event
    from shared.kafka.producer import Outgoing, Publisher
    from shared.pipeline.engine import Clock

Document = dict[str, Any]
AT_ONCE: Final = 500
"""E-mails in one batch at most."""
_SECONDS: Final = 1
_TURN: Final = timedelta(minutes=1)
"""How long one process alone does it, unless it says so again."""
_NAME: Final = "endings"
_FIELDS: Final = ("state", "subscription", "reason", "attempts", PARENT, STATE)


class Endings:
    """Looks for what has ended, and says it; one process at a time.

    What is said together is marked as a batch before, and unmarked thereafter. So after a crash,
    or while a process is frozen, the same batch is said again under the same id, and heard once.

    Args:
        database: of the deliveries.
        publisher: the way to Kafka.
        clock: tells the time, aware, UTC.
    """

    def __init__(
        self,
        database: AsyncDatabase[Document],
        publisher: Publisher,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._deliveries, self._turns = database["deliveries"], database["turns"]
        self._publisher, self._clock = publisher, clock
        self._name = uuid.uuid4().hex

    async def prepare(self) -> None:
        """Create the index by which they are found."""
        await mongo.index(self._deliveries, [(UNPUBLISHED, ASCENDING)], sparse=True)

    async def run(self, stopping: asyncio.Event) -> None:
        """Say what has ended until the process stops."""
        while not stopping.is_set():
            if not await outlasted(self.say(), stopping):
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), _SECONDS)

    async def say(self) -> int:
        """Say how a batch ended; returns how many were in it."""
        if not await self._deliveries.find_one({UNPUBLISHED: {"$exists": True}}, {"_id": 1}):
            return 0
        if not await self._is_our_turn():
            return 0
        where = {UNPUBLISHED: await self._begun() or await self._begin()}
        found = await self._deliveries.find(where, dict.fromkeys(_FIELDS, 1)).to_list()
        ended = [one for one in found if one["state"] in ENDED]
        if ended:
            await self._publisher.send([*_said(ended)])
        for (state, attempts), ids in _alike(found).items():
            await self._unmark({"_id": {"$in": ids}, "state": state, "attempts": attempts})
        return len(found)

    async def _begun(self) -> str | None:
        """The batch that somebody may have said already, without having come to unmark it."""
        found = await self._deliveries.find_one({UNPUBLISHED: {"$gt": ""}}, {UNPUBLISHED: 1})
        return str(found[UNPUBLISHED]) if found else None

    async def _begin(self) -> str:
        """Mark a new batch."""
        batch = uuid.uuid4().hex
        new = {UNPUBLISHED: True}
        found = await self._deliveries.find(new, {"_id": 1}, limit=AT_ONCE).to_list()
        which = {"_id": {"$in": [one["_id"] for one in found]}, **new}
        mark = mongo.retried(self._deliveries.update_many)
        await mark(which, {"$set": {UNPUBLISHED: batch}}, hint="_id_")
        return batch

    @mongo.retried
    async def _unmark(self, where: Document) -> None:
        await self._deliveries.update_many(where, {"$unset": {UNPUBLISHED: ""}}, hint="_id_")

    async def _is_our_turn(self) -> bool:
        """Whether no other process does it in this moment."""
        now = self._clock()
        free: Document = {"$or": [{"whose": self._name}, {"until": {"$lte": now}}]}
        change = {"$set": {"whose": self._name, "until": now + _TURN}}
        try:
            await self._turns.update_one({"_id": _NAME, **free}, change, upsert=True)
        except DuplicateKeyError:
            return False
        return True


def _alike(found: Sequence[Mapping[str, Any]]) -> Mapping[tuple[str, int], list[str]]:
    alike = defaultdict(list)
    for one in found:
        alike[one["state"], one["attempts"]].append(one["_id"])
    return alike


def _said(found: Sequence[Mapping[str, Any]]) -> Iterator[Outgoing]:
    """How they ended, and whose address was refused."""
    found = sorted(found, key=lambda one: str(one["_id"]))
    alike = defaultdict[tuple[Any, ...], list[str]](list)
    for one in found:
        notification = one["_id"].removesuffix(f".{one['subscription']}")
        alike[notification, one["state"], one.get("reason")].append(one["subscription"])
    names = [f"{one['_id']} {one['state']} {one['attempts']}" for one in found]
    batch = derived_id("deliveries-ended", *names)
    ended = tuple(
        Ended(notification=notification, subscriptions=tuple(ids), state=state, reason=reason)
        for (notification, state, reason), ids in alike.items()
    )
    yield _to_itself(DeliveriesEnded(batch=batch, ended=ended), batch)
    for one in found:
        if one["state"] == DeliveryState.FAILED and (status := status_of(one.get("reason") or "")):
            whose = {"subscription": one["subscription"], "delivery": one["_id"]}
            refused = BounceReceived(**whose, status=status, refused=True)
            trace = TraceContext.of(one.get(PARENT, ""), one.get(STATE, ""))
            yield _to_itself(refused, derived_id("refused", one["_id"], one["attempts"]), trace)


def _to_itself(event: Event, id_: str, trace: TraceContext | None = None) -> Outgoing:
    return to_itself("notifications", event, id_, trace)
