"""What a service sends to Kafka: published events, events to itself, rejected records."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Generic, Protocol

from shared import cloudevents
from shared.contracts import catalogue
from shared.domain.decider import S
from shared.journal.entry import Outcome
from shared.kafka.producer import Outgoing
from shared.kafka.salvage import Record, Salvaged
from shared.kafka.topics import MAX_RECORD
from shared.pipeline.headers import OURS, POINTER_HEADER
from shared.pipeline.traces import log_rejected
from shared.publishers import is_reserved
from shared.tracing.context import REQUEST, TraceContext

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from datetime import datetime

    from shared.contracts.base import Event
    from shared.journal.entry import Entry, Published
    from shared.kafka.producer import Publisher
    from shared.pipeline.batch import Batch
    from shared.pipeline.projections import Keeper
    from shared.publishers import Publishers


MAX_COPY: Final = MAX_RECORD - 64 * 1024
"""Bytes of a record that is copied to `rejected`, so that our headers fit beside it."""
_REASON_BYTES: Final = 2000
_AT_ONCE: Final = 1_000
"""Events that reactions send together."""
_LENGTHS: Final = 10
"""Bytes that say how long a name and its value are, at most."""


class Reacts(Protocol):
    """What a service says to itself because of what it accepted.

    Attributes:
        to: the events that it reacts to; only entries with one of them are kept for it.
    """

    to: tuple[type[Event], ...]

    def react(self, entries: Sequence[Entry]) -> AsyncIterator[Outgoing]:
        """What follows, under ids made of the cause: the same entries may come again."""


class Outbound(Generic[S]):
    """Sends what follows from a batch.

    Args:
        service: whose it is.
        reactions: what else it says because of what it accepted, if anything.
        followed: the events that projections follow; entries with one of them are kept, too.
        keeper: keeps what was read, if anything does.
    """

    def __init__(
        self,
        service: str,
        publisher: Publisher,
        reactions: Reacts | None,
        followed: Iterable[type[Event]] = (),
        keeper: Keeper | None = None,
    ) -> None:
        self._service = service
        self._publisher = publisher
        self._reactions = reactions
        self._keeper = keeper
        self._followed = {event.type for event in (*followed, *(reactions.to if reactions else ()))}

    async def publish(self, batch: Batch[S]) -> None:
        """Publish what was accepted and what was rejected."""
        out: list[Outgoing] = []
        rejected: list[Entry] = []
        for message, entry in batch.decided:
            if entry.outcome is Outcome.REJECTED:
                rejected.append(entry)
                out.append(rejected_record(self._service, message.record, entry))
            out.extend(published_event(self._service, entry, one) for one in entry.events)
        await self._publisher.send(out)
        log_rejected(rejected)
        if self._keeper:
            await self._keeper.keep(
                [m for m, entry in batch.decided if entry.outcome is not Outcome.REJECTED]
            )
        batch.followed = [
            entry
            for _, entry in batch.decided
            if any(published.type in self._followed for published in entry.events)
        ]

    async def react(self, batch: Batch[S]) -> None:
        """Say what follows elsewhere; that is asked of snapshots, so they are written before.

        It may concern a whole coalition, so it is sent in parts while it is read.
        """
        if not self._reactions or not batch.followed:
            return
        part: list[Outgoing] = []
        async for outgoing in self._reactions.react(batch.followed):
            part.append(outgoing)
            if len(part) == _AT_ONCE:
                await self._publisher.send(part)
                part = []
        if part:
            await self._publisher.send(part)


@lru_cache(8)
def _written(moment: datetime) -> str:
    """A time in RFC 3339; all entries of a batch share it."""
    return moment.isoformat()


def sequence_of(version: int) -> str:
    """A version as others see it: as wide as any, since it is compared as a text."""
    return f"{version:019d}"


def published_event(service: str, entry: Entry, published: Published) -> Outgoing:
    """What a service tells the world about an accepted event."""
    extensions = {
        "subject": published.subject,
        "time": _written(entry.recorded),
        "sequence": sequence_of(entry.version),
        "stream": entry.stream,
        "causesource": entry.key.source,
        "causeid": entry.key.id,
    }
    if len(entry.events) > 1:
        extensions["causecount"] = str(len(entry.events))
    if entry.key.replay:
        extensions["causereplay"] = entry.key.replay
    return Outgoing(
        catalogue.events(service),
        published.subject.encode(),
        published.body,
        cloudevents.binary_headers(
            source=catalogue.source(service),
            id_=published.id,
            type_=published.type,
            extensions=extensions,
            with_schema=True,
            trace=entry.trace,
        ),
    )


def to_itself(service: str, event: Event, id_: str, trace: TraceContext | None = None) -> Outgoing:
    """What a service says to itself, under an id made of the cause, in the trace of the cause."""
    return Outgoing(
        catalogue.self_topic(service),
        event.subject.encode(),
        event.model_dump_json(exclude_none=True).encode(),
        cloudevents.binary_headers(
            source=catalogue.source(service),
            id_=id_,
            type_=event.type,
            extensions={"subject": event.subject},
            trace=trace or REQUEST.get(),
        ),
    )


def entrance(service: str, source: str, publishers: Publishers) -> str:
    """Where a service puts what came to it by another way than Kafka.

    Who may speak as the source was seen to before: the engine sees the topic alone.
    """
    if is_reserved(source):
        return catalogue.self_topic(service)
    owner = publishers.owner(source)
    return catalogue.publisher_inbox(service, owner.name) if owner else catalogue.inbox(service)


def rejected_record(service: str, record: Record, entry: Entry) -> Outgoing:
    """The original record with the reason beside it, or a pointer to it where it is too large.

    Readers tell repeats by the origin.
    """
    ours = [
        ("coalition-rejected-code", entry.code.encode()),
        ("coalition-rejected-reason", _cut(entry.reason)),
        ("coalition-rejected-origin", str(entry.origin).encode()),
        ("coalition-rejected-at", entry.recorded.isoformat().encode()),
        # With these the entry can be made again of the record, should the store be lost.
        ("coalition-rejected-stream", entry.stream.encode()),
        ("coalition-rejected-version", str(entry.version).encode()),
        ("coalition-rejected-key", entry.key.stored().encode()),
        ("coalition-rejected-digest", entry.digest.encode()),
        ("coalition-rejected-type", entry.type.encode()),
    ]
    if entry.about:
        ours.append(("coalition-rejected-about", entry.about.stored().encode()))
    if entry.subject:
        ours.append(("coalition-rejected-subject", entry.subject.encode()))
    topic, size = catalogue.rejected(service), size_of(record)
    lost = record.lost if isinstance(record, Salvaged) else 0
    if lost or size > MAX_COPY:
        ours.append((POINTER_HEADER, str(lost or size).encode()))
        return Outgoing(topic, str(entry.origin).encode(), None, ours)
    kept = [(k, v if v is not None else b"") for k, v in record.headers if not k.startswith(OURS)]
    return Outgoing(topic, record.key, record.value, [*kept, *ours])


def size_of(record: Record) -> int:
    """Bytes of a record as it travels, at most."""
    parts = [record.key or b"", record.value or b""]
    headers = sum(
        len(name.encode()) + len(value or b"") + _LENGTHS for name, value in record.headers
    )
    return sum(len(part) + _LENGTHS for part in parts) + headers


def _cut(reason: str) -> bytes:
    """As much of a reason as a header holds; no character is cut in two."""
    return reason.encode()[:_REASON_BYTES].decode(errors="ignore").encode()
