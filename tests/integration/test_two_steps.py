"""The double's own: a `findAndModify` in two steps loses its race as an update does."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pymongo import AsyncMongoClient, ReturnDocument
from pymongo.errors import DuplicateKeyError

from tests.parts import store_port
from tests.wire import wire

if TYPE_CHECKING:
    from tests.parts import Parts


async def test_of_two_who_find_nothing_to_modify_one_meets_a_duplicate_key(parts: Parts) -> None:
    both, arrived = asyncio.Event(), 0

    async def between(_: dict[str, Any]) -> None:
        nonlocal arrived
        arrived += 1
        if arrived == 2:
            both.set()
        await asyncio.wait_for(both.wait(), 10)

    async with wire(store_port(parts)) as double:
        double.between = between
        async with AsyncMongoClient[dict[str, Any]](double.uri) as client:
            database = client[f"steps_{uuid.uuid4().hex[:8]}"]

            async def modify(version: int) -> dict[str, Any] | None:
                with suppress(DuplicateKeyError):
                    return await database["notes"].find_one_and_update(
                        {"_id": "a"},
                        {"$set": {"version": version}},
                        upsert=True,
                        return_document=ReturnDocument.AFTER,
                    )
                return None

            one, two = await asyncio.gather(modify(1), modify(2))
            assert [one, two].count(None) == 1
            assert (one or two) == await database["notes"].find_one()
            assert await modify(3) == {"_id": "a", "version": 3}
            await client.drop_database(database.name)
