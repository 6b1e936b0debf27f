"""What is known of a webhook and is no event: its address, its secrets, and how it fares.

The address may hold a token in its path, so it is as secret as the keys: both stay in this store.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from services.notifications.domain import WEBHOOKS, Webhook
from services.notifications.webhooks.signing import Secret, new_secret
from shared import mongo
from shared.contracts.base import Model
from shared.pipeline.tolerant import read_each

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

Document = dict[str, Any]
MOST_WEBHOOKS: Final = 50


class Replay(Model):
    """Events of the past that are being queued.

    Attributes:
        cursor: the last change that was queued.
        until: the last one that is to be.
        place: of the last one that was queued.
        sent: whether also those that were sent already.
        gap: it brings what was not queued, since too much waited.
        closing: it brings the last of that, and nothing is sent meanwhile.
    """

    cursor: str
    until: str
    place: int = 0
    sent: bool = False
    gap: bool = False
    closing: bool = False


class Endpoint(Model):
    """What is kept of a webhook besides its events.

    Attributes:
        failing: since when the receiver has taken nothing that was sent; None where it takes all.
        taken: when it last took something.
        last: how the last attempt that failed ended.
        full: from when on events were not queued, since too many wait; None where none.
        replay: what is being queued of the past.
    """

    id: str
    url: str
    secrets: tuple[Secret, ...] = ()
    failing: datetime | None = None
    taken: datetime | None = None
    last: str | None = None
    full: datetime | None = None
    replay: Replay | None = None


class Target(Model):
    """A webhook with all that it takes to send something there.

    Attributes:
        decided: whether the journal has it.
    """

    webhook: Webhook
    endpoint: Endpoint
    decided: bool = True

    @property
    def is_to_stop(self) -> bool:
        """Whether events are not queued, and nobody has stopped it yet or resumed it since."""
        full, replay = self.endpoint.full is not None, self.endpoint.replay
        makes_up = replay is not None and replay.gap and not replay.closing
        return full and self.webhook.state == "active" and not makes_up


class Exists(Exception):
    """There is a webhook of this id."""


class TooMany(Exception):
    """There are as many webhooks as there may be."""


class Endpoints:
    """Webhooks as the store has them: decided in the journal, with address and secrets beside it.

    Args:
        database: of notifications.
    """

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._webhooks = database[WEBHOOKS]
        self._endpoints = database["webhook_endpoints"]

    async def add(self, id_: str, url: str) -> str:
        """Keep the address of a new webhook; returns its secret, which is never shown again.

        Raises:
            Exists: there is one of the id.
            TooMany: there are as many as there may be.
        """
        if await self._endpoints.count_documents({}, limit=MOST_WEBHOOKS) == MOST_WEBHOOKS:
            raise TooMany
        secret = Secret(secret=new_secret())
        endpoint = Endpoint(id=id_, url=url, secrets=(secret,))
        try:
            await self._endpoints.insert_one({"_id": id_, **endpoint.model_dump()})
        except DuplicateKeyError:
            raise Exists from None
        return secret.secret

    async def forget(self, id_: str) -> None:
        """Keep nothing of a webhook but what is in the journal."""
        await mongo.retried(self._endpoints.delete_one)({"_id": id_})

    async def set(self, id_: str, **fields: Any) -> None:  # noqa: ANN401 - as the store keeps them
        """Set some of what is kept of one."""
        await self.set_all({id_: fields})

    async def set_all(self, changes: Mapping[str, Document]) -> None:
        """Set some of what is kept of several; one that is forgotten stays so."""
        writes = [UpdateOne({"_id": id_}, {"$set": fields}) for id_, fields in changes.items()]
        if writes:
            await mongo.bulk_write(self._endpoints, writes)

    async def begin_failing(self, id_: str, now: datetime) -> None:
        """Note since when nothing is taken, unless that is known already."""
        write = UpdateOne({"_id": id_, "failing": None}, {"$set": {"failing": now}})
        await mongo.bulk_write(self._endpoints, [write])

    async def advance(self, id_: str, before: Replay, after: Replay | None) -> None:
        """Note how far a replay is, unless another one was asked for since."""
        which = {"_id": id_, "replay.cursor": before.cursor, "replay.until": before.until}
        change = {"replay": after.model_dump() if after else None}
        await mongo.bulk_write(self._endpoints, [UpdateOne(which, {"$set": change})])

    async def close_gap(self, target: Target, before: Replay, after: Replay) -> None:
        """Have new events queued again, and bring once more all since the gap, in one write.

        Nothing is done where another process was quicker, or the gap begins earlier by now.
        """
        full = target.endpoint.full
        which = {"_id": target.webhook.id, "full": full}
        which |= {"replay.cursor": before.cursor, "replay.until": before.until}
        change = {"replay": after.model_dump(), "full": None}
        await mongo.bulk_write(self._endpoints, [UpdateOne(which, {"$set": change})])

    async def fill(self, ids: Sequence[str], since: datetime) -> None:
        """Note that an event was not queued for some, which was recorded then."""
        writes = [
            UpdateOne({"_id": id_, "full": {"$gt": since}}, {"$set": {"full": since}})
            for id_ in ids
        ]
        await mongo.bulk_write(self._endpoints, writes)

    async def of(self, ids: Sequence[str]) -> dict[str, Endpoint]:
        """What is kept of some, by id."""
        found = self._endpoints.find({"_id": {"$in": list(ids)}})
        return {one.id: one async for one in read_each(Endpoint, found)}

    async def webhooks(self) -> dict[str, Webhook]:
        """Those that are not removed, by id."""
        found = self._webhooks.find({"state": {"$ne": "removed"}}).limit(2 * MOST_WEBHOOKS)
        return {one.id: one async for one in read_each(Webhook, found)}

    async def targets(self) -> dict[str, Target]:
        """All webhooks with what it takes to send something there, by id."""
        webhooks = await self.webhooks()
        if not webhooks:
            return {}
        endpoints = await self.of([*webhooks])
        return {
            id_: Target(webhook=one, endpoint=endpoints[id_])
            for id_, one in webhooks.items()
            if id_ in endpoints
        }
