"""What other makers' clients send is read: every codec, keys, headers, and odd header names."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

import pytest

from cli.report import rejections
from shared.contracts import catalogue
from tests import clients
from tests.clients import CODECS, Sent
from tests.clients.coalitions import founded, named

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.system import System

    Send = Callable[[str, str, Sequence[Sent], str], None]

INBOX = catalogue.inbox("membership")


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("client", ["librdkafka", "java", "sarama"])
async def test_every_codec_of_every_client_is_read(
    coalition: System, client: str, codec: str
) -> None:
    send: Send = getattr(clients, client)
    names = [f"{client}-{codec}-{n}-{uuid.uuid4().hex}" for n in range(3)]
    records = [founded(name, (b"trace", b"1")) for name in names]
    await asyncio.to_thread(send, coalition.parts.kafka, INBOX, records, codec)
    assert await named(coalition, names) == names


@pytest.mark.parametrize("codec", ["none", "gzip"])
async def test_a_header_name_that_is_no_text_costs_its_record_alone(
    coalition: System, codec: str
) -> None:
    """It stands in the middle of a batch, so that its neighbours are in the same."""
    names = [f"bytes-{codec}-{n}-{uuid.uuid4().hex}" for n in range(9)]
    records = [founded(n, (b"\xff", b"1")) if i == 4 else founded(n) for i, n in enumerate(names)]
    await asyncio.to_thread(clients.sarama, coalition.parts.kafka, INBOX, records, codec)
    taken = await named(coalition, names)
    # Kafka itself mends the name where it unpacks the batch.
    assert taken == (names if codec == "gzip" else [*names[:4], *names[5:]])
    if codec == "none":
        became = coalition.request(
            "membership", "GET", f"/events/urn%3Atest%3Aclients/{names[4]}"
        ).json()["items"]
        assert [one["outcome"] for one in became] == ["rejected"]
        assert "header name" in became[0]["reason"]
        record = next(
            r
            for r in (await rejections(coalition.endpoints, "membership")).values()
            if dict(r.headers).get("ce_id") == names[4].encode()
        )
        assert dict(record.headers)["coalition-rejected-code"] == b"record"
        assert record.value == records[4].value


async def test_many_such_names_in_all_partitions_cost_no_neighbour(coalition: System) -> None:
    names = [f"many-{n}-{uuid.uuid4().hex}" for n in range(90)]
    records = [
        founded(name, *([(b"\xc3\x28", b"1")] if n % 7 == 3 else []))._replace(key=name.encode())
        for n, name in enumerate(names)
    ]
    await asyncio.to_thread(clients.sarama, coalition.parts.kafka, INBOX, records, "none")
    wanted = [name for n, name in enumerate(names) if n % 7 != 3]
    assert await named(coalition, names) == wanted
