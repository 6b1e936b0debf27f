"""Kafka: the topics of the services, how they are created, and whether they are as they must be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    KafkaError,
    LeaderNotAvailableError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    for_code,
)

from shared.contracts import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from aiokafka.admin import AIOKafkaAdminClient

    from shared.kafka.connection import Connection


_REJECTED: Final = ".rejected.v1"
MAX_BATCH: Final = 1024 * 1024 + 12
"""Bytes of a batch, and so of a record, that Kafka takes: its own default, said aloud."""
MAX_RECORD: Final = 2 * 1024 * 1024
"""Bytes of a record on `rejected`: any record the inbox took, and the headers that say why not."""
_IN_SYNC: Final = "min.insync.replicas"
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


class NotCreated(RuntimeError):
    """A topic is not there and was not created; the message says why, and what to do."""


async def create_topics(
    kafka: Connection, services: Iterable[str], replication: int = 1, more: Iterable[str] = ()
) -> list[str]:
    """Create the topics that are not there yet; those that are keep their partitions.

    Args:
        kafka: where Kafka is, and how many partitions a topic has.
        services: whose topics they are.
        replication: how many brokers keep each.
        more: further topics.

    Returns:
        those that were created.
    """
    wanted = [*(topic for s in services for topic in catalogue.topics(s)), *more]
    async with kafka.admin() as admin:
        missing = sorted(set(map(kafka.topic, wanted)) - set(await admin.list_topics()))
        for name in missing:
            await _create(admin, described(name, kafka.partitions, replication))
    return missing


async def _create(admin: AIOKafkaAdminClient, topic: NewTopic) -> None:
    response = await admin.create_topics([topic])
    for _, code, *_ in response.topic_errors:
        if code == TopicAuthorizationFailedError.errno:
            raise NotCreated(
                f"{topic.name} is not there, or may not be seen, and may not be created by this "
                "user: let an operator run `coalition topics --apply` and `coalition acls --apply`"
            )
        if code not in {0, TopicAlreadyExistsError.errno}:
            raise NotCreated(f"Kafka did not create {topic.name}: {_error(code, '')!r}")


def described(name: str, partitions: int, replication: int = 1) -> NewTopic:
    """How a topic is made."""
    most = MAX_RECORD if name.endswith(_REJECTED) else MAX_BATCH
    configs = {**_KEPT, "max.message.bytes": str(most), _IN_SYNC: str(in_sync(replication))}
    return NewTopic(name, partitions, replication, topic_configs=configs)


def in_sync(replication: int) -> int:
    """How many brokers must have a record before it is confirmed: all but one, which may be away.

    With fewer, a record that was confirmed can be lost with one broker; with all, nothing is taken
    while one is away.
    """
    return max(1, replication - 1)


async def differences(
    admin: AIOKafkaAdminClient, topics: Sequence[str], partitions: int
) -> list[str]:
    """How existing topics differ from what the services rely on, one line each.

    With fewer or more partitions a key's records lie elsewhere than its earlier ones; with a
    retention or with compaction, records vanish that somebody has still to read.

    Raises:
        aiokafka.errors.KafkaError: Kafka does not say, or may not be asked.
    """
    there = await admin.describe_topics(list(topics))
    counted = {topic["topic"]: len(topic["partitions"]) for topic in there}
    if not all(counted.values()):
        raise LeaderNotAvailableError("a topic is being created")
    found: list[str] = []
    for name, configs in (await _configs(admin, topics)).items():
        found += _differing(name, configs)
    found += [
        f"{topic} has {count} partitions, not {partitions}"
        for topic, count in counted.items()
        if count != partitions
    ]
    return sorted(found)


async def weak(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> list[str]:
    """Which topics confirm a record before enough brokers have it, or wait for too many.

    Raises:
        aiokafka.errors.KafkaError: Kafka does not say, or may not be asked.
    """
    configs, found = await _configs(admin, topics), []
    for topic in await admin.describe_topics(list(topics)):
        name, replicas = topic["topic"], min(len(one["replicas"]) for one in topic["partitions"])
        wanted, there = str(in_sync(replicas)), configs[name].get(_IN_SYNC)
        if there not in {None, wanted}:
            found.append(f"{name} is on {replicas} brokers with {_IN_SYNC}={there}, not {wanted}")
    return sorted(found)


async def _configs(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> dict[str, dict[str, str]]:
    found = {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics]
    for response in await admin.describe_configs(resources):
        for code, message, _, name, entries in response.resources:
            if code:
                raise _error(code, message)
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found


def _differing(topic: str, configs: Mapping[str, str]) -> Iterator[str]:
    for name, wanted in _KEPT.items():
        if configs.get(name, wanted) != wanted:
            yield f"{topic} has {name}={configs[name]}, not {wanted}"


def _error(code: int, message: str | None) -> KafkaError:
    error: KafkaError = for_code(code)(message or "")
    return error
