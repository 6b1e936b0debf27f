"""Kafka: reads what the client cannot decode, record by record.

aiokafka decodes a batch as a whole: one header whose name is no UTF-8 costs all records behind it,
and a batch that it cannot unpack stops its partition for ever. Here such a batch is fetched once
more and taken apart by hand, so that each record costs only itself. Nothing of this is in the way
of what the client can decode.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.codec import gzip_decode, lz4_decode, snappy_decode, zstd_decode
from aiokafka.errors import CorruptRecordException, for_code
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.util import calc_crc32c

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aiokafka import AIOKafkaConsumer

_HEAD: Final = Struct(">qiibIhiqqqhii")
"""Base offset, length, leader epoch, magic, CRC, attributes, last offset delta, first and last
timestamp, producer id, producer epoch, base sequence, number of records."""
_BEFORE_LENGTH: Final = 12
_CRC_FROM: Final = 21
_CODEC, _TRANSACTIONAL, _CONTROL = 0b111, 0b10000, 0b100000
_MAGIC: Final = 2
_CODECS: Final[dict[int, Callable[[bytes], bytes]]] = {
    0: bytes,
    1: gzip_decode,
    2: snappy_decode,
    3: lz4_decode,
    4: zstd_decode,
}
_CHUNK: Final = 1024 * 1024
"""Bytes that are fetched at once; Kafka sends one whole batch in any case."""
_WAIT_MS: Final = 500
_SECONDS: Final = 30
_ATTEMPTS: Final = 3
"""How often a batch is fetched whose check sum is wrong: it may have been hurt on its way."""

Headers = tuple[tuple[str, bytes | None], ...]


class Salvaged(NamedTuple):
    """A record that was taken apart by hand; where it could not be, `error` says why.

    Attributes:
        headers: a name that is no UTF-8 has its bytes escaped.
        error: for people, empty where the record is good; else key, value and headers are what
            could be read of it nevertheless.
        lost: bytes in Kafka's log of which nothing could be read.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None = None
    value: bytes | None = None
    headers: Headers = ()
    error: str = ""
    lost: int = 0


Record: TypeAlias = ConsumerRecord | Salvaged


def is_undecodable(record: Record) -> bool:
    """Whether a record could not be decoded."""
    return isinstance(record, Salvaged) and bool(record.error)


class Part(NamedTuple):
    """A stretch of a partition: the records in it, and the offset behind it."""

    records: list[Salvaged]
    end: int


@dataclass(frozen=True, slots=True)
class _Batch:
    """A batch as it lies in the log.

    Attributes:
        end: the offset behind it.
        body: its bytes, header and all.
    """

    base: int
    end: int
    magic: int
    attributes: int
    producer: int
    count: int
    body: memoryview

    @property
    def is_whole(self) -> bool:
        """Whether its check sum is right."""
        crc: int = _HEAD.unpack_from(self.body)[4]
        found: int = calc_crc32c(self.body[_CRC_FROM:].tobytes())
        return crc == found


async def read(consumer: AIOKafkaConsumer, tp: TopicPartition, offset: int) -> Part:
    """Read the first batch of a partition that has records at or behind an offset.

    Args:
        consumer: one that reads only what is committed; its connections are used.
        tp: the partition.
        offset: where to begin.

    Returns:
        the batch's records from the offset on; none where there is no such batch yet.

    Raises:
        aiokafka.errors.KafkaError: Kafka does not send it; nothing is wrong with a record.
        TimeoutError: likewise.
    """
    part = Part([], offset)
    for _ in range(_ATTEMPTS):
        log, aborted = await _fetch(consumer, tp, offset)
        part, is_whole = _first(tp, log, aborted, offset)
        if is_whole:
            break
    return part


async def _fetch(
    consumer: AIOKafkaConsumer, tp: TopicPartition, offset: int
) -> tuple[bytes, list[tuple[int, int]]]:
    """The bytes of the log from an offset on, and the aborted transactions that touch them."""
    client: Any = consumer._client  # noqa: SLF001 - no public way leads to undecoded bytes
    leader = client.cluster.leader_for_partition(tp)
    request = FetchRequest(
        _WAIT_MS, 1, _CHUNK, 1, [(tp.topic, [(tp.partition, offset, _CHUNK)])], rack_id=""
    )
    async with asyncio.timeout(_SECONDS):
        answer = await client.send(leader, request)
    ((_, ((_, code, _, *rest),)),) = answer.topics
    if code:
        raise for_code(code)(f"{tp} at {offset}")
    *_, aborted, log = rest if answer.API_VERSION < 11 else [*rest[:-2], rest[-1]]  # noqa: PLR2004 - from then on the preferred replica stands between
    return log or b"", sorted(aborted or [], key=lambda item: item[1])


def _first(
    tp: TopicPartition, log: bytes, aborted: list[tuple[int, int]], offset: int
) -> tuple[Part, bool]:
    """The first batch with records that are to be read, and whether its check sum is right."""
    undone: set[int] = set()
    for batch in _batches(log, tp, offset):
        while aborted and aborted[0][1] <= batch.base:
            undone.add(aborted.pop(0)[0])
        if batch.end <= offset:
            continue
        if batch.attributes & _CONTROL:
            undone.discard(batch.producer)
        elif not (batch.attributes & _TRANSACTIONAL and batch.producer in undone):
            is_whole = batch.magic != _MAGIC or batch.is_whole
            records = _records(tp, batch, offset, is_whole=is_whole)
            return Part([r for r in records if r.offset >= offset], batch.end), is_whole
        offset = batch.end
    return Part([], offset), True


