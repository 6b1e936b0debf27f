"""Doubles of new members: in the record, and those of a sheet in the sheet itself.

One whose name is just another's is an error; one whose name is like another's is only named.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from slugify import slugify

from services.membership.domain.members.words import wanted
from services.membership.member_rows import MemberRow
from shared.contracts.identity import normalized
from shared.contracts.membership import MemberStep
from shared.tabular.doubles import MAX_COMPARED, Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.contracts.base import Event
    from shared.pipeline.snapshots import Document, Snapshots
    from shared.tabular.rows import FindNamesakes, ImportedRow

_FIELDS: Final = ("name", "local_name", "names", "country", "kind", "called")

_NEAR: Final = 2
"""Letters with which a word of a name like another begins as one of that does."""
_LOOKED_AT: Final = 2_000
"""Members with such a word that are looked at, for one event."""
_MAY_BE_ONE: Final = (
    "{new} is a new member, and {other} has a name like it: if the two are one, MembersMerged says"
    " so, and the id of the one that stays is to be given from then on"
)

_Called: TypeAlias = tuple[str | None, str | None, str]
"""A country, a kind and a name as it is compared."""


async def likely_doubles(
    snapshots: Snapshots[Any], rows: Sequence[ImportedRow]
) -> Sequence[tuple[str, ...]]:
    """For each row of a new member, the ids of members of its country with a name like its own."""
    new = [row for row in rows if isinstance(row, MemberRow)]
    where = {"country": {"$in": list({row.country for row in new})}, "merged_into": None}
    found = snapshots.database["members"].find(where, dict.fromkeys(_FIELDS, 1)).limit(MAX_COMPARED)
    recorded = await found.to_list()
    return await asyncio.to_thread(compared, new, recorded)


async def warnings(database: AsyncDatabase[Document], event: Event) -> Sequence[str]:
    """Of the event with which a member begins, with whom of its country it may be one."""
    if not isinstance(event, MemberStep):
        return ()
    new = event.member
    called = [name for name in (new.name, new.local_name) if name]
    begin = {word[:_NEAR] for name in called for word in wanted(slugify(name, separator=" "))}
    where: Document = {"beginnings": {"$in": sorted(begin)}, "country": new.country}
    near = database["names"].find(where, {"_id": 1}).limit(_LOOKED_AT)
    ids = [one["_id"] async for one in near]
    alike: Document = {"_id": {"$in": ids}, "merged_into": None}
    names = Names()
    async for document in database["members"].find(alike, dict.fromkeys(_FIELDS, 1)):
        names.add(document["_id"], _names(document))
    found = await asyncio.to_thread(names.like, new.key, called)
    return [_MAY_BE_ONE.format(new=new.key, other=other) for other in found]


def compared(rows: Sequence[MemberRow], recorded: Iterable[Document]) -> Sequence[tuple[str, ...]]:
    """The likely doubles of each row, among what is recorded and among the rows."""
    names: dict[str | None, Names] = defaultdict(Names)
    for document in recorded:
        names[document.get("country")].add(document["_id"], _names(document))
    for row in rows:
        names[row.country].add(row.aggregate, _names(row.model_dump()))
    return [names[row.country].like(row.aggregate, _names(row.model_dump())) for row in rows]


def namesakes(snapshots: Snapshots[Any]) -> FindNamesakes:
    """Finds of a sheet's new members those that have a name of another member, and no id."""
    seen, database = Namesakes(), snapshots.database

    async def find(rows: Sequence[ImportedRow]) -> Sequence[str | None]:
        new = [row for row in rows if isinstance(row, MemberRow)]
        texts = {name for row in new for name in _names(row.model_dump())}
        begin = sorted({longest[0] for name in texts if (longest := wanted(name))})
        where: Document = {"country": {"$in": list({row.country for row in new})}}
        called = database["names"].find({"beginnings": {"$in": begin}, **where}, {"_id": 1})
        ids = [one["_id"] async for one in called.limit(MAX_COMPARED)]
        alike: Document = {"_id": {"$in": ids}, "merged_into": None}
        seen.add(await database["members"].find(alike, dict.fromkeys(_FIELDS, 1)).to_list())
        return [seen.reason(row) for row in new]

    return find


class Namesakes:
    """Who is called what: of a country and kind, by any name and by the name it is known by."""

    def __init__(self) -> None:
        self._by_any: dict[_Called, str] = {}
        self._by_own: dict[_Called, str] = {}

    def add(self, recorded: Iterable[Document]) -> None:
        """Add members that are recorded."""
        for document in recorded:
            self._add(document["_id"], document)

    def reason(self, row: MemberRow) -> str | None:
        """Why a row is not taken for a new member; else, those after it are compared with it.

        Its own name is one of another's names, or one of its names is the other's own. That both
        have one name in the language of the record does not make one of two that have own names.
        """
        as_recorded = row.model_dump()
        if row.id is None and row.qualifier is None:
            pairs = [(_any(as_recorded), self._by_own), (_own(as_recorded), self._by_any)]
            other = next((by[one] for names, by in pairs for one in names if one in by), None)
            if other:
                return (
                    f"{row.name!r} is also what {other} is called: give {other} as `id` if it is"
                    " that member, or a `qualifier` or an `id` of its own if it is another"
                )
        self._add(row.aggregate, as_recorded)
        return None

    def _add(self, id_: str, of: Mapping[str, Any]) -> None:
        self._by_own |= dict.fromkeys(_own(of), id_)
        self._by_any |= dict.fromkeys(_any(of), id_)


def _own(of: Mapping[str, Any]) -> Iterator[_Called]:
    """What a member is and was known by: its own names for itself."""
    for one in (of, *(of.get("called") or ())):
        name = one.get("local_name") or one.get("name")
        yield of.get("country"), one.get("kind") or of.get("kind"), normalized(name or "")


def _any(of: Mapping[str, Any]) -> Iterator[_Called]:
    """All that a member is and was called."""
    kinds = {of.get("kind"), *(one.get("kind") for one in of.get("called") or ())} - {None}
    for name in _names(of):
        for kind in kinds:
            yield of.get("country"), kind, normalized(name)


def _names(of: Mapping[str, Any]) -> Iterator[str]:
    for one in (of, *(of.get("called") or ())):
        names = (one.get("name"), one.get("local_name"), *(one.get("names") or {}).values())
        yield from filter(None, names)
