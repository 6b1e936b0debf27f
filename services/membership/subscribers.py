"""What membership listens to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from faststream import AckPolicy

from shared.contracts import catalogue
from shared.contracts.plans import ReportFellOverdue, ReportSubmitted
from shared.pipeline.inbound import Source

if TYPE_CHECKING:
    from aiokafka import ConsumerRebalanceListener
    from faststream.kafka import KafkaBroker
    from faststream.kafka.subscriber.usecase import LogicSubscriber

    from shared.kafka.connection import Connection

SOURCES: Final = (
    Source(catalogue.inbox("membership"), catalogue.INBOX["membership"], own=True),
    Source(
        catalogue.events("plans"),
        catalogue.by_type(ReportFellOverdue, ReportSubmitted),
        own=False,
    ),
)


def subscribe(
    broker: KafkaBroker, kafka: Connection, engine: ConsumerRebalanceListener
) -> LogicSubscriber[Any]:
    """Declare what is read; without a handler, since only the engine fetches and commits."""
    return broker.subscriber(
        *(kafka.topic(source.topic) for source in SOURCES),
        group_id=kafka.group("membership"),
        listener=engine,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="none",  # the group is claimed before, and no gap is passed in silence
        isolation_level="read_committed",
        description="What membership is told, and how plans' reports stand.",
    )
