"""The three services in memory, as far as one record is concerned: from its bytes to its snapshot.

Whatever is decided is journaled, published, projected and read back, each through the bytes that
the real parts would keep or carry.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import bson

from services import manifests
from shared import cloudevents
from shared.contracts import catalogue
from shared.contracts.base import EVENT_TYPES
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.journal.entry import Entry, Outcome
from shared.pipeline import bounds
from shared.pipeline.decision import decide
from shared.pipeline.inbound import Source, read
from shared.pipeline.outbound import published_event
from shared.pipeline.tolerant import folded
from tests.unit.domains import decider_of
from tests.unit.fold import NOW

if TYPE_CHECKING:
    from shared.cloudevents import Headers
    from shared.contracts.base import Event
    from shared.domain.decider import Decider
    from shared.kafka.producer import Outgoing

LARGEST_DOCUMENT: Final = 16 * 1024 * 1024
"""Bytes of BSON that MongoDB takes."""
LARGEST_RECORD: Final = 1024 * 1024
"""Bytes of a batch that a broker takes (`message.max.bytes`), and its own share of that."""
OVERHEAD: Final = 1024
CODES: Final = {"", "rule"}
"""What may become of a record that keeps its contract."""


class Record(NamedTuple):
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


def record(outgoing: Outgoing, offset: int) -> Record:
    return Record(outgoing.topic, 0, offset, outgoing.key, outgoing.value, outgoing.headers)


@dataclass(slots=True)
class Service:
    """One service: decides records, and keeps what its journal and its snapshots would keep."""

    name: str
    states: dict[Stream, Versioned[Any]] = field(default_factory=dict)

    @property
    def decider(self) -> Decider[Any]:
        return decider_of(self.name)

    @property
    def sources(self) -> dict[str, Source]:
        found = manifests.MANIFESTS[self.name].sources()
        return {source.topic: source for source in found}

    def take(self, incoming: Record) -> tuple[Entry | None, list[Outgoing]]:
        """Decide a record; what became of it, and what was published because of it."""
        source = self.sources.get(incoming.topic)
        item = read(incoming, source, self.decider) if source else None
        if item is None:
            return None, []
        known = {
            stream: self.states.get(stream, Versioned())
            for stream in (item.route.stream, *item.route.looks_at)
        }
        before = known[item.route.stream]
        [entry] = decide(self.name, self.decider, [item], known, NOW)
        assert entry.code in CODES, entry.reason
        if item.event:
            self.states[item.route.stream] = known[item.route.stream]
            self._is_kept(before, entry, known[item.route.stream])
        return entry, [self._is_published(entry, one) for one in entry.events]

    def _is_kept(self, before: Versioned[Any], entry: Entry, after: Versioned[Any]) -> None:
        """The journal and the snapshots take it, and give it back."""
        document = bson.encode(entry.document())
        assert len(document) < LARGEST_DOCUMENT
        again = Entry.of(bson.decode(document))
        assert again.events == entry.events
        assert not again.unreadable
        from_journal = folded(self.decider, before, again)
        assert (from_journal.version, from_journal.state) == (after.version, after.state)
        if entry.outcome is Outcome.ACCEPTED and after.state is not None:
            snapshot = bson.encode(after.state.model_dump(mode="json", exclude_defaults=True))
            assert len(snapshot) < LARGEST_DOCUMENT
            assert bounds.measured(after.state) <= bounds.MAX_STATE
            assert type(after.state).model_validate(bson.decode(snapshot)) == after.state

    def _is_published(self, entry: Entry, published: Any) -> Outgoing:
        """The broker takes it, and everyone who reads it."""
        outgoing = published_event(self.name, entry, published)
        size = len(outgoing.key or b"") + len(outgoing.value or b"") + OVERHEAD
        assert size + sum(len(k.encode()) + len(v) for k, v in outgoing.headers) < LARGEST_RECORD
        envelope = cloudevents.read(outgoing.headers, outgoing.value)
        assert cloudevents.parse(envelope, manifests.EVENTS) == published.event
        return outgoing


@dataclass(slots=True)
class Chain:
    """The services, each reading what the others publish."""

    services: dict[str, Service] = field(
        default_factory=lambda: {name: Service(name) for name in manifests.MANIFESTS}
    )
    offset: int = 0

    def copy(self) -> Chain:
        """The same as they stand; states are never changed in place."""
        services = {name: Service(name, dict(s.states)) for name, s in self.services.items()}
        return Chain(services, self.offset)

    def tell(self, owner: str, event: Event | dict[str, Any], type_: str = "") -> Entry:
        """Send an event to a service, or have it say it to itself, if only it does.

        Returns:
            what became of it there, once all others have heard of it.
        """
        if isinstance(event, dict):
            event = EVENT_TYPES[type_].model_validate(event)
        body = event.model_dump_json(exclude_none=True).encode()
        self.offset += 1
        by_itself = type(event) in manifests.MANIFESTS[owner].tells_itself
        source = catalogue.source(owner) if by_itself else "urn:test"
        topic = catalogue.self_topic(owner) if by_itself else catalogue.inbox(owner)
        headers = cloudevents.binary_headers(source=source, id_=str(self.offset), type_=event.type)
        sent = Record(topic, 0, self.offset, None, body, headers)
        entry, outgoing = self.services[owner].take(sent)
        assert entry
        self._carry(outgoing)
        return entry

    def _carry(self, outgoing: list[Outgoing]) -> None:
        """Have all services read what one of them has published, and so on."""
        for one in outgoing:
            for service in self.services.values():
                self.offset += 1
                _, further = service.take(record(one, self.offset))
                self._carry(further)
