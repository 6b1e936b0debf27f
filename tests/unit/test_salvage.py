"""What the client cannot decode is taken apart by hand: each record costs only itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import pack
from types import SimpleNamespace
from typing import Any, Final

import pytest
from aiokafka import TopicPartition
from aiokafka.codec import gzip_encode, lz4_encode, snappy_encode, zstd_encode
from aiokafka.errors import CorruptRecordException, NotLeaderForPartitionError
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from shared.kafka import salvage

TP: Final = TopicPartition("inbox", 1)
CODECS: Final[dict[int, Any]] = {
    0: bytes,
    1: gzip_encode,
    2: snappy_encode,
    3: lz4_encode,
    4: zstd_encode,
}


def number(value: int) -> bytes:
    """A zigzag varint."""
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value > 0x7F:
        out.append(0x80 | (value & 0x7F))
        value >>= 7
    return bytes([*out, value])


def sized(value: bytes | None) -> bytes:
    return number(-1) if value is None else number(len(value)) + value


def record(
    delta: int,
    value: bytes | None = b"value",
    *,
    key: bytes | None = b"key",
    headers: tuple[tuple[bytes, bytes | None], ...] = ((b"name", b"text"),),
) -> bytes:
    body = b"\0" + number(0) + number(delta) + sized(key) + sized(value) + number(len(headers))
    body += b"".join(sized(name) + sized(text) for name, text in headers)
    return number(len(body)) + body


def batch(  # noqa: PLR0913 - the fields of a batch
    *records: bytes,
    base: int = 0,
    count: int | None = None,
    codec: int = 0,
    attributes: int = 0,
    producer: int = -1,
    magic: int = 2,
    hurt: bool = False,
) -> bytes:
    count = len(records) if count is None else count
    packed: bytes = CODECS.get(codec, bytes)(b"".join(records))
    tail = pack(">hiqqqhii", attributes | codec, count - 1, 0, 0, producer, 0, 0, count) + packed
    crc = calc_crc32c(tail) ^ hurt
    body: bytes = pack(">ibI", 0, magic, crc) + tail
    return pack(">qi", base, len(body)) + body


@dataclass
class Kafka:
    """Answers fetches with these bytes, one after another, the last for ever."""

    logs: list[bytes]
    aborted: list[tuple[int, int]] = field(default_factory=list)
    error: int = 0
    fetches: int = 0

    @property
    def _client(self) -> Any:
        cluster = SimpleNamespace(leader_for_partition=lambda _: 1)
        return SimpleNamespace(cluster=cluster, send=self._send)

    async def _send(self, node: int, request: object) -> Any:
        del node, request
        log = self.logs[min(self.fetches, len(self.logs) - 1)]
        self.fetches += 1
        partition = (1, self.error, 9, 9, 0, self.aborted, -1, log)
        return SimpleNamespace(API_VERSION=11, topics=[("inbox", [partition])])


async def read(*logs: bytes, offset: int = 0, **more: Any) -> salvage.Part:
    return await salvage.read(Kafka(list(logs), **more), TP, offset)


def found(part: salvage.Part) -> list[tuple[int, bytes | None, str]]:
    return [(one.offset, one.value, one.error[:24]) for one in part.records]


@pytest.mark.parametrize("codec", CODECS)
async def test_good_records_are_read_whole(codec: int) -> None:
    headers = ((b"a", b"1"), (b"\xc3\xbc", None))
    log = batch(record(0, headers=headers), record(1, None, key=None, headers=()), codec=codec)
    part = await read(log)
    assert part == salvage.Part(
        [
            salvage.Salvaged("inbox", 1, 0, b"key", b"value", (("a", b"1"), ("ü", None))),
            salvage.Salvaged("inbox", 1, 1),
        ],
        2,
    )


async def test_it_reads_what_the_client_itself_writes() -> None:
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, 10_000)
    for n in range(300):
        builder.append(n, 1_700_000_000_000 + n, b"k", b"v" * n, [("h", b"x")])
    part = await read(bytes(builder.build()))
    assert [(one.offset, one.value) for one in part.records if not one.error] == [
        (n, b"v" * n) for n in range(len(part.records))
    ]
    assert part.end == len(part.records) > 100


@pytest.mark.parametrize("name", [b"\xff", b"\xc3\x28", b"a\xed\xa0\x80"])
async def test_a_header_name_that_is_no_text_costs_its_record_alone(name: bytes) -> None:
    part = await read(batch(record(0), record(1, headers=((name, b"x"),)), record(2)))
    assert found(part) == [
        (0, b"value", ""),
        (1, b"value", f"the header name {name!r} is"[:24]),
        (2, b"value", ""),
    ]
    assert part.records[1].headers[0][1] == b"x"
    part.records[1].headers[0][0].encode()  # it can be sent on
    assert part.end == 3


_BEGIN: Final = b"\0" + number(0) + number(1)
"""Attributes, time and offset of the second record."""


def framed(body: bytes) -> bytes:
    return number(len(body)) + body


@pytest.mark.parametrize(
    "bad",
    {
        "an empty record": framed(b""),
        "cut off in its key": framed(_BEGIN + number(99) + b"k"),
        "a header that is not there": framed(_BEGIN + b"\x01\x01" + number(3)),
        "a header that is longer than the record": framed(
            _BEGIN + b"\x01\x01" + number(1) + number(9) + b"x"
        ),
        "bytes left over": framed(_BEGIN + b"\x01\x01" + b"\0" + b"x" * 5),
        "a number without an end": framed(b"\0" + b"\xff" * 11),
        "a negative number of headers": framed(_BEGIN + b"\x01\x01" + number(-70)),
    }.items(),
    ids=lambda item: item[0],
)
async def test_a_record_that_is_broken_inside_costs_itself_alone(bad: tuple[str, bytes]) -> None:
    part = await read(batch(record(0), bad[1], record(2)))
    assert [one.offset for one in part.records] == [0, 1, 2]
    assert [bool(one.error) for one in part.records] == [False, True, False]
    assert part.records[1].lost
    assert part.end == 3


async def test_where_lengths_are_wrong_the_rest_is_one_pointer() -> None:
    part = await read(batch(record(0), number(9999) + b"x", record(2)))
    assert found(part) == [(0, b"value", ""), (1, None, "2 records from here on c")]
    assert part.end == 3


@pytest.mark.parametrize(
    ("log", "error"),
    [
        (batch(record(0), record(1), codec=5), "cannot be unpacked"),
        (batch(b"no gzip", count=2, attributes=1), "cannot be unpacked"),
        (batch(b"no zstd", count=2, attributes=4), "cannot be unpacked"),
        (batch(record(0), record(1), hurt=True), "wrong check sum"),
    ],
)
async def test_a_batch_that_cannot_be_unpacked_is_one_pointer(log: bytes, error: str) -> None:
    part = await read(log)
    assert len(part.records) == 1
    assert (part.records[0].offset, part.end) == (0, 2)
    assert error in part.records[0].error
    assert "offsets 0 to 1" in part.records[0].error
    assert part.records[0].lost == len(log)


async def test_a_batch_hurt_on_its_way_is_fetched_again() -> None:
    part = await read(batch(record(0), hurt=True), batch(record(0)))
    assert found(part) == [(0, b"value", "")]


async def test_an_old_message_format_is_passed() -> None:
    part = await read(batch(record(0), base=7, magic=1) + batch(record(0), base=8), offset=7)
    assert (part.records[0].offset, part.end) == (7, 8)
    assert "message format 1" in part.records[0].error


async def test_what_was_taken_is_not_read_again() -> None:
    log = batch(record(0), record(1), record(2), base=10)
    part = await read(log, offset=12)
    assert [one.offset for one in part.records] == [12]
    assert (await read(batch(b"x", base=10, count=5, hurt=True), offset=13)).records[0].offset == 13


async def test_only_what_is_committed_is_read() -> None:
    transactional, control = 0b10000, 0b110000
    log = (
        batch(record(0, b"aborted"), base=0, attributes=transactional, producer=7)
        + batch(record(0), base=1, attributes=control, producer=7)
        + batch(record(0, b"committed"), base=2, attributes=transactional, producer=7)
        + batch(record(0), base=3, attributes=control, producer=7)
    )
    part = await read(log, aborted=[(7, 0)])
    assert found(part) == [(2, b"committed", "")]
    part = await read(log, aborted=[(7, 0)], offset=3)
    assert part == salvage.Part([], 4)


async def test_what_is_not_a_records_fault_is_raised() -> None:
    with pytest.raises(NotLeaderForPartitionError):
        await read(b"", error=6)
    with pytest.raises(CorruptRecordException, match="inbox/1 has no readable batch at offset 5"):
        await read(batch(record(0))[:-1], offset=5)
    assert await read(b"", offset=5) == salvage.Part([], 5)
