"""Kafka: a single record, from where it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiokafka import TopicPartition

from shared.kafka import salvage

if TYPE_CHECKING:
    from shared.kafka.connection import Connection
    from shared.kafka.salvage import Salvaged


async def record_at(kafka: Connection, topic: str, partition: int, offset: int) -> Salvaged | None:
    """One record, even where the client cannot decode it; None where it is no longer there."""
    tp = TopicPartition(topic, partition)
    async with kafka.admin() as admin, kafka.consumer(isolation_level="read_committed") as consumer:
        described = await admin.describe_topics([topic])
        if partition not in {
            one["partition"] for found in described for one in found["partitions"]
        }:
            return None
        starts, ends = await consumer.beginning_offsets([tp]), await consumer.end_offsets([tp])
        if not starts[tp] <= offset < ends[tp]:
            return None
        records = (await salvage.read(consumer, tp, offset)).records
        return next((record for record in records if record.offset == offset), None)
