"""Step 2 of a batch: a record becomes an event with its route, or says why it is none."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from shared import cloudevents
from shared.cloudevents import Envelope, Unreadable
from shared.contracts.base import Event
from shared.domain.decider import Decider, Route
from shared.domain.stream import Stream
from shared.fingerprint import fingerprint
from shared.journal.entry import Entry, Key, Origin
from shared.kafka.salvage import Record, Salvaged, is_undecodable
from shared.pipeline import defects
from shared.pipeline.outbound import REPLAY_HEADER
from shared.pipeline.seeming import seeming_subject


@dataclass(frozen=True, slots=True)
class Source:
    """A topic that a service reads.

    Attributes:
        types: the event types that it understands there.
        own: whether it is the service's inbox, where an unknown type is rejected. On another
            owner's topic, a type that is none of this service's business is passed over.
    """

    topic: str
    types: Mapping[str, type[Event]]
    own: bool


@dataclass(slots=True)
class InboundMessage:
    """A record on its way through the batch: with the event that it holds, or why it holds none."""

    record: Record
    origin: Origin
    key: Key
    digest: str
    route: Route
    type: str
    event: Event | None = None
    refusal: Unreadable | None = None
    about: Key | None = None
    subject: str = ""

    def is_as(self, entry: Entry) -> bool:
        """Whether an entry under this key is about the same content.

        What is known by its origin alone has no other key to be told apart by.
        """
        return entry.digest == self.digest or self.key == Key.of_origin(self.origin)


def read(record: Record, source: Source, decider: Decider[Any]) -> InboundMessage | None:
    """Read a record; None where it is another owner's and none of this service's business."""
    origin = Origin(record.topic, record.partition, record.offset)
    if isinstance(record, Salvaged) and is_undecodable(record):
        return _undecoded(record, origin)
    envelope = None
    try:
        envelope = cloudevents.read(record.headers, record.value)
        if not source.own and envelope.type not in source.types:
            return None
        event = cloudevents.parse(envelope, source.types, to_record=source.own)
        key = Key(envelope.source, envelope.id, _replay(record))
        route = decider.route(event, (envelope.source, envelope.id))
    except Unreadable as refusal:
        return _unread(record, origin, envelope, refusal)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this record's alone
        type_ = envelope.type if envelope else ""
        defects.note(defects.REASON, error, type=type_, origin=str(origin))
        return _unread(record, origin, envelope, Unreadable(defects.CODE, defects.REASON))
    about = Key(key.source, key.id) if key.replay else None
    said = fingerprint(envelope.type, envelope.data)
    return InboundMessage(record, origin, key, said, route, envelope.type, event, about=about)


def reused(message: InboundMessage, entry: Entry) -> InboundMessage:
    """Another event under an id that is taken: rejected under its origin, lest it is lost."""
    other = "with other data" if entry.type == message.type else f"of the type {entry.type!r}"
    reason = f"this source has used this id before, for an event {other}"
    claimed = Envelope(message.key.source, message.key.id, message.type, b"")
    unread = _unread(message.record, message.origin, claimed, Unreadable("reused", reason))
    subject = message.event.subject if message.event else ""
    return replace(unread, digest=message.digest, subject=subject)


def _undecoded(record: Salvaged, origin: Origin) -> InboundMessage:
    """What the client could not decode; its publisher may still ask for it by its id."""
    envelope = None
    with suppress(Unreadable):
        envelope = cloudevents.read(record.headers, record.value)
    return _unread(record, origin, envelope, Unreadable("record", f"not readable: {record.error}"))


def _unread(
    record: Record, origin: Origin, envelope: Envelope | None, refusal: Unreadable
) -> InboundMessage:
    """What cannot be read is known by its origin, and remembers what it claimed to be."""
    return InboundMessage(
        record,
        origin,
        key=Key.of_origin(origin),
        digest=fingerprint(*_content(record, envelope)),
        route=Route(Stream("unread", f"{origin.topic}/{origin.partition}")),
        type=envelope.type if envelope else "",
        refusal=refusal,
        about=Key(envelope.source, envelope.id) if envelope else None,
        subject=seeming_subject(envelope) if envelope else "",
    )


def _content(record: Record, envelope: Envelope | None) -> tuple[str, bytes]:
    return (envelope.type, envelope.data) if envelope else ("", record.value or b"")


def _replay(record: Record) -> str:
    for name, value in record.headers:
        if name == REPLAY_HEADER and value:
            return bytes(value[:300]).decode(errors="replace")
    return ""
