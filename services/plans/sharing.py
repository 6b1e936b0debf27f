"""Of which size the members are who share good practices, for the list and the export of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.pipeline.snapshots import Document
from shared.web.parameters import given

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase


async def with_sharing(database: AsyncDatabase[Document], where: Document) -> Document:
    """What good practices must have, where `population` says of which size those who share are.

    A size is the member's, and changes without the practice; those who share any are few.
    """
    wanted = given(where)
    size = wanted.pop("population", None)
    if size is None:
        return wanted
    found = database["practices"].find(wanted, {"member.id": 1})
    sharing = {one["member"].get("id") async for one in found}
    these: Document = {"_id": {"$in": list(sharing)}, "population": size}
    of_size = database["commitments"].find(these, {"_id": 1})
    return {**wanted, "member.id": {"$in": [one["_id"] async for one in of_size]}}
