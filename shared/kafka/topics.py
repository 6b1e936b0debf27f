"""Kafka: the topics of the services, how they are created, and whether they are as they must be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    KafkaError,
    LeaderNotAvailableError,
    TopicAlreadyExistsError,
    for_code,
)

from shared.contracts import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from aiokafka.admin import AIOKafkaAdminClient

    from shared.kafka.connection import Connection


PARTITIONS: Final = 3
MAX_BATCH: Final = 1024 * 1024 + 12
"""Bytes of a batch, and so of a record, that Kafka takes: its own default, said aloud."""
MAX_RECORD: Final = 2 * 1024 * 1024
"""Bytes of a record on `rejected`: any record the inbox took, and the headers that say why not."""
_KEPT: Final = {
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "cleanup.policy": "delete",
    "compression.type": "uncompressed",
}
"""Nothing is ever removed: a service that was down reads what it missed, and all can be reread.

Publishers may compress as they like, and Kafka unpacks it before it looks at the size: else one
small batch could unpack to gigabytes in whoever reads it (docs/decisions/).
"""


async def create_topics(kafka: Connection, services: Iterable[str], replication: int = 1) -> None:
    """Create the topics of services that are not there yet; partition counts never change."""
    async with kafka.admin() as admin:
        existing = set(await admin.list_topics())
        wanted = [topic for s in services for topic in _topics(kafka, s, replication)]
        for topic in wanted:
            if topic.name not in existing:
                await _create(admin, topic)


async def _create(admin: AIOKafkaAdminClient, topic: NewTopic) -> None:
    response = await admin.create_topics([topic])
    for _, code, *_ in response.topic_errors:
        if code not in {0, TopicAlreadyExistsError.errno}:
            msg = f"Kafka did not create {topic.name}: error {code}"
            raise RuntimeError(msg)


def _topics(kafka: Connection, service: str, replication: int) -> list[NewTopic]:
    usual = {**_KEPT, "max.message.bytes": str(MAX_BATCH)}
    large = {**_KEPT, "max.message.bytes": str(MAX_RECORD)}
    return [
        NewTopic(kafka.topic(name), PARTITIONS, replication, topic_configs=configs)
        for name, configs in (
            (catalogue.inbox(service), usual),
            (catalogue.events(service), usual),
            (catalogue.rejected(service), large),
        )
    ]


async def differences(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> list[str]:
    """How existing topics differ from what the services rely on, one line each.

    With fewer or more partitions a key's records lie elsewhere than its earlier ones; with a
    retention or with compaction, records vanish that somebody has still to read.

    Raises:
        aiokafka.errors.KafkaError: Kafka does not say, or may not be asked.
    """
    counted = {
        topic["topic"]: len(topic["partitions"])
        for topic in await admin.describe_topics(list(topics))
    }
    if not all(counted.values()):
        raise LeaderNotAvailableError("a topic is being created")
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics]
    found: list[str] = []
    for response in await admin.describe_configs(resources):
        for code, message, _, name, entries in response.resources:
            if code:
                raise _error(code, message)
            found += _differing(name, {entry[0]: entry[1] for entry in entries})
    found += [
        f"{topic} has {count} partitions, not {PARTITIONS}"
        for topic, count in counted.items()
        if count != PARTITIONS
    ]
    return sorted(found)


def _differing(topic: str, configs: Mapping[str, str]) -> Iterator[str]:
    for name, wanted in _KEPT.items():
        if configs.get(name, wanted) != wanted:
            yield f"{topic} has {name}={configs[name]}, not {wanted}"


def _error(code: int, message: str | None) -> KafkaError:
    error: KafkaError = for_code(code)(message or "")
    return error
