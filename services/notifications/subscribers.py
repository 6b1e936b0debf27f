"""What notifications listens to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from faststream import AckPolicy

from services.notifications.domain import NOTIFIED
from shared.contracts import catalogue
from shared.pipeline.inbound import Source

if TYPE_CHECKING:
    from aiokafka import ConsumerRebalanceListener
    from faststream.kafka import KafkaBroker
    from faststream.kafka.subscriber.usecase import LogicSubscriber

    from shared.kafka.connection import Connection

_TYPES: Final = catalogue.by_type(*NOTIFIED)

SOURCES: Final = (
    Source(catalogue.inbox("notifications"), catalogue.INBOX["notifications"], own=True),
    Source(catalogue.events("membership"), _TYPES, own=False),
    Source(catalogue.events("plans"), _TYPES, own=False),
)


def subscribe(
    broker: KafkaBroker, kafka: Connection, engine: ConsumerRebalanceListener
) -> LogicSubscriber[Any]:
    """Declare what is read; without a handler, since only the engine fetches and commits."""
    return broker.subscriber(
        *(kafka.topic(source.topic) for source in SOURCES),
        group_id=kafka.group("notifications"),
        listener=engine,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="none",  # the group is claimed before, and no gap is passed in silence
        isolation_level="read_committed",
        description="All that somebody may want to be told about, and what is left to send.",
    )
