"""Filters of queries: what names nothing that there is, is refused, with the nearest."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from shared.nearest import meant
from shared.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.pipeline.snapshots import Views

_BY_ID: Final = frozenset({"coalitions", "plans"})
"""Kinds whose ids are those of coalitions."""


async def refuse_unknown(views: Views[Any], coalition: str | None) -> None:
    """Refuse a coalition that this service has nothing of.

    Raises:
        Problem: 422, with the nearest that there is.
    """
    if coalition is None:
        return
    for kind, field in _fields(views):
        if await views.database[kind].find_one({field: coalition}, {"_id": 1}):
            return
    known: set[str] = set()
    for kind, field in _fields(views):
        known.update(one for one in await views.database[kind].distinct(field) if one)
    reason = f"nothing is recorded here of the coalition {coalition!r}: "
    raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, reason + meant(coalition, sorted(known)))


def _fields(views: Views[Any]) -> Iterator[tuple[str, str]]:
    """In which kinds coalitions are named, and where."""
    for kind, model in views.kinds.items():
        if kind in _BY_ID:
            yield kind, "_id"
        elif "coalition" in model.model_fields:
            yield kind, "coalition"
