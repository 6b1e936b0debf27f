"""A replay: a rejected record is tried again, because an operator of its service says so.

The service itself reads the record where it lies and puts it on its self topic, which nobody else
can write. So what is replayed was rejected here, and whoever asks had the right to.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from shared import cloudevents
from shared.context_attributes import Unreadable
from shared.contracts import catalogue
from shared.journal.entry import Key, Origin, Outcome
from shared.kafka import lookup
from shared.kafka.producer import Outgoing
from shared.kafka.topics import MAX_BATCH
from shared.pipeline.headers import JUDGED_AS_HEADER, OURS, REPLAY_HEADER
from shared.pipeline.inbound import replay_of
from shared.pipeline.outbound import size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from shared.journal.store import Journal
    from shared.kafka.connection import Connection
    from shared.kafka.producer import Publisher
    from shared.kafka.salvage import Salvaged
    from shared.pipeline.inbound import Source


class NotReplayed(Exception):
    """There is nothing to replay; the message says why."""


class Replay:
    """Puts what a service rejected on its self topic again.

    Args:
        service: the service's name.
        sources: the topics that it reads, by name.
        generation: of these topics; what was in an earlier one is no longer there.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - where it reads, looks up and writes
        self,
        service: str,
        sources: Mapping[str, Source],
        kafka: Connection,
        journal: Journal,
        publisher: Publisher,
        generation: Callable[[], int] = lambda: 0,
    ) -> None:
        self._service = service
        self._generation = generation
        self._sources = sources
        self._kafka = kafka
        self._journal = journal
        self._publisher = publisher

    async def send(self, origin: Origin) -> None:
        """Have the record at an origin decided anew; twice is harmless.

        Raises:
            NotReplayed: it was not rejected here, or is not to be had.
            shared.kafka.producer.NotDelivered: Kafka does not take it.
        """
        if origin.topic not in self._sources:
            raise NotReplayed(f"{self._service} does not read the topic {origin.topic!r}")
        if origin.generation != self._generation():
            raise NotReplayed(f"the topic of {origin} was made anew since: the record is gone")
        record = await lookup.record_at(self._kafka, origin.topic, origin.partition, origin.offset)
        if record is None:
            raise NotReplayed(f"no record is at {origin}, or no longer")
        if not await self._is_rejected(origin, record):
            raise NotReplayed(f"{self._service} rejected nothing from {origin}")
        if record.lost:
            raise NotReplayed(f"the record at {origin} is not readable: {record.error}")
        if (size := size_of(record)) > MAX_BATCH:
            raise NotReplayed(f"it has {size} bytes, more than a topic takes: at most {MAX_BATCH}")
        await self._publisher.send([self._again(origin, record)])

    async def _is_rejected(self, origin: Origin, record: Salvaged) -> bool:
        entries = await self._journal.find(_keys(origin, record))
        return any(
            entry.outcome is Outcome.REJECTED and entry.origin == origin
            for entry in entries.values()
        )

    def _again(self, origin: Origin, record: Salvaged) -> Outgoing:
        is_replay = self._sources[origin.topic].is_self
        before = dict(record.headers).get(JUDGED_AS_HEADER) if is_replay else None
        headers = [(k, v or b"") for k, v in record.headers if not k.startswith(OURS)]
        headers += [
            (REPLAY_HEADER, str(origin).encode()),
            (JUDGED_AS_HEADER, before or origin.topic.encode()),
        ]
        return Outgoing(catalogue.self_topic(self._service), record.key, record.value, headers)


def _keys(origin: Origin, record: Salvaged) -> Iterator[Key]:
    """What the journal may know the record by."""
    yield Key.of_origin(origin)
    with suppress(Unreadable):
        envelope = cloudevents.read(record.headers, record.value)
        yield Key(envelope.source, envelope.id, replay_of(record))
