"""Which coalitions there are, and where people's own members belong, as far as is read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pymongo import DESCENDING

from services.notifications.domain.announcements.state import (
    ALL_COALITIONS,
    ALL_HOMES,
    Coalitions,
    Homes,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.subscriptions import Subscriptions

_BY_MEMBERSHIP: Final = {"$regex": r"^coalition\.membership\."}


class HomeLookup:
    """Looks up the coalitions of members: `changes.py` keeps all that was published of them.

    It is asked for announcements alone, so it reads what it needs then.
    """

    def __init__(
        self, database: AsyncDatabase[dict[str, Any]], subscriptions: Subscriptions
    ) -> None:
        self._read, self._subscriptions = database["changes"], subscriptions

    async def look_up(self, ids: Collection[str]) -> Mapping[str, Homes]:
        """What rules look at: where each member belongs that somebody has as their own."""
        return {ALL_HOMES.id: await self.homes()} if ALL_HOMES.id in ids else {}

    async def homes(self) -> Homes:
        """The coalition of each member that somebody has as their own."""
        named = (await self._subscriptions.interests()).of_member
        found = {member: await self._home(member) for member in named}
        return Homes(of={member: home for member, home in found.items() if home})

    async def _home(self, member: str) -> str | None:
        """The coalition of which membership has last published something of a member."""
        of_it = {"members": member, "about": member, "coalition": {"$ne": None}}
        last = self._read.find({**of_it, "type": _BY_MEMBERSHIP}, {"coalition": 1})
        async for one in last.sort("_id", DESCENDING).limit(1):
            return str(one["coalition"])
        return None


class CoalitionLookup:
    """Looks up which coalitions there are, likewise: for announcements alone."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._read = database["changes"]

    async def look_up(self, ids: Collection[str]) -> Mapping[str, Coalitions]:
        """What rules look at."""
        if ALL_COALITIONS.id not in ids:
            return {}
        found = await self._read.distinct("coalition")
        there = sorted(one for one in found if isinstance(one, str))
        return {ALL_COALITIONS.id: Coalitions(ids=tuple(there))}
