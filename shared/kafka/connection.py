"""Kafka: FastStream's broker, and the consumer whose offsets only the engine commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faststream import AckPolicy
from faststream.kafka import KafkaBroker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiokafka import ConsumerRebalanceListener
    from faststream.kafka.subscriber.usecase import LogicSubscriber


def subscriber(
    broker: KafkaBroker, topics: Iterable[str], *, group: str, listener: ConsumerRebalanceListener
) -> LogicSubscriber[object]:
    """Have FastStream build a consumer whose offsets only the engine commits."""
    built: LogicSubscriber[object] = broker.subscriber(
        *topics,
        group_id=group,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        isolation_level="read_committed",
        listener=listener,
    )
    return built


def broker(bootstrap: str, client: str) -> KafkaBroker:
    """FastStream's broker, for consuming only."""
    return KafkaBroker(
        bootstrap.split(","),
        client_id=client,
        consumer_only=True,
        allow_auto_create_topics=False,
        logger=None,
    )
