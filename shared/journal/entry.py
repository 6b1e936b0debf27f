"""A journal entry: what became of one incoming event, and what was published because of it."""

from __future__ import annotations

from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.contracts.catalogue import ALL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from shared.contracts.base import Event


Document = dict[str, Any]


class Outcome(StrEnum):
    """What became of an incoming event."""

    ACCEPTED = "accepted"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


class Origin(NamedTuple):
    """Where on Kafka an event was read."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


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
        return cls(f"record in {origin.topic}/{origin.partition}", str(origin.offset))

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


class Published(NamedTuple):
    """An event that a service publishes because of an incoming one.

    Attributes:
        body: the event as JSON, made once: the journal keeps it and Kafka gets it.
    """

    id: str
    event: Event
    body: bytes

    @classmethod
    def of(cls, id_: str, event: Event) -> Published:
        """Make the body of an event."""
        return cls(id_, event, event.model_dump_json(exclude_none=True).encode())


class Entry(NamedTuple):
    """What the journal keeps of one incoming event.

    Attributes:
        key: its identity; the origin where the event had none of its own.
        stream: the aggregate that decided it, `<kind>/<id>`.
        version: its place in the stream, from 1, without gaps.
        digest: the fingerprint of its data.
        about: the event's source and id where `key` is another identity: a replay, or what
            could not be accepted as the event that it claimed to be.
    """

    key: Key
    stream: str
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

    def document(self) -> Document:
        """The entry as it is stored."""
        document: Document = {
            "_id": self.key.stored(),
            "stream": self.stream,
            "version": self.version,
            "outcome": self.outcome.value,
            "type": self.type,
            "recorded": self.recorded,
            "digest": self.digest,
            "origin": str(self.origin),
            "events": [
                {"id": p.id, "type": p.event.type, "data": p.body.decode()} for p in self.events
            ],
        }
        if self.reason:
            document |= {"reason": self.reason, "code": self.code}
        if self.about:
            document["about"] = self.about.stored()
        return document

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Entry:
        """Read a stored entry."""
        topic, partition, offset = document["origin"].rsplit("/", 2)
        return cls(
            key=Key.of(document["_id"]),
            stream=document["stream"],
            version=document["version"],
            outcome=Outcome(document["outcome"]),
            type=document.get("type", ""),
            recorded=document["recorded"],
            digest=document["digest"],
            origin=Origin(topic, int(partition), int(offset)),
            reason=document.get("reason", ""),
            code=document.get("code", ""),
            about=Key.of(document["about"]) if "about" in document else None,
            events=tuple(_published(**event) for event in document["events"]),
        )


def _published(id: str, type: str, data: str) -> Published:  # noqa: A002 - the stored names
    return Published(id, ALL[type].model_validate_json(data), data.encode())


def digest(data: bytes) -> str:
    """A fingerprint of an event's data, to tell a repetition from a reused id."""
    return blake2b(data, digest_size=12).hexdigest()
