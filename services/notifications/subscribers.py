"""What notifications listens to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from faststream import AckPolicy

from services.notifications.manifest import MANIFEST

if TYPE_CHECKING:
    from aiokafka import ConsumerRebalanceListener
    from faststream.kafka import KafkaBroker
    from faststream.kafka.subscriber.usecase import LogicSubscriber

    from shared.kafka.connection import Connection
    from shared.publishers import Publishers


def subscribe(
    broker: KafkaBroker,
    kafka: Connection,
    engine: ConsumerRebalanceListener,
    publishers: Publishers,
) -> LogicSubscriber[Any]:
    """Declare what is read; without a handler, since only the engine fetches and commits."""
    return broker.subscriber(
        *(kafka.topic(source.topic) for source in MANIFEST.sources(publishers)),
        group_id=kafka.group(MANIFEST.name),
        listener=engine,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="none",  # the group is claimed before, and no gap is passed in silence
        isolation_level="read_committed",
        description="All events of which people may be notified, and what is left to send.",
    )
