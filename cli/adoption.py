"""What a service has published and rejected since a backup, as entries of its journal.

Its events topic says of each event which decision it is of: the stream, the version, the cause.
Others have read it, so it is adopted as it stands, and what led to it is never decided anew. So is
what was rejected, whose publishers were told so.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from cli.kafka import up_to
from shared import cloudevents
from shared.context_attributes import Unreadable
from shared.domain.stream import Stream
from shared.fingerprint import fingerprint
from shared.journal.entry import Entry, Key, Origin, Outcome, Published
from shared.pipeline.inbound import replay_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from aiokafka import TopicPartition

    from shared.cloudevents import Envelope
    from shared.kafka.connection import Connection
    from shared.kafka.salvage import Record

_REJECTED: Final = "coalition-rejected-"
_NEEDED: Final = ("stream", "sequence", "causesource", "causeid", "time", "subject")


class Adoption:
    """Makes entries of events as they are read; one that is not whole is kept until it is.

    Args:
        service: whose events they are.
        generation: of the topic's offsets.

    Attributes:
        left: events of decisions that were not published to their end, and are decided anew.
    """

    def __init__(self, service: str, generation: int) -> None:
        self._service = service
        self._generation = generation
        self._partial: dict[Key, dict[str, Published]] = {}

    @property
    def left(self) -> int:
        """See the class."""
        return sum(map(len, self._partial.values()))

    def take(self, record: Record) -> Entry | None:
        """The entry that a record completes; None where it completes none."""
        try:
            envelope = cloudevents.read(record.headers, record.value)
        except Unreadable:
            return None
        more = envelope.extensions
        if any(name not in more for name in _NEEDED):
            return None
        key = Key(more["causesource"], more["causeid"], more.get("causereplay", ""))
        found = self._partial.setdefault(key, {})
        found[envelope.id] = Published(envelope.id, envelope.type, more["subject"], envelope.data)
        if len(found) < int(more.get("causecount", "1")):
            return None
        del self._partial[key]
        origin = Origin(record.topic, record.partition, record.offset, self._generation)
        return _entry(key, envelope, origin, self._in_order(key, found))

    def _in_order(self, key: Key, found: Mapping[str, Published]) -> tuple[Published, ...]:
        ids = (cloudevents.derived_id(*key.parts(), self._service, n) for n in range(len(found)))
        ordered = [found[id_] for id_ in ids if id_ in found]
        return tuple(ordered) if len(ordered) == len(found) else tuple(found.values())


def _entry(key: Key, last: Envelope, origin: Origin, events: tuple[Published, ...]) -> Entry:
    more = last.extensions
    return Entry(
        key,
        Stream.of(more["stream"]),
        int(more["sequence"]),
        Outcome.ACCEPTED,
        datetime.fromisoformat(more["time"]),
        digest="",  # of what led to it nothing else is known; see `Entry.is_adopted`
        origin=origin,
        type=events[0].type,
        about=Key(key.source, key.id) if key.replay else None,
        trace=last.trace,
        events=events,
    )


def rejected(record: Record) -> Entry | None:
    """The entry of what was rejected; None where the record does not say enough of it."""
    found = {
        name.removeprefix(_REJECTED): (value or b"").decode(errors="replace")
        for name, value in record.headers
        if name.startswith(_REJECTED)
    }
    try:
        return Entry(
            Key.of(found["key"]),
            Stream.of(found["stream"]),
            int(found["version"]),
            Outcome.REJECTED,
            datetime.fromisoformat(found["at"]),
            found["digest"],
            Origin.of(found["origin"]),
            type=found["type"],
            reason=found["reason"],
            code=found["code"],
            about=Key.of(found["about"]) if "about" in found else None,
            subject=found.get("subject", ""),
        )
    except (KeyError, ValueError, TypeError):
        return None


def identity(record: Record, generation: int) -> tuple[Key, Origin, str, str] | None:
    """Of a record that a service reads: key, origin, digest and type; None where it has none."""
    try:
        envelope = cloudevents.read(record.headers, record.value)
    except Unreadable:
        return None
    origin = Origin(record.topic, record.partition, record.offset, generation)
    key = Key(envelope.source, envelope.id, replay_of(record))
    return key, origin, fingerprint(envelope.type, envelope.data), envelope.type


async def records_since(
    kafka: Connection, offsets: Mapping[TopicPartition, int]
) -> AsyncIterator[Record]:
    """What topics have from offsets on, up to the end as it is now, partition by partition.

    Raises:
        TimeoutError: see `up_to`.
    """
    more = {"auto_offset_reset": "earliest", "isolation_level": "read_committed"}
    async with kafka.consumer(**more) as consumer:
        ends = await consumer.end_offsets(list(offsets))
        begins = await consumer.beginning_offsets(list(offsets))
        consumer.assign(list(offsets))
        for tp, at in offsets.items():
            consumer.seek(tp, max(at, begins[tp]) if at <= ends[tp] else begins[tp])
        for tp in offsets:
            async for part in up_to(consumer, tp, ends[tp]):
                for record in part:
                    yield record
