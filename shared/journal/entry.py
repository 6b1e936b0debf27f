"""A journal entry: what became of one incoming event, and what was published because of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from shared.contracts import lenient
from shared.contracts.base import EVENT_TYPES
from shared.domain.stream import Stream
from shared.tracing.context import PARENT, STATE, TraceContext

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shared.contracts.base import Event


Document = dict[str, Any]


class Outcome(StrEnum):
    """What became of an incoming event."""

    ACCEPTED = "accepted"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


class Origin(NamedTuple):
    """Where on Kafka an event was read.

    Attributes:
        generation: counts how often Kafka's topics were made anew, since they use their offsets
            again then.
    """

    topic: str
    partition: int
    offset: int
    generation: int = 0

    def __str__(self) -> str:
        return f"{self.log}/{self.offset}"

    @property
    def log(self) -> str:
        """The partition, apart from that of another generation; no topic has an `@` in its name."""
        again = f"@{self.generation}" if self.generation else ""
        return f"{self.topic}{again}/{self.partition}"

    @classmethod
    def of(cls, text: str) -> Origin:
        """Read an origin as it is written.

        Raises:
            ValueError: it is none.
        """
        name, partition, offset = text.rsplit("/", 2)
        topic, _, generation = name.partition("@")
        return cls(topic, int(partition), int(offset), int(generation or 0))


class Key(NamedTuple):
    """The identity of an incoming event; a replay by an operator is an identity of its own.

    Attributes:
        source: the CloudEvents source.
        id: the CloudEvents id, unique within the source.
        replay: the origin of the rejected record that was replayed, else empty.
    """

    source: str
    id: str
    replay: str = ""

    @classmethod
    def of_origin(cls, origin: Origin) -> Key:
        """The identity of a record that has none of its own, or one that was taken before.

        No event can claim it: the source of a CloudEvent has no blanks.
        """
        return cls(f"record in {origin.log}", str(origin.offset))

    def stored(self) -> str:
        """The journal's `_id`: one text, since a document as a key costs the store far more.

        Neither a source nor an id holds a line break, so no two keys are stored alike.
        """
        return "\n".join(self.parts())

    def parts(self) -> tuple[str, ...]:
        """What ids are derived from; the same for ever."""
        return (self.source, self.id, self.replay) if self.replay else (self.source, self.id)

    @classmethod
    def of(cls, stored: str) -> Key:
        """Read the journal's `_id`."""
        return cls(*stored.split("\n", 2))


@dataclass(slots=True)
class Published:
    """An event that a service publishes because of an incoming one.

    Attributes:
        subject: the id of the aggregate that the event is about.
        body: the event as JSON, made once: the journal keeps it and Kafka gets it.
    """

    id: str
    type: str
    subject: str
    body: bytes
    _event: Event | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, id_: str, event: Event) -> Published:
        """Make the body of an event."""
        return cls(id_, event.type, event.subject, body_of(event), event)

    @property
    def event(self) -> Event | None:
        """The event, read when it is first asked for, without the bounds of its contract.

        None where this version of the code does not know its type, since another version decided
        it, or finds no event of that type in the body. It is kept and published again as it is.
        """
        if self._event is None and (model := EVENT_TYPES.get(self.type)):
            with suppress(ValidationError):
                self._event = lenient.read_json(model, self.body)
        return self._event


