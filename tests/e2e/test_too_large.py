"""Records that are large, or unpack to something large, cost only themselves and little memory."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import psutil
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)
from typer.testing import CliRunner

from cli import endpoints, rejected
from cli.report import rejections
from shared.contracts import catalogue
from tests.clients import CODECS, Sent, deliver, text_headers
from tests.clients.coalitions import founded, named
from tests.inbox import consumed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system import System

INBOX: Final = catalogue.inbox("membership")
MB: Final = 1_000_000
PACKED: Final = [codec for codec in CODECS if codec != "none"]


def send(coalition: System, sent: Sent, codec: str = "none") -> str | None:
    """Send one record; why Kafka refused it, if so."""
    return deliver(coalition.parts.kafka, INBOX, sent, codec).refused


def resident(coalition: System) -> float:
    """Megabytes of the largest service."""
    pids = [process.pid for process in coalition.running.values()]
    return max(psutil.Process(pid).memory_info().rss for pid in pids) / MB


@contextmanager
def stored_as_sent(coalition: System) -> Iterator[None]:
    """Somebody else has made the inbox, and Kafka does not unpack what it stores there."""
    admin = AdminClient({"bootstrap.servers": coalition.parts.kafka})

    def set_to(value: str) -> None:
        entry = ConfigEntry("compression.type", value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, INBOX, incremental_configs=[entry])
        admin.incremental_alter_configs([resource])[resource].result()

    set_to("producer")
    try:
        yield
    finally:
        set_to("uncompressed")


async def still_reads(coalition: System) -> None:
    name = f"after-{uuid.uuid4().hex}"
    assert send(coalition, founded(name)) is None
    assert await named(coalition, [name]) == [name]


@pytest.mark.parametrize("codec", PACKED)
async def test_what_unpacks_to_too_much_is_refused_at_the_door(
    coalition: System, codec: str
) -> None:
    before = resident(coalition)
    for size in (3 * MB, 200 * MB):
        refused = await asyncio.to_thread(send, coalition, Sent(bytes(size)), codec)
        # A broker with little memory cannot unpack the second, and says only that it failed.
        assert refused in {"MSG_SIZE_TOO_LARGE", "UNKNOWN"}
    await still_reads(coalition)
    assert resident(coalition) - before < 100


async def test_a_record_too_large_for_rejected_is_kept_as_a_pointer(
    coalition: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "load", lambda: coalition.endpoints)
    before = await rejections(coalition.endpoints, "membership")
    with stored_as_sent(coalition):
        sent = founded("large")._replace(value=bytes(3 * MB))
        assert await asyncio.to_thread(send, coalition, sent, "gzip") is None
        await still_reads(coalition)
    after = await rejections(coalition.endpoints, "membership")
    (origin,) = after.keys() - before.keys()
    headers = dict(after[origin].headers)
    assert after[origin].value is None
    assert 3 * MB <= int(headers["coalition-rejected-pointer"]) < 3 * MB + 1000

    def command(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(rejected.app, list(words))
        return done.exit_code, done.output

    code, shown = await asyncio.to_thread(command, "show", "membership", origin)
    assert code == 0
    assert "ce_id: large" in shown
    assert "more characters" in shown
    code, said = await asyncio.to_thread(command, "replay", "membership", origin)
    assert code == 1
    assert "more than the inbox takes" in said


@pytest.mark.parametrize(
    "odd",
    {
        "a huge header": founded("x", (b"huge", b"x" * 900_000)),
        "thousands of headers": founded("x", *[(b"h%d" % n, b"x" * 50) for n in range(5000)]),
        "a header name of 60 KB": founded("x", (b"n" * 60_000, b"x")),
        "a huge key": founded("x")._replace(key=b"k" * 900_000),
        "no value": founded("x")._replace(value=None),
        "an empty value": founded("x")._replace(value=b""),
        "nothing at all": Sent(None),
        "the largest body": founded("x")._replace(value=b"x" * 1_040_000),
    }.items(),
    ids=lambda item: item[0],
)
async def test_what_is_large_or_empty_in_any_part_costs_itself_alone(
    coalition: System, odd: tuple[str, Sent]
) -> None:
    name = f"odd-{uuid.uuid4().hex}"
    sent = odd[1]._replace(
        headers=[(n, name.encode() if n == b"ce_id" else v) for n, v in odd[1].headers]
    )
    before = len(await rejections(coalition.endpoints, "membership"))
    assert await asyncio.to_thread(send, coalition, sent) is None
    await still_reads(coalition)
    await consumed(coalition)
    after = await rejections(coalition.endpoints, "membership")
    # What is odd around a good event is none of our business.
    is_good = sent.value is not None and sent.value.startswith(b"{")
    assert len(after) - before == (0 if is_good else 1)


async def test_a_batch_of_thousands_of_records_is_read(coalition: System) -> None:
    name = f"often-{uuid.uuid4().hex}"
    one = founded(name)
    producer = Producer(
        {
            "bootstrap.servers": coalition.parts.kafka,
            "linger.ms": 500,
            "batch.num.messages": 50_000,
            "compression.type": "zstd",
        }
    )
    for _ in range(20_000):
        producer.produce(INBOX, value=one.value, key=one.key, headers=text_headers(one))
    assert producer.flush(60) == 0
    assert await named(coalition, [name]) == [name]
