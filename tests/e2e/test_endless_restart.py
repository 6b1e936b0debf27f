"""The page "A service restarts for ever on one record" of docs/operations.md, step by step."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.contracts import catalogue
from tests.e2e.alone import Installation, founded, installation
from tests.inbox import record
from tests.parts import Parts, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGE = {"coalition": "large", "name": "n" * 200, "place": "p" * 200}
ENOUGH_FOR_SMALL = "900"
"""Bytes: less than what membership publishes of the large one, more than of the others."""


@pytest.fixture
def here(parts: Parts, tmp_path: Path) -> Iterator[Installation]:
    with installation(parts, tmp_path) as made:
        yield made


async def allow(here: Installation, largest: str) -> None:
    """Somebody limits the size of what membership may publish."""
    topic = here.kafka.topic(catalogue.events("membership"))
    limit = {"max.message.bytes": largest, "retention.ms": "-1"}
    async with here.kafka.admin() as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, limit)])


async def restarts(here: Installation, times: int, **settings: str) -> None:
    """Start it whenever it ends, as Docker does."""
    for _ in range(times):
        here.start(**settings)
        process = here.process
        assert process

        async def has_ended(process: Any = process) -> bool:
            return process.poll() is not None

        await eventually(has_ended)
        assert process.returncode > 0


def failed(here: Installation) -> dict[str, Any]:
    """The last `batch_failed` in the log."""
    lines = [json.loads(line) for line in here.log.read_text().splitlines() if line[:1] == "{"]
    found: dict[str, Any] = [line for line in lines if line["event"] == "batch_failed"][-1]
    return found


@pytest.fixture
async def failing(here: Installation) -> Installation:
    """Membership with one record of three because of which it ends again and again."""
    here.start()
    await here.ready()
    await here.produce(*founded("first"))
    await here.read_all()
    here.end()
    await allow(here, ENOUGH_FOR_SMALL)
    key = b"one partition"
    second, third = founded("second", "third", key=key)
    await here.produce(second, record("CoalitionFounded", LARGE, key=key), third)
    await restarts(here, 2)
    return here


async def test_the_log_names_the_batch_and_in_batches_of_one_the_record(
    failing: Installation,
) -> None:
    found = failed(failing)
    assert (found["stage"], found["level"]) == ("publish", "error")
    assert "MessageSizeTooLarge" in found["error"]
    (where,) = found["origins"]
    assert " to " in where
    await restarts(failing, 1, COALITION_BATCH_SIZE="1")
    (origin,) = failed(failing)["origins"]
    topic, partition, offset = origin.rsplit("/", 2)
    assert where.startswith(f"{topic}/{partition}/")
    assert int(offset) >= 1, "the one before was published and committed"


async def test_the_cause_is_mended_and_it_goes_on(failing: Installation) -> None:
    await allow(failing, "1000000")
    failing.start()
    await failing.ready()
    await failing.read_all()
    assert failing.decided() == {"first", "second", "large", "third"}


async def test_the_record_is_passed_by_hand(failing: Installation) -> None:
    await restarts(failing, 1, COALITION_BATCH_SIZE="1")
    (origin,) = failed(failing)["origins"]
    topic, partition, offset = origin.rsplit("/", 2)
    place = TopicPartition(topic, int(partition))
    # kafka-consumer-groups.sh --reset-offsets commits so, without a word beside the offset.
    await failing.group.commit({place: int(offset) + 1}, "")
    failing.start()
    halt = await failing.halted()
    assert halt["code"] == "store-behind"
    assert failing.coalition("consumer", "skip-unread", "membership", "--yes").returncode == 0
    await failing.ready()
    await failing.read_all()
    assert {"first", "second", "third"} <= failing.decided()