class Entry(NamedTuple):
    """What the journal keeps of one incoming event.

    Attributes:
        key: its identity; the origin where the event had none of its own.
        stream: of the aggregate that decided it.
        version: its place in the stream, from 1, without gaps.
        digest: its fingerprint, see `shared.fingerprint`.
        subject: of what was rejected, the id of whom it seemed to be about, if no stream says it.
        trace: the context in which stands what follows from it.
        about: the event's source and id where `key` is another identity: a replay, or what
            could not be accepted as the event that it claimed to be.
        unreadable: what is wrong with the stored document; such an entry has only its identity,
            its stream and its version.
    """

    key: Key
    stream: Stream
    version: int
    outcome: Outcome
    recorded: datetime
    digest: str
    origin: Origin
    type: str = ""
    reason: str = ""
    code: str = ""
    events: tuple[Published, ...] = ()
    about: Key | None = None
    subject: str = ""
    trace: TraceContext | None = None
    unreadable: str = ""

    def typed_events(self) -> Iterator[Event]:
        """What was published, as far as this version of the code knows its types.

        Raises:
            ValueError: a body is no event of its type, so that it cannot be folded.
        """
        for published in self.events:
            if event := published.event:
                yield event
            elif published.type in EVENT_TYPES:
                raise ValueError(f"event {published.id} is no {published.type}")

    @property
    def is_adopted(self) -> bool:
        """Whether it was made of what was published, after the store was lost.

        Its origin is where that stands, and nothing is known of what led to it but the identity.
        """
        return not self.digest and not self.unreadable

    def document(self) -> Document:
        """The entry as it is stored."""
        of_stream = self.stream.id
        document: Document = {
            "_id": self.key.stored(),
            "stream": self.stream,
            "version": self.version,
            "outcome": self.outcome.value,
            "type": self.type,
            "recorded": self.recorded,
            "digest": self.digest,
            "origin": str(self.origin),
            "events": [_stored(published, of_stream) for published in self.events],
        }
        if self.reason:
            document |= {"reason": self.reason, "code": self.code}
        if self.about:
            document["about"] = self.about.stored()
        if self.trace:
            document |= self.trace.fields()
        if self.outcome is Outcome.REJECTED:
            document |= {"rejected": self.place, "sender": self.sender, "subject": self.subject}
        return document

    @property
    def place(self) -> str:
        """Its place among all that was rejected: a text of its own, in order of time."""
        return f"{self.recorded.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f} {self.origin}"

    @property
    def sender(self) -> str:
        """The source that it named, if it named one that could be read."""
        source = (self.about or self.key).source
        return "" if " " in source else source

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Entry:
        """Read a stored entry; one that cannot be read says so in `unreadable`."""
        try:
            return _read(document)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            return _unreadable(document, f"{type(error).__name__} while the entry was read")


def _stored(published: Published, of_stream: str) -> Document:
    """An event as it is stored; its subject only where it is not the id of the stream."""
    document = {"id": published.id, "type": published.type, "data": published.body.decode()}
    return document if published.subject == of_stream else document | {"subject": published.subject}


def _read(document: Mapping[str, Any]) -> Entry:
    stream = Stream.of(document["stream"])
    return Entry(
        key=Key.of(document["_id"]),
        stream=stream,
        version=int(document["version"]),
        outcome=Outcome(document["outcome"]),
        type=document.get("type", ""),
        recorded=document["recorded"],
        digest=document["digest"],
        origin=Origin.of(document["origin"]),
        reason=document.get("reason", ""),
        code=document.get("code", ""),
        about=Key.of(document["about"]) if "about" in document else None,
        subject=document.get("subject", ""),
        trace=TraceContext.of(document[PARENT], document.get(STATE, ""))
        if PARENT in document
        else None,
        events=tuple(
            Published(e["id"], e["type"], e.get("subject", stream.id), e["data"].encode())
            for e in document["events"]
        ),
    )


def _unreadable(document: Mapping[str, Any], why: str) -> Entry:
    version = document.get("version")
    return Entry(
        key=Key(*[*str(document.get("_id")).split("\n", 2), ""][:3]),
        stream=Stream.of(str(document.get("stream"))),
        version=version if isinstance(version, int) else 0,
        outcome=Outcome.REJECTED,
        recorded=datetime.fromtimestamp(0, UTC),
        digest="",
        origin=Origin("", 0, 0),
        reason="this entry of the journal cannot be read",
        code="unreadable",
        unreadable=why,
    )


def body_of(event: Event) -> bytes:
    """An event as JSON, as it is kept and published."""
    return event.__pydantic_serializer__.to_json(event, exclude_none=True)


def stored_time(moment: datetime) -> datetime:
    """A moment to the millisecond, as the store keeps it: what is decided is what is read back."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
