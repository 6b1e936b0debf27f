"""What a sender has in hand of a queue, of each turn only what comes next.

An e-mail's turn is its person; a webhook's is the member, or whatever else an event is about.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from pymongo import ASCENDING

from services.notifications.delivery import DeliveryState, InHand
from shared import mongo
from shared.pipeline.tolerant import read_all

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from pymongo.asynchronous.collection import AsyncCollection

Document = dict[str, Any]
BY_ID: Final = "_id_"
"""The index that finds what is named; another one would walk through all of a state."""


C = TypeVar("C", bound=InHand)


class Queue(NamedTuple, Generic[C]):
    """What senders claim from.

    Attributes:
        collection: of the documents.
        model: what is claimed, read.
        turn: the field within which order holds.
        gives_up: whether one that is put off keeps later ones waiting until its `holds` only, and
            not until it is sent or has failed.
        hint: the index by which what is due is found; empty where the store is left to choose.
    """

    collection: AsyncCollection[Document]
    model: type[C]
    turn: str
    gives_up: bool
    hint: str = ""


class Taken(NamedTuple, Generic[C]):
    """What a sender took.

    Attributes:
        claimed: to be sent, those of one turn one after the other.
        waiting: to be given back, since an earlier one of the same turn is not sent yet; each
            with how long it rests.
    """

    claimed: list[C]
    waiting: list[tuple[C, timedelta]]


class Claims(Generic[C]):
    """The claims of one sender.

    Args:
        queue: what it claims from.
        sender: its name, which no other has.
        part: what all that it claims has in common, besides; nothing, where it may be any.
    """

    def __init__(
        self,
        queue: Queue[C],
        sender: str | None = None,
        part: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self._queue, self._part = queue, dict(part)
        self._collection, self._turn = queue.collection, queue.turn
        self._sender = sender or uuid.uuid4().hex
        self._has_company = False

    async def take(
        self, limit: int, now: datetime, until: datetime, leave: Collection[str] = ()
    ) -> Taken[C]:
        """Take the first of those that are due, in one step for all of them.

        Nobody else gets them before the lease ends, `until`; what became of them is unknown then.
        Nothing is taken of the turns that are to be left.
        """
        claim = f"{self._sender}/{uuid.uuid4()}"
        due: Document = {**self._part, "state": DeliveryState.QUEUED, "due": {"$lte": now}}
        taken = {"state": DeliveryState.SENDING, "due": until, "claim": claim}
        others = await self._with_others() if self._has_company else []
        if others or leave:
            due[self._turn] = {"$nin": sorted({*others, *leave})}
        while found := await self._find(due, limit):
            which = {"_id": {"$in": [document["_id"] for document in found]}}
            if await self._take({**which, **due}, {"$set": taken}) != len(found):
                # Others were quicker with some, or the change was repeated: the claim tells.
                found = await self._find({**which, "claim": claim}, limit)
            if found:
                documents = ({**document, **taken} for document in found)
                claimed, _ = read_all(self._queue.model, documents)
                return await self._in_order(claimed, now)
        return Taken([], [])

    async def _in_order(self, claimed: list[C], now: datetime) -> Taken[C]:
        """Leave out what an earlier one of the same turn comes before.

        It is looked at after the claim is written. So of two senders that take from one turn at
        the same time at least one sees it, and the one with the earliest goes on.
        """
        earlier = await self._earlier(claimed)
        self._has_company = any(one["state"] == DeliveryState.SENDING for one in earlier)
        by_turn = defaultdict(list)
        for one in earlier:
            if (until := _holds(one, now, gives_up=self._queue.gives_up)) is not None:
                by_turn[one[self._turn]].append((one["place"], until))
        taken = Taken[C]([], [])
        for mine in sorted(claimed, key=lambda one: one.place):
            waits = [until for place, until in by_turn[mine.turn] if place < mine.place]
            if waits:
                rest = max(max(waits) - now, timedelta())
                taken.waiting.append((mine, rest))
            else:
                taken.claimed.append(mine)
        return taken

    async def _earlier(self, claimed: list[C]) -> list[Document]:
        """What is not sent yet, and not in our hands, from before the last of these."""
        if not claimed:
            return []
        turns = {self._turn: {"$in": sorted({one.turn for one in claimed})}}
        before = {"place": {"$lt": max(one.place for one in claimed)}, **turns, **self._part}
        fields = dict.fromkeys(("state", self._turn, "place", "due", "holds", "claim"), 1)
        found: list[Document] = []
        # One that is given back meanwhile goes from one end of the index to another, where a single
        # read could miss it.
        for state in (DeliveryState.SENDING, DeliveryState.QUEUED, DeliveryState.SENDING):
            found += await self._collection.find({"state": state, **before}, fields).to_list()
        return [one for one in found if not self._is_mine(one)]

    async def _with_others(self) -> list[str]:
        """The turns that other senders have in hand."""
        found = self._collection.find(
            {**self._part, "state": DeliveryState.SENDING},
            {self._turn: 1, "state": 1, "claim": 1},
        )
        others = {one[self._turn] async for one in found if not self._is_mine(one)}
        self._has_company = bool(others)
        return sorted(others)

    def _is_mine(self, one: Mapping[str, Any]) -> bool:
        sending = one["state"] == DeliveryState.SENDING
        return sending and str(one.get("claim")).startswith(f"{self._sender}/")

    async def _find(self, where: Document, limit: int) -> list[Document]:
        """The first of those that are so."""
        found = self._collection.find(where).sort("place", ASCENDING).limit(limit)
        if self._queue.hint and "_id" not in where:
            found = found.hint(self._queue.hint)
        return await found.to_list()

    @mongo.retried
    async def _take(self, where: Document, change: Document) -> int:
        """Change all that are so; says how many were not yet changed by an earlier try."""
        return (await self._collection.update_many(where, change, hint=BY_ID)).modified_count


def _holds(earlier: Mapping[str, Any], now: datetime, *, gives_up: bool) -> datetime | None:
    """Until when an earlier one that is not ours keeps later ones waiting; None if it does not."""
    if earlier["state"] == DeliveryState.SENDING:
        return now
    due: datetime = earlier["due"]
    if due <= now or not gives_up:
        return max(due, now)
    holds: datetime | None = earlier.get(
        "holds"
    )  # none: it is not due yet, since its person sleeps
    return min(due, holds) if holds and holds > now else None
