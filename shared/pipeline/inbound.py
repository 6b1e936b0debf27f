"""Step 2 of a batch: a record becomes an event with its route, or says why it is none."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from shared import cloudevents
from shared.cloudevents import Envelope
from shared.context_attributes import Unreadable
from shared.contracts.base import Event
from shared.domain.decider import Decider, Route
from shared.domain.stream import Stream
from shared.fingerprint import fingerprint
from shared.journal.entry import Entry, Key, Origin
from shared.kafka.salvage import Record, Salvaged, is_undecodable
from shared.pipeline import defects
from shared.pipeline.headers import JUDGED_AS_HEADER, REPLAY_HEADER
from shared.pipeline.seeming import seeming_subject
from shared.publishers import NOBODY, Publisher, Publishers, is_reserved, reserved
from shared.tracing.context import TraceContext, of_headers


@dataclass(frozen=True, slots=True)
class Source:
    """A topic that a service reads, and who may speak there.

    Attributes:
        types: the event types that it understands there.
        own: whether the service takes them from there for decision. On another owner's topic, a
            type that is none of this service's business is passed over, here it is rejected.
        speaker: the one CloudEvents source that speaks there, and what is below it: the service
            itself on its self topic, an owner on its events topic.
        publisher: whose inbox it is, if it is one publisher's.
        publishers: on the plain inbox, those whose sources are not taken there.
        generation: of its offsets; see `Origin`.
    """

    topic: str
    types: Mapping[str, type[Event]]
    own: bool
    speaker: str = ""
    publisher: Publisher | None = None
    publishers: Publishers = NOBODY
    generation: int = 0

    @property
    def is_inbox(self) -> bool:
        """Whether others write there."""
        return self.own and not self.speaker

    @property
    def is_self(self) -> bool:
        """Whether the service speaks to itself there."""
        return self.own and bool(self.speaker)

    def refusal(self, source: str) -> str:
        """Why an event of a source is not taken from this topic; empty where it is."""
        if self.speaker:
            if source == self.speaker or source.startswith(f"{self.speaker}/"):
                return ""
            return f"only {self.speaker} speaks on {self.topic}, and this is of {source!r}"
        if is_reserved(source):
            return reserved(source)
        if self.publisher:
            return "" if self.publisher.speaks_as(source) else self.publisher.not_as(source)
        if self.publishers.publisher and self.publishers.owner(source):
            return f"{source!r} belongs to a publisher: it is taken from its own inbox alone"
        return ""


@dataclass(slots=True)
class InboundMessage:
    """A record on its way through the batch: with the event that it holds, or why it holds none.

    Attributes:
        came_with: the trace context that it came with, if any.
        span: that of its own span, if it has one.
    """

    record: Record
    origin: Origin
    key: Key
    digest: str
    route: Route
    type: str
    event: Event | None = None
    refusal: Unreadable | None = None
    about: Key | None = None
    publisher: Publisher | None = None
    subject: str = ""
    came_with: TraceContext | None = None
    span: TraceContext | None = None

    def is_as(self, entry: Entry) -> bool:
        """Whether an entry under this key is about the same content.

        What is known by its origin alone has no other key to be told apart by.
        """
        return entry.digest == self.digest or self.key == Key.of_origin(self.origin)


def read(
    record: Record,
    source: Source,
    decider: Decider[Any],
    sources: Mapping[str, Source] = MappingProxyType({}),
) -> InboundMessage | None:
    """Read a record; None where it is another owner's and none of this service's business.

    Args:
        record: as it came.
        source: the topic that it stands on.
        decider: the service's rules.
        sources: all that are read, by topic: a replay is judged as where it was first read.
    """
    origin = Origin(record.topic, record.partition, record.offset, source.generation)
    if isinstance(record, Salvaged) and is_undecodable(record):
        return _undecoded(record, origin, source)
    envelope = None
    try:
        if replay := replay_of(record):
            source = _judged_as(record, source, sources)
        envelope = cloudevents.read(record.headers, record.value)
        if not source.own and envelope.type not in source.types:
            return None
        event = _taken(envelope, source)
        key = Key(envelope.source, envelope.id, replay)
        route = decider.route(event, (envelope.source, envelope.id))
    except Unreadable as refusal:
        return _unread(record, origin, envelope, refusal)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this record's alone
        type_ = envelope.type if envelope else ""
        defects.note(defects.REASON, error, type=type_, origin=str(origin))
        return _unread(record, origin, envelope, Unreadable(defects.CODE, defects.REASON))
    digest = fingerprint(envelope.type, envelope.data)
    message = InboundMessage(record, origin, key, digest, route, envelope.type, event)
    message.about = Key(key.source, key.id) if key.replay else None
    message.publisher, message.came_with = source.publisher, envelope.trace
    return message


def reused(message: InboundMessage, entry: Entry) -> InboundMessage:
    """Another event under an id that is taken: rejected under its origin, lest it is lost."""
    other = "with other data" if entry.type == message.type else f"of the type {entry.type!r}"
    reason = f"this source has used this id before, for an event {other}"
    claimed = Envelope(message.key.source, message.key.id, message.type, b"")
    unread = _unread(message.record, message.origin, claimed, Unreadable("reused", reason))
    unread.came_with, unread.span = message.came_with, message.span
    subject = message.event.subject if message.event else ""
    return replace(unread, digest=message.digest, subject=subject)


def _taken(envelope: Envelope, source: Source) -> Event:
    """The event, if who speaks may say it there.

    Raises:
        Unreadable: it is none, or they may not.
    """
    if reason := source.refusal(envelope.source):
        raise Unreadable("source", reason)
    event = cloudevents.parse(envelope, source.types, to_record=source.own)
    if source.publisher and (refusal := source.publisher.refusal(envelope.source, event)):
        raise Unreadable(*refusal)
    return event


def _undecoded(record: Salvaged, origin: Origin, source: Source) -> InboundMessage:
    """What the client could not decode; its publisher may still ask for it by its id."""
    envelope = None
    with suppress(Unreadable):
        envelope = cloudevents.read(record.headers, record.value)
    if envelope and source.refusal(envelope.source):
        envelope = None
    return _unread(record, origin, envelope, Unreadable("record", f"not readable: {record.error}"))


def _unread(
    record: Record, origin: Origin, envelope: Envelope | None, refusal: Unreadable
) -> InboundMessage:
    """What cannot be read is known by its origin, and remembers what it claimed to be.

    But nobody is answered with what another sent in their name.
    """
    claimed = envelope if refusal.code != "source" else None
    return InboundMessage(
        record,
        origin,
        key=Key.of_origin(origin),
        digest=fingerprint(*_content(record, envelope)),
        route=Route(Stream("unread", origin.log)),
        type=envelope.type if envelope else "",
        refusal=refusal,
        about=Key(claimed.source, claimed.id) if claimed else None,
        subject=seeming_subject(envelope) if envelope else "",
        came_with=of_headers(record.headers) if envelope is None else envelope.trace,
    )


def _content(record: Record, envelope: Envelope | None) -> tuple[str, bytes]:
    return (envelope.type, envelope.data) if envelope else ("", record.value or b"")


def _judged_as(record: Record, source: Source, sources: Mapping[str, Source]) -> Source:
    """The topic that a replayed record was first read from, whose rights it is judged by.

    Raises:
        Unreadable: no operator of this service has sent it, or that topic is no longer read.
    """
    if not source.is_self:
        raise Unreadable("source", f"{REPLAY_HEADER} is set by `coalition rejected replay` alone")
    topic = _header(record, JUDGED_AS_HEADER)
    if topic not in sources:
        raise Unreadable("source", f"the topic {topic!r} that it was first read from is not read")
    return sources[topic]


def replay_of(record: Record) -> str:
    """The origin of which a record claims to be a replay; empty where it claims none."""
    return _header(record, REPLAY_HEADER)


def _header(record: Record, wanted: str) -> str:
    for name, value in record.headers:
        if name == wanted and value:
            return bytes(value[:300]).decode(errors="replace")
    return ""
