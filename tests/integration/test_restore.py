"""A restore takes nothing away that is there, and can be done again where it was interrupted."""

from __future__ import annotations

import uuid
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import TopicPartition
from pydantic import SecretStr

from cli import restore
from services.notifications import restoring
from shared import mongo
from shared.checks.store import StoreCheck
from shared.pipeline.installation import Installation
from shared.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pymongo.asynchronous.database import AsyncDatabase

    from tests.parts import Parts

HERE = TopicPartition("topic", 0)


@asynccontextmanager
async def database(parts: Parts) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    client = mongo.connect(parts.mongodb, "test")
    name = f"restore_{uuid.uuid4().hex[:8]}"
    try:
        yield client[name]
    finally:
        await client.drop_database(name)
        await client.close()


async def test_a_store_with_a_journal_is_not_touched(parts: Parts) -> None:
    async with database(parts) as here:
        await here["journal"].insert_one({"_id": "one"})
        with pytest.raises(restore.NotRestored, match="is not lost"):
            await restore.empty(here, "plans")
        assert await here["journal"].count_documents({}) == 1


async def test_what_a_service_noted_that_was_started_on_the_empty_store_is_not_kept(
    parts: Parts,
) -> None:
    async with database(parts) as here:
        started = Installation(here)
        await started.prepare()
        await restore.empty(here, "plans")
        of_the_backup = {"_id": "installation", "id": "of the backup", "generation": 2}
        await here["engine"].insert_one(of_the_backup)
        assert await started.is_replaced()
        assert started.generation == 2


async def test_what_an_interrupted_one_left_is_taken_away_and_it_begins_anew(parts: Parts) -> None:
    async with database(parts) as here:
        await restore.empty(here, "plans")
        await here["journal"].insert_one({"_id": "half"})
        await here["members"].insert_one({"_id": "half"})
        await restore.empty(here, "plans")
        left = {name for name in await here.list_collection_names() if name != "restoring"}
        counts = [await here[name].count_documents({}) for name in left]
        assert not sum(counts)
        settings = Settings(mongodb=SecretStr(parts.mongodb), database=here.name)
        (fault,) = await StoreCheck(settings, "")()
        assert "was not done to its end" in fault.reason


async def test_a_restored_store_knows_where_to_read_on_until_it_has_read_as_far(
    parts: Parts,
) -> None:
    async with database(parts) as here:
        installation = Installation(here)
        await installation.prepare()
        await installation.advance({HERE: 9})
        await installation.reset({HERE: 4})
        await installation.restored.note({HERE: 12})
        assert await installation.restored.is_pending()
        await installation.restored.settle()
        assert not await installation.restored.is_pending()
        assert await installation.restored.until() == {"topic/0": 12}
        assert await installation.expected([HERE]) == {HERE: 4}
        await installation.advance({HERE: 12})
        assert await installation.restored.until() == {}


async def test_e_mails_that_a_backup_has_not_seen_end_are_held(parts: Parts) -> None:
    async with database(parts) as here:
        states = ["queued", "sending", "sent", "failed", "unknown"]
        await here["deliveries"].insert_many([{"_id": s, "state": s} for s in states])
        await restoring.doubt(here, datetime.now(UTC))
        found = {one["_id"]: one["state"] async for one in here["deliveries"].find()}
    assert found == dict(
        zip(states, ["unknown", "unknown", "sent", "failed", "unknown"], strict=True)
    )
