"""A service that must not read: it stays up, says why, and goes on when an operator has acted."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pymongo import MongoClient

from shared.kafka import topics
from shared.kafka.producer import Outgoing
from tests.e2e.alone import INBOX, Installation, founded, installation
from tests.parts import Parts

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def here(parts: Parts, tmp_path: Path) -> Iterator[Installation]:
    with installation(parts, tmp_path) as made:
        yield made


async def test_another_installation_takes_nothing_and_production_hears_all(
    here: Installation, tmp_path: Path
) -> None:
    here.start()
    await here.ready()
    await here.produce(*founded("one", "two"))
    await here.read_all()
    other = Installation(here.parts, tmp_path, here.prefix)
    try:
        other.start("second")
        halt = await other.halted()
        assert halt["code"] == "other-installation"
        assert "coalition consumer skip-unread membership" in halt["remedy"]
        names = {f"more-{n}" for n in range(30)}
        await here.produce(*founded(*names))
        await here.read_all()
        assert here.decided() == {"one", "two", *names}
        assert here.decided("second") == set()
        refused = other.coalition("consumer", "skip-unread", "membership", "--yes")
        assert refused.returncode == 1
        assert "has members" in refused.stdout
    finally:
        assert other.end() == 0, "told to end while halted, it ends well"
    assert here.ask("GET", "/readyz").is_success


async def test_two_installations_on_one_kafka_by_a_prefix(
    here: Installation, parts: Parts, tmp_path: Path
) -> None:
    with installation(parts, tmp_path) as other:
        for one in (here, other):
            one.start()
        for one in (here, other):
            await one.ready()
        await here.produce(*founded("here"))
        await other.produce(*founded("there"))
        for one in (here, other):
            await one.read_all()
        assert (here.decided(), other.decided()) == ({"here"}, {"there"})
        answer = here.coalition("rejected", "list", "membership")
        assert answer.returncode == 0, answer.stdout


async def test_a_wrong_database_is_not_filled_and_the_right_one_goes_on(
    here: Installation,
) -> None:
    here.start()
    await here.ready()
    await here.produce(*founded("one"))
    await here.read_all()
    here.end()
    here.start("wrong")
    assert (await here.halted())["code"] == "other-installation"
    assert "halted" in here.log.read_text()
    here.end()
    await here.produce(*founded("two"))
    here.start()
    await here.ready()
    await here.read_all()
    assert here.decided() == {"one", "two"}
    assert here.decided("wrong") == set()


async def test_a_restored_store_is_filled_again_by_one_command(here: Installation) -> None:
    here.start()
    await here.ready()
    await here.produce(*founded("one", "two"))
    await here.read_all()
    here.end()
    with MongoClient[dict[str, Any]](here.parts.mongodb) as client:
        store = client[here.database()]
        backup = {name: list(store[name].find()) for name in store.list_collection_names()}
    here.start()
    await here.ready()
    await here.produce(*founded("three", "four"))
    await here.read_all()
    here.end()
    with MongoClient[dict[str, Any]](here.parts.mongodb) as client:
        client.drop_database(here.database())
        for name, documents in backup.items():
            if documents:
                client[here.database()][name].insert_many(documents)
    assert here.decided() == {"one", "two"}

    here.start()
    halt = await here.halted()
    assert halt["code"] == "store-behind"
    done = here.coalition("consumer", "reread", "membership")
    assert done.returncode == 0, done.stdout
    assert "reads on" in done.stdout
    await here.ready()
    await here.read_all()
    assert here.decided() == {"one", "two", "three", "four"}


async def test_records_deleted_unread_are_named_and_given_up_only_by_an_operator(
    here: Installation,
) -> None:
    here.start()
    await here.ready()
    here.end()
    await here.produce(*founded(*(f"c{n}" for n in range(20))))
    extents = await here.group.extents(await here.group.partitions())
    tp, extent = max(extents.items(), key=lambda item: item[1].end)
    async with here.kafka.admin() as admin:
        await admin.delete_records({tp: _before(extent.end - 1)})
    here.start()
    halt = await here.halted()
    assert halt["code"] == "records-deleted"
    assert f"{tp.topic}/{tp.partition} begins at {extent.end - 1}" in halt["reason"]
    assert here.decided() == set()
    assert here.coalition("consumer", "skip-unread", "membership", "--yes").returncode == 0
    await here.ready()
    await here.read_all()
    assert len(here.decided()) == 20 - (extent.end - 1)
    again = here.coalition("consumer", "skip-unread", "membership", "--yes")
    assert (again.returncode, "nothing to do" in again.stdout) == (1, True)


def _before(offset: int) -> Any:
    from aiokafka.admin import RecordsToDelete  # noqa: PLC0415 - only here

    return RecordsToDelete(before_offset=offset)


async def test_records_deleted_while_it_runs_end_it_and_it_does_not_come_back_reading(
    here: Installation,
) -> None:
    """Kafka tells a consumer that its place is gone; by default it would begin elsewhere."""
    here.start()
    await here.ready()
    assert here.process
    here.process.send_signal(signal.SIGSTOP)
    # More than what one answer of Kafka holds, since one is on its way already.
    await here.produce(*[Outgoing(INBOX, b"key", b"x" * 100_000, [])] * 40)
    extents = await here.group.extents(await here.group.partitions())
    async with here.kafka.admin() as admin:
        await admin.delete_records({tp: _before(one.end) for tp, one in extents.items()})
    here.process.send_signal(signal.SIGCONT)
    code = await asyncio.to_thread(here.process.wait, 60)
    assert code not in {0, -signal.SIGTERM}
    here.start()
    assert (await here.halted())["code"] == "records-deleted"


async def test_a_topic_of_other_settings_is_read_when_it_is_put_right(here: Installation) -> None:
    await topics.create_topics(here.kafka, ["membership", "plans"])
    await _configure(here, **{"retention.ms": "1000", "cleanup.policy": "compact"})
    here.start()
    halt = await here.halted()
    assert halt["code"] == "topic-settings"
    assert "retention.ms=1000" in halt["reason"]
    await _configure(here, **{"retention.ms": "-1", "compression.type": "uncompressed"})
    await here.ready()


async def _configure(here: Installation, **settings: str) -> None:
    from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType  # noqa: PLC0415 - only here

    topic = here.kafka.topic(INBOX)
    async with here.kafka.admin() as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, settings)])
