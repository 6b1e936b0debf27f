"""What everything is called that events name by an id: kept as events tell it, and looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from cachetools import LRUCache
from pymongo import UpdateOne

from services.notifications.domain import Named, Names, asked, namings
from shared import mongo

if TYPE_CHECKING:
    from collections.abc import Callable

    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.domain import Naming
    from shared.contracts.base import Event

_AT_ONCE: Final = 500
_MOST: Final = 20_000
"""Names in memory."""
_FRESH_SECONDS: Final = 60
"""So long a name is taken as it was read."""


class NameBook:
    """Keeps what things are called; a name that is told again is not written again.

    Args:
        clock: tells how much time has passed, in seconds.

    Attributes:
        names: those that were looked up; always the same, so that what was made with it is kept.
    """

    def __init__(
        self, database: AsyncDatabase[dict[str, Any]], clock: Callable[[], float] = monotonic
    ) -> None:
        self._collection, self._clock = database["names"], clock
        self._written: LRUCache[str, Naming] = LRUCache(_MOST)
        self._found: LRUCache[str, Named | None] = LRUCache(_MOST)
        self._read_at: LRUCache[str, float] = LRUCache(_MOST)
        self.names = Names(self._found)

    async def keep(self, events: Iterable[Event]) -> None:
        """Keep all names that some events tell, in their order."""
        new: dict[str, list[Naming]] = {}
        for event in events:
            for naming in namings(event):
                if self._written.get(naming.key) != naming:
                    new.setdefault(naming.key, []).append(naming)
                    self._written[naming.key] = naming
        writes = [_write(key, of_it) for key, of_it in new.items()]
        try:
            for start in range(0, len(writes), _AT_ONCE):
                await mongo.bulk_upsert(self._collection, writes[start : start + _AT_ONCE])
        except BaseException:
            self._written.clear()
            raise

    async def look_up(self, events: Iterable[Event], others: Iterable[str] = ()) -> Names:
        """Know by name whatever some events name by an id, and others: `coalitions/europe`."""
        now = self._clock()
        keys = {key for event in _each(events) for key in asked(event)}.union(others)
        old = {
            key for key in keys if now - self._read_at.get(key, -_FRESH_SECONDS) >= _FRESH_SECONDS
        }
        if old:
            query = self._collection.find({"_id": {"$in": sorted(old)}})
            found = {one["_id"]: _named(one) async for one in query}
            for key in old:
                self._found[key], self._read_at[key] = found.get(key), now
        return self.names


def _each(events: Iterable[Event]) -> Iterable[Event]:
    """Each once: those that many are told of are one."""
    return {id(event): event for event in events}.values()


def _write(key: str, of_it: Iterable[Naming]) -> UpdateOne:
    """What is called how in the end, after several that are told one after another."""
    fields: dict[str, Any] = {}
    for naming in of_it:
        if naming.name:
            fields["name"] = naming.name
        if naming.is_new:
            fields = {"name": naming.name, "names": dict(naming.names or {})}
        elif "names" in fields:
            fields["names"] |= naming.names or {}
        else:
            fields |= {f"names.{tag}": text for tag, text in (naming.names or {}).items()}
    return UpdateOne({"_id": key}, {"$set": fields}, upsert=True)


def _named(document: Mapping[str, Any]) -> Named | None:
    """A name as it is kept; what tells only other languages is none yet."""
    name = document.get("name")
    return Named(name, document.get("names") or {}) if name else None
