"""Members found by their names: by the beginnings of words, as flat for 200,000 as for 3,000."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from cachetools import LRUCache
from pydantic_core import to_json
from pymongo import ASCENDING, ReplaceOne

from services.membership.domain import Member
from services.membership.domain.members.words import beginnings, names, wanted, words
from shared import mongo
from shared.contracts.base import Model
from shared.fingerprint import digest
from shared.pipeline.projections import NO_TRACES
from shared.pipeline.tolerant import read_all
from shared.web.paging import Page, page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.contracts.base import Event
    from shared.domain.state import State
    from shared.domain.stream import Stream
    from shared.pipeline.snapshots import Document
    from shared.tracing.context import TraceContext

_REMEMBERED: Final = 20_000
_AT_ONCE: Final = 200
_COUNTED: Final = 1_000
"""Members of a name that are counted at most."""
_FILTERS: Final = ("coalition", "country", "kind")
"""What can be asked for together with a name, at no more cost."""


class Found(Model):
    """The id of a member that was found."""

    id: str


class MembersByName:
    """Keeps by which beginnings each member is found; written only when its names change."""

    of: tuple[type[Event], ...] = ()

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._members = database["members"]
        self._names = database["names"]
        self._written: LRUCache[str, str] = LRUCache(_REMEMBERED)

    async def prepare(self) -> None:
        """Create the index; harmless when it exists."""
        await mongo.index(self._names, [("beginnings", ASCENDING), ("_id", ASCENDING)])

    async def project(
        self,
        states: Mapping[Stream, State],
        events: Sequence[Event],
        traces: Mapping[Stream, TraceContext] = NO_TRACES,
    ) -> None:
        """Follow those members that are called otherwise than before."""
        del events, traces
        there = {one.id: _digest(one) for one in _members(states)}
        unsure = {id_: new for id_, new in there.items() if self._written.get(id_) != new}
        if unsure:
            stored = await self._digests(list(unsure))
            await self._write([id_ for id_, new in unsure.items() if stored.get(id_) != new])
            self._written.update(unsure)

    async def rebuild(self, states: Mapping[Stream, State]) -> None:
        """Write them anew."""
        await self._write([one.id for one in _members(states)])

    async def find(
        self, text: str, asked: Mapping[str, Any], after: str, limit: int
    ) -> Page[Found]:
        """A page of the members whose names have words that begin as those of a text do, by id."""
        filters = {name: asked.get(name) for name in _FILTERS}
        if not (begin := wanted(text)):
            return Page(items=[], total=0)
        # The index finds the rarest; asked for several, a store may read all that it has.
        rarest, found = await self._rarest(begin) if begin[1:] else (begin[0], 1)
        if not found:
            return Page(items=[], total=0)
        others = [re.compile(f"^{re.escape(word)}") for word in begin if word != rarest]
        has = {"beginnings": rarest, "words": {"$all": others} if others else None}
        where = {**filters, **has}
        return await page(self._names, Found, where, after, limit, fields={"id": 1}, most=_COUNTED)

    async def _rarest(self, begin: Sequence[str]) -> tuple[str, int]:
        """Of beginnings that the fewest names have, the longest, and how many these are at most."""
        names = self._names
        counts = [
            (await names.count_documents({"beginnings": one}, limit=_COUNTED), n)
            for n, one in enumerate(begin)
        ]
        number, place = min(counts)
        return begin[place], number

    async def _digests(self, ids: Sequence[str]) -> dict[str, str]:
        found = self._names.find({"_id": {"$in": list(ids)}}, {"digest": 1})
        return {one["_id"]: one["digest"] async for one in found}

    async def _write(self, ids: Sequence[str]) -> None:
        """Write what the snapshots say, which are never older than what is to be followed."""
        for start in range(0, len(ids), _AT_ONCE):
            where = {"_id": {"$in": [*ids[start : start + _AT_ONCE]]}}
            documents = await self._members.find(where).to_list()
            versions = {one["_id"]: one["version"] for one in documents}
            members, _ = read_all(Member, documents)
            if writes := [_replace(one, versions[one.id]) for one in members]:
                await mongo.bulk_upsert(self._names, writes)


def _members(states: Mapping[Stream, State]) -> list[Member]:
    return [state for state in states.values() if isinstance(state, Member)]


def _digest(member: Member) -> str:
    """Says whether a member is found otherwise than before."""
    return digest(to_json([list(names(member)), [getattr(member, one) for one in _FILTERS]]))


def _replace(member: Member, version: int) -> ReplaceOne[Document]:
    document = {
        "id": member.id,
        "version": version,
        "digest": _digest(member),
        "words": list(found := words(member)),
        "beginnings": list(beginnings(found)),
        **{name: getattr(member, name) for name in _FILTERS},
    }
    older = {"_id": member.id, "version": {"$lte": version}}
    return ReplaceOne(older, document, upsert=True)
