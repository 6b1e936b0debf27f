"""Filters of queries: what names nothing that there is, is refused, with the nearest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi import Request

from shared.nearest import meant, nearest
from shared.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

    from shared.pipeline.snapshots import Snapshots

_BY_ID: Final = frozenset({"coalitions", "plans"})
"""Kinds whose ids are those of coalitions."""
_BEGINNING: Final = re.compile("[a-z0-9]+-[a-z0-9]+-[a-z0-9]")
"""Country, kind, and the first letter of a name: how an id begins that is misspelt later."""
_COMPARED: Final = 2000
"""Ids that are looked at for the nearest, at most: there may be 200,000 members."""

Places = Sequence[tuple[str, str]]
"""Collections and fields in which an id may stand; the first is that of the things themselves."""


def of_coalition(snapshots: Snapshots[Any]) -> Callable[[Request], Awaitable[None]]:
    """A dependency of routes: where `coalition` is asked for, something of it must be recorded."""

    async def check(request: Request) -> None:
        if coalition := request.query_params.get("coalition"):
            await _refuse_unknown(snapshots, coalition)

    return check


def of_members(
    snapshots: Snapshots[Any], parameters: Mapping[str, Places]
) -> Callable[[Request], Awaitable[None]]:
    """A dependency of routes: the member that a parameter asks for must be recorded somewhere.

    Args:
        snapshots: where it is looked up.
        parameters: each with where such a member may stand.
    """

    async def check(request: Request) -> None:
        for name, places in parameters.items():
            if id_ := request.query_params.get(name):
                await _refuse_nobody(snapshots, name, id_, places)

    return check


async def _refuse_nobody(snapshots: Snapshots[Any], name: str, id_: str, places: Places) -> None:
    if await _stands(snapshots, id_, places):
        return
    members, by_id = snapshots.database[places[0][0]], "_id"
    alike: list[str] = []
    if beginning := _BEGINNING.match(id_):
        found = members.find({by_id: {"$regex": f"^{beginning[0]}"}}, {by_id: 1})
        alike = [one[by_id] for one in await found.limit(_COMPARED).to_list()]
    near = nearest(id_, alike)
    hint = f"the nearest is {near!r}" if near else "/members?name= finds a member by its name"
    reason = f"{name}: nothing is recorded here of the member {id_!r}: {hint}"
    raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, reason)


async def _refuse_unknown(snapshots: Snapshots[Any], coalition: str) -> None:
    places = list(_fields(snapshots))
    if await _stands(snapshots, coalition, places):
        return
    recorded: set[str] = set()
    for kind, field in places:
        recorded.update(one for one in await snapshots.database[kind].distinct(field) if one)
    reason = f"nothing is recorded here of the coalition {coalition!r}: "
    raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, reason + meant(coalition, sorted(recorded)))


async def _stands(snapshots: Snapshots[Any], id_: str, places: Iterable[tuple[str, str]]) -> bool:
    for kind, field in places:
        if await snapshots.database[kind].find_one({field: id_}, {"_id": 1}):
            return True
    return False


def _fields(snapshots: Snapshots[Any]) -> Iterator[tuple[str, str]]:
    """In which kinds coalitions are named, and where."""
    for kind, model in snapshots.kinds.items():
        if kind in _BY_ID:
            yield kind, "_id"
        elif "coalition" in model.model_fields:
            yield kind, "coalition"
