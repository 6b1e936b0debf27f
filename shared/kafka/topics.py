"""Kafka: the topics of the services, and how they are created."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError

from shared.contracts import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable


PARTITIONS: Final = 3
MAX_BATCH: Final = 1024 * 1024 + 12
"""Bytes of a batch, and so of a record, that Kafka takes: its own default, said aloud."""
MAX_RECORD: Final = 2 * 1024 * 1024
"""Bytes of a record on `rejected`: any record the inbox took, and the headers that say why not."""
_STORED: Final = {"compression.type": "uncompressed"}
"""Publishers may compress as they like, and Kafka unpacks it before it looks at the size: else one
small batch could unpack to gigabytes in whoever reads it (docs/decisions/)."""


async def create_topics(bootstrap: str, services: Iterable[str], replication: int = 1) -> None:
    """Create the topics of services that are not there yet; partition counts never change."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        wanted = [topic for s in services for topic in _topics(s, replication)]
        missing = [topic for topic in wanted if topic.name not in existing]
        for topic in missing:
            await _create(admin, topic)
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, topic: NewTopic) -> None:
    response = await admin.create_topics([topic])
    for _, code, *_ in response.topic_errors:
        if code not in {0, TopicAlreadyExistsError.errno}:
            msg = f"Kafka did not create {topic.name}: error {code}"
            raise RuntimeError(msg)


def _topics(service: str, replication: int) -> list[NewTopic]:
    keep = {"retention.ms": "-1", "max.message.bytes": str(MAX_BATCH), **_STORED}
    large = {**keep, "max.message.bytes": str(MAX_RECORD)}
    return [
        NewTopic(catalogue.inbox(service), PARTITIONS, replication, topic_configs=keep),
        NewTopic(catalogue.events(service), PARTITIONS, replication, topic_configs=keep),
        NewTopic(catalogue.rejected(service), PARTITIONS, replication, topic_configs=large),
    ]
