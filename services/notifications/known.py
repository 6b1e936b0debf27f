"""Which coalitions and members there are, as far as notifications has read of them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Protocol

from pymongo import DESCENDING

from services.notifications.letters import event_of
from shared.contracts.membership import MemberAbsorbed, MemberCorrected
from shared.nearest import meant
from shared.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pymongo.asynchronous.database import AsyncDatabase

_FIELDS: Final = {"coalitions": "coalition", "members": "members"}
"""What is named, and the field of the changes that are kept in which it stands."""

_ON_MERGERS: Final = (MemberAbsorbed.type, MemberCorrected.type)
_MOST_MERGERS: Final = 100


class Wanted(Protocol):
    """What names coalitions and members, and may have rules that do."""

    @property
    def coalitions(self) -> tuple[str, ...]:
        """The ids of coalitions."""

    @property
    def members(self) -> tuple[str, ...]:
        """The ids of members."""


class Known:
    """Looks up names in what was read: `changes.py` keeps all of it."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._read = database["changes"]

    async def check(self, wanted: Wanted) -> None:
        """See that all that is named is there.

        Raises:
            Problem: something is not, and the nearest name is given; or it is one with another
                member, under whose id all is published.
        """
        wrong = [
            {"where": where, "reason": reason}
            for where, field, name in _named(wanted)
            if (reason := await self._wrong(field, name))
        ]
        if wrong:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the request is not valid", errors=wrong)

    async def _wrong(self, field: str, name: str) -> str | None:
        """What is wrong with a name; None where nothing is."""
        if not await self._read.find_one({_FIELDS[field]: name}, {"_id": 1}):
            return await self._reason(field, name)
        into = await self._into(name) if field == "members" else None
        return f"{name!r} is one with {into!r}: name that one" if into else None

    async def _into(self, member: str) -> str | None:
        """The member that another is one with, by a merger or since its id leads there."""
        where = {"members": member, "about": member, "type": {"$in": [*_ON_MERGERS]}}
        async for one in self._read.find(where).sort("_id", DESCENDING).limit(_MOST_MERGERS):
            event = event_of(one["type"], one["data"])
            if isinstance(event, MemberAbsorbed):
                return event.into.key
            if isinstance(event, MemberCorrected) and event.fact == "merged into":
                return event.correct
        return None

    async def _reason(self, field: str, name: str) -> str:
        what = "coalition" if field == "coalitions" else "member"
        read = await self._read.distinct(_FIELDS[field])
        there = sorted(one for one in read if isinstance(one, str))
        return f"notifications has read of no {what} {name!r}: {meant(name, there)}"


def _named(wanted: Wanted) -> Iterator[tuple[str, str, str]]:
    """Where something is named, whether it is a coalition or a member, and which; each once."""
    places: Mapping[str, Any] = {
        "body": wanted,
        **{
            f"body.rules.{number}": rule for number, rule in enumerate(getattr(wanted, "rules", ()))
        },
    }
    seen = set[tuple[str, str]]()
    for where, one in places.items():
        for field in _FIELDS:
            for name in getattr(one, field):
                if (field, name) not in seen:
                    seen.add((field, name))
                    yield f"{where}.{field}", field, name
