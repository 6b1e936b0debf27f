"""Filters of queries: what names nothing that there is, is refused, with the nearest."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi import Request

from shared.nearest import meant
from shared.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from shared.pipeline.snapshots import Snapshots

_BY_ID: Final = frozenset({"coalitions", "plans"})
"""Kinds whose ids are those of coalitions."""


def of_coalition(snapshots: Snapshots[Any]) -> Callable[[Request], Awaitable[None]]:
    """A dependency of routes: where `coalition` is asked for, something of it must be recorded."""

    async def check(request: Request) -> None:
        if coalition := request.query_params.get("coalition"):
            await _refuse_unknown(snapshots, coalition)

    return check


async def _refuse_unknown(snapshots: Snapshots[Any], coalition: str) -> None:
    for kind, field in _fields(snapshots):
        if await snapshots.database[kind].find_one({field: coalition}, {"_id": 1}):
            return
    recorded: set[str] = set()
    for kind, field in _fields(snapshots):
        recorded.update(one for one in await snapshots.database[kind].distinct(field) if one)
    reason = f"nothing is recorded here of the coalition {coalition!r}: "
    raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, reason + meant(coalition, sorted(recorded)))


def _fields(snapshots: Snapshots[Any]) -> Iterator[tuple[str, str]]:
    """In which kinds coalitions are named, and where."""
    for kind, model in snapshots.kinds.items():
        if kind in _BY_ID:
            yield kind, "_id"
        elif "coalition" in model.model_fields:
            yield kind, "coalition"
