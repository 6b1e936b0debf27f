"""Likely doubles of the new members of a sheet: in the record, and in the sheet itself."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from services.membership.member_rows import MemberRow
from shared.tabular.doubles import MAX_COMPARED, Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shared.pipeline.snapshots import Document, Snapshots
    from shared.tabular.rows import ImportedRow

_FIELDS: Final = ("name", "local_name", "names", "country", "called")


async def likely_doubles(
    snapshots: Snapshots[Any], rows: Sequence[ImportedRow]
) -> Sequence[tuple[str, ...]]:
    """For each row of a new member, the ids of members of its country with a name like its own."""
    new = [row for row in rows if isinstance(row, MemberRow)]
    where = {"country": {"$in": list({row.country for row in new})}, "merged_into": None}
    found = snapshots.database["members"].find(where, dict.fromkeys(_FIELDS, 1)).limit(MAX_COMPARED)
    recorded = await found.to_list()
    return await asyncio.to_thread(compared, new, recorded)


def compared(rows: Sequence[MemberRow], recorded: Iterable[Document]) -> Sequence[tuple[str, ...]]:
    """The likely doubles of each row, among what is recorded and among the rows."""
    names: dict[str | None, Names] = defaultdict(Names)
    for document in recorded:
        names[document.get("country")].add(document["_id"], _names(document))
    for row in rows:
        names[row.country].add(row.aggregate, _names(row.model_dump()))
    return [names[row.country].like(row.aggregate, _names(row.model_dump())) for row in rows]


def _names(of: Mapping[str, Any]) -> Iterable[str | None]:
    for one in (of, *(of.get("called") or ())):
        yield from (one.get("name"), one.get("local_name"), *(one.get("names") or {}).values())
