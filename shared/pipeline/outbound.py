"""What a service sends to Kafka: published events, events to its own inbox, rejected records."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from shared import cloudevents
from shared.contracts import catalogue
from shared.kafka.producer import Outgoing

if TYPE_CHECKING:
    from datetime import datetime

    from aiokafka import ConsumerRecord

    from shared.contracts.base import Event
    from shared.journal.entry import Entry, Published


REPLAY_HEADER: Final = "coalition-replay-of"
"""Set by an operator's replay to the origin of the rejected record: a new try, not a repetition."""
OURS: Final = "coalition-"
"""The prefix of the headers that we add to a rejected record."""


def source_of(service: str) -> str:
    """The CloudEvents source of what a service publishes."""
    return f"/coalition/{service}"


@lru_cache(8)
def _written(moment: datetime) -> str:
    """A time in RFC 3339; all entries of a batch share it."""
    return moment.isoformat()


def published_event(service: str, entry: Entry, published: Published) -> Outgoing:
    """What a service tells the world about an accepted event."""
    extensions = {
        "subject": published.subject,
        "time": _written(entry.recorded),
        "sequence": str(entry.version),
        "stream": entry.stream,
        "causesource": entry.key.source,
        "causeid": entry.key.id,
    }
    return Outgoing(
        catalogue.events(service),
        published.subject.encode(),
        published.body,
        cloudevents.binary_headers(
            source=source_of(service),
            id_=published.id,
            type_=published.type,
            extensions=extensions,
        ),
    )


def to_own_inbox(service: str, event: Event, id_: str) -> Outgoing:
    """What a service says to its own inbox, under an id made of the cause."""
    return Outgoing(
        catalogue.inbox(service),
        event.subject.encode(),
        event.model_dump_json(exclude_none=True).encode(),
        cloudevents.binary_headers(
            source=source_of(service),
            id_=id_,
            type_=event.type,
            extensions={"subject": event.subject},
        ),
    )


def rejected_record(service: str, record: ConsumerRecord, entry: Entry) -> Outgoing:
    """The original record with the reason beside it; readers tell repeats by the origin."""
    kept = [(k, v if v is not None else b"") for k, v in record.headers if not k.startswith(OURS)]
    reason = entry.reason.encode()[:2000]
    ours = [
        ("coalition-rejected-code", entry.code.encode()),
        ("coalition-rejected-reason", reason),
        ("coalition-rejected-origin", str(entry.origin).encode()),
        ("coalition-rejected-at", entry.recorded.isoformat().encode()),
    ]
    return Outgoing(catalogue.rejected(service), record.key, record.value, [*kept, *ours])
