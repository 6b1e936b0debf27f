"""A restore takes nothing away that is there, and can be done again where it was interrupted."""

from __future__ import annotations

import uuid
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import TopicPartition
from pydantic import SecretStr
from pymongo.asynchronous.collection import AsyncCollection

from cli import restore
from services.notifications import restoring
from services.notifications.deliveries import UNPUBLISHED
from services.notifications.domain.batches.state import KIND as BATCHES
from shared import mongo
from shared.checks.store import StoreCheck
from shared.contracts.notifications import NotificationFailed, NotificationSent
from shared.domain.stream import Stream
from shared.journal.entry import Entry, Key, Origin, Outcome, Published
from shared.pipeline.installation import Installation
from shared.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.contracts.base import Event
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


async def left(here: AsyncDatabase[dict[str, Any]]) -> int:
    """How many documents there are, besides the note that it is being restored."""
    names = [name for name in await here.list_collection_names() if name != "restoring"]
    return sum([await here[name].count_documents({}) for name in names])


async def test_a_store_with_a_journal_is_not_touched(parts: Parts) -> None:
    async with database(parts) as here:
        await here["journal"].insert_one({"_id": "one"})
        with pytest.raises(restore.NotRestored, match=r"is not lost.*say --replace"):
            await restore.empty(here, "plans")
        assert await here["journal"].count_documents({}) == 1


async def test_one_whose_data_are_given_up_is_emptied_and_so_again_where_that_was_interrupted(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database(parts) as here, database(parts) as another:
        for one in (here, another):
            for name in ("journal", "members", "engine"):
                await one[name].insert_one({"_id": "damaged"})

        async def killed(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(AsyncCollection, "drop", killed)
            with pytest.raises(KeyboardInterrupt):
                await restore.empty(here, "plans", replace=True)
        await restore.empty(here, "plans")
        assert await left(here) == 0
        await here["journal"].insert_one({"_id": "half"})
        await restore.empty(here, "plans", replace=True)
        assert await left(here) == 0
        assert await left(another) == 3


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
        await started.accepted()
        assert started.generation == 2


async def test_what_an_interrupted_one_left_is_taken_away_and_it_begins_anew(parts: Parts) -> None:
    async with database(parts) as here:
        await restore.empty(here, "plans")
        await here["journal"].insert_one({"_id": "half"})
        await here["members"].insert_one({"_id": "half"})
        await restore.empty(here, "plans")
        assert await left(here) == 0
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
        await installation.restored.note({HERE: 12}, installation.generation)
        assert await installation.restored.is_pending()
        await installation.restored.settle()
        assert not await installation.restored.is_pending()
        assert await installation.restored.until() == {"topic/0": 12}
        assert await installation.expected([HERE]) == {HERE: 4}
        await installation.advance({HERE: 12})
        assert await installation.restored.until() == {}


async def test_one_of_a_later_generation_knows_of_its_own_topics_how_far_it_was_read(
    parts: Parts,
) -> None:
    """Else what the lost store had read of them would not be doubted, and be sent again."""
    async with database(parts) as here:
        installation = Installation(here)
        await installation.prepare()
        await installation.advance({HERE: 20})
        await installation.raise_generation({HERE: 0})
        await installation.restored.note({HERE: 12}, installation.generation)
        (log,) = await installation.restored.until()
        topic, partition = HERE
        assert log == Origin(topic, partition, 0, generation=1).log
        assert await installation.expected([HERE]) == {HERE: 0}
        await installation.advance({HERE: 12})
        assert await installation.restored.until() == {}


async def test_e_mails_that_a_backup_has_not_seen_end_are_held(parts: Parts) -> None:
    async with database(parts) as here:
        states = ["queued", "sending", "sent", "failed", "unknown"]
        await here["deliveries"].insert_many([{"_id": s, "state": s} for s in states])
        await restoring.doubt(here, datetime.now(UTC))
        found = {one["_id"]: one async for one in here["deliveries"].find()}
    assert {id_: one["state"] for id_, one in found.items()} == dict(
        zip(states, ["unknown", "unknown", "sent", "failed", "unknown"], strict=True)
    )
    told = {id_ for id_, one in found.items() if one.get(UNPUBLISHED)}
    assert told == {"queued", "sending"}, "whoever listens hears that these ended"


def ended(name: str, digest: str, *events: Event) -> Entry:
    """An entry of how e-mails ended; one that was adopted has no digest."""
    published = [Published.of(f"{name}{n}", event) for n, event in enumerate(events)]
    return Entry(
        Key("/coalition/notifications", name),
        Stream(BATCHES, name),
        1,
        Outcome.ACCEPTED,
        datetime.now(UTC),
        digest,
        Origin("coalition.notifications.events.v1", 0, 0),
        events=tuple(published),
    )


async def test_what_was_published_of_them_since_settles_them_and_is_not_published_again(
    parts: Parts,
) -> None:
    sent = NotificationSent(notification="n", subscriptions=("sent", "later"))
    failed = NotificationFailed(notification="n", subscriptions=("failed",), state="failed")
    async with database(parts) as here:
        before = ended(
            "of the backup",
            "digest",
            NotificationSent.model_validate({"notification": "n", "subscriptions": ["requeued"]}),
        )
        entries = [before, ended("since", "", sent, failed)]
        await here["journal"].insert_many([one.document() for one in entries])
        queued = ["sent", "failed", "requeued"]
        await here["deliveries"].insert_many([{"_id": f"n.{s}", "state": "queued"} for s in queued])
        await restoring.doubt(here, datetime.now(UTC))
        # One that the backup had not yet, as it is queued when what led to it is read again.
        doubted = {"state": "unknown", "reason": restoring.REASON}
        await here["deliveries"].insert_one({"_id": "n.later", **doubted})
        await restoring.Settling(here).settle(["n.later"], datetime.now(UTC))
        found = {one["_id"]: one async for one in here["deliveries"].find()}
    assert {id_: one["state"] for id_, one in found.items()} == {
        "n.sent": "sent",
        "n.failed": "failed",
        "n.requeued": "unknown",
        "n.later": "sent",
    }
    assert {id_ for id_, one in found.items() if one.get(UNPUBLISHED)} == {"n.requeued"}
    assert all(one["ended"] for one in found.values())
