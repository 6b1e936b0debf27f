"""What a coalition is called wherever something of it is shown: by its record, not by its members'.

A member keeps its coalition's name as it was when something last happened to it. That is what its
events say; whoever asks gets the name in force.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from services.membership.domain import Coalition, Conference, Member
from shared.pipeline.tolerant import read_each

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.pipeline.snapshots import Document, Snapshots

T = TypeVar("T", Member, Conference)


async def with_names(
    database: AsyncDatabase[Document], found: Sequence[T], day: str | None = None
) -> list[T]:
    """What was found, with the names that its coalitions have now, or had on a day."""
    where = {"_id": {"$in": sorted({one.coalition for one in found})}}
    names = await _names(database, where, day)
    return [
        one.model_copy(update={"coalition_name": names.get(one.coalition, one.coalition_name)})
        for one in found
    ]


async def name_coalitions(snapshots: Snapshots[Any]) -> Callable[[Document], Document]:
    """Gives rows of an export the names that their coalitions have now."""
    names = await _names(snapshots.database, {})

    def named(row: Document) -> Document:
        return {**row, "coalition_name": names.get(row["coalition"], row["coalition_name"])}

    return named


async def _names(
    database: AsyncDatabase[Document], where: Mapping[str, Any], day: str | None = None
) -> dict[str, str]:
    found = read_each(Coalition, database["coalitions"].find(where))
    each = [(one, one.as_of(day) if day else one) async for one in found]
    return {one.id: (then or one).name for one, then in each}
