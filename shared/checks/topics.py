"""Whether the topics are there that a service reads and another owns: it does not make those."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

from shared.checks.fault import Fault, variable
from shared.contracts import catalogue

if TYPE_CHECKING:
    from shared.kafka.connection import Connection
    from shared.manifest import Manifest


async def others_topics(kafka: Connection, manifest: Manifest) -> list[Fault]:
    """What is missing of the events topics of others."""
    wanted = {kafka.topic(catalogue.events(owner)): owner for owner in manifest.reads}
    try:
        async with kafka.admin() as admin:
            there = set(await admin.list_topics())
    except KafkaError as error:
        return [Fault(variable("kafka"), f"Kafka does not answer: {error!r:.200}", passes=True)]
    missing = {topic: owner for topic, owner in wanted.items() if topic not in there}
    return [
        Fault(
            variable("kafka", "prefix"),
            f"{topic} is not there, or may not be seen: {owner} makes it when it starts, or "
            "`coalition topics --apply` and `coalition acls --apply`",
            passes=True,
        )
        for topic, owner in sorted(missing.items())
    ]
