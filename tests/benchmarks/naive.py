"""FastStream as its tutorial has it: one record a handler, written, published, committed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import uvloop
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker
from pymongo import AsyncMongoClient

from shared.contracts.plans import CommitmentUpdated
from shared.process import collect_rarely
from shared.settings import Settings
from tests.benchmarks.job import INBOX

if TYPE_CHECKING:
    from pymongo.asynchronous.collection import AsyncCollection

GROUP: Final = "bench.naive"
TOPIC: Final = "bench.naive"


def build(broker: KafkaBroker, collection: AsyncCollection[dict[str, Any]]) -> FastStream:
    """The application."""

    @broker.subscriber(
        INBOX, group_id=GROUP, auto_offset_reset="earliest", ack_policy=AckPolicy.ACK
    )
    async def updated(event: CommitmentUpdated) -> None:
        document = event.model_dump(mode="json")
        await collection.find_one_and_update(
            {"_id": event.subject}, {"$set": document}, upsert=True
        )
        await broker.publish(event, TOPIC, key=event.subject.encode())

    return FastStream(broker, logger=None)


async def main(settings: Settings) -> None:
    """Run until SIGTERM."""
    async with AsyncMongoClient[dict[str, Any]](settings.mongodb.get_secret_value()) as client:
        broker = KafkaBroker(settings.kafka.split(","), logger=None)
        await build(broker, client[settings.database or GROUP]["commitments"]).run()


if __name__ == "__main__":
    collect_rarely()
    uvloop.run(main(Settings()))