def _batches(log: bytes, tp: TopicPartition, offset: int) -> Iterator[_Batch]:
    """The batches in a stretch of the log; the last may be cut off.

    Raises:
        CorruptRecordException: the first is cut off or has no length, so nobody can tell where the
            next one begins.
    """
    at, view = 0, memoryview(log)
    while at + _HEAD.size <= len(view):
        fields = _HEAD.unpack_from(view, at)
        base, length, _, magic, _, attributes, delta, _, _, producer, _, _, count = fields
        end = at + _BEFORE_LENGTH + length
        if length <= 0 or end > len(view):
            break
        old = magic < _MAGIC
        yield _Batch(
            base=base,
            end=base + 1 if old else base + delta + 1,
            magic=magic,
            attributes=0 if old else attributes,
            producer=-1 if old else producer,
            count=count,
            body=view[at:end],
        )
        at = end
    if log and at == 0:
        raise CorruptRecordException(
            f"Kafka's log of {tp.topic}/{tp.partition} has no readable batch at offset {offset}"
        )


def _records(
    tp: TopicPartition, batch: _Batch, wanted: int, *, is_whole: bool
) -> Iterator[Salvaged]:
    lost = Salvaged(tp.topic, tp.partition, max(batch.base, wanted), lost=len(batch.body))
    where = f"the batch of offsets {batch.base} to {batch.end - 1}"
    if batch.magic != _MAGIC:
        yield lost._replace(error=f"message format {batch.magic} is not read here")
    elif not is_whole:
        yield lost._replace(error=f"{where} has a wrong check sum")
    else:
        try:
            body = _CODECS[batch.attributes & _CODEC](batch.body[_HEAD.size :].tobytes())
        except Exception as error:  # noqa: BLE001 - whatever a codec raises, it is this batch's
            yield lost._replace(error=f"{where} cannot be unpacked: {error!r:.200}")
        else:
            yield from _unpacked(tp, batch, body)


def _unpacked(tp: TopicPartition, batch: _Batch, body: bytes) -> Iterator[Salvaged]:
    """The records of an unpacked batch; each says its length, so that a bad one can be passed."""
    at, following = 0, batch.base
    for index in range(batch.count):
        try:
            length, start = _varint(body, at)
            if length < 0 or start + length > len(body):
                raise ValueError(f"a record of {length} bytes")  # noqa: TRY301 - likewise unreadable
        except (ValueError, IndexError) as error:
            left = (
                f"{batch.count - index} records from here on cannot be told apart: {error!r:.200}"
            )
            yield Salvaged(tp.topic, tp.partition, following, error=left, lost=len(body) - at)
            return
        at = start + length
        record = _record(tp, batch.base, following, body[start:at])
        following = record.offset + 1
        yield record


def _record(tp: TopicPartition, base: int, expected: int, body: bytes) -> Salvaged:
    found = Salvaged(tp.topic, tp.partition, expected)
    try:
        _, at = _varint(body, 1)  # behind the attributes: the timestamp
        delta, at = _varint(body, at)
        found = found._replace(offset=base + delta)
        key, at = _bytes(body, at)
        value, at = _bytes(body, at)
        found = found._replace(key=key, value=value)
        headers, error = _headers(body, at)
    except (ValueError, IndexError) as error_:
        return found._replace(
            error=f"the record is cut off: {error_!r:.200}", lost=max(1, len(body))
        )
    return found._replace(headers=headers, error=error)


def _headers(body: bytes, at: int) -> tuple[Headers, str]:
    """The headers, and what is wrong with a name."""
    count, at = _varint(body, at)
    if count < 0:
        raise ValueError(f"{count} headers")
    headers: list[tuple[str, bytes | None]] = []
    error = ""
    for _ in range(count):
        raw, at = _bytes(body, at)
        value, at = _bytes(body, at)
        try:
            name = (raw or b"").decode()
        except UnicodeDecodeError:
            name = (raw or b"").decode(errors="backslashreplace")
            error = error or f"the header name {raw!r:.100} is not UTF-8"
        headers.append((name, value))
    if at != len(body):
        raise ValueError(f"{len(body) - at} bytes are left over")
    return tuple(headers), error


def _bytes(body: bytes, at: int) -> tuple[bytes | None, int]:
    length, at = _varint(body, at)
    if length < 0:
        return None, at
    if at + length > len(body):
        raise ValueError(f"{length} bytes where {len(body) - at} are left")
    return body[at : at + length], at + length


def _varint(body: bytes, at: int) -> tuple[int, int]:
    """A zigzag number and the place behind it; aiokafka's own reads on behind the end."""
    number = shift = 0
    while True:
        byte = body[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:  # noqa: PLR2004 - the bit that says that more follow
            return (number >> 1) ^ -(number & 1), at
        if shift > 63:  # noqa: PLR2004 - bits of the largest number
            raise ValueError("a number has no end")
