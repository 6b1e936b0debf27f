"""What the parts allow in Python: fetch, validate, one bulk write, publish, commit; serially.

It loads nothing, keeps no journal, knows no event again and has no rules.
"""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any, Final

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pymongo import AsyncMongoClient, ReplaceOne

from shared.contracts.plans import CommitmentUpdated
from shared.process import collect_rarely
from shared.settings import Settings
from tests.benchmarks.job import INBOX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiokafka import ConsumerRecord
    from pymongo.asynchronous.collection import AsyncCollection

GROUP: Final = "bench.limit"
TOPIC: Final = "bench.limit"
_POLL_MS: Final = 500


async def run(settings: Settings) -> None:
    """Go on until SIGTERM."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        settings.mongodb.get_secret_value(), tz_aware=True
    )
    consumer = AIOKafkaConsumer(
        INBOX,
        bootstrap_servers=settings.kafka,
        group_id=GROUP,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka,
        acks="all",
        enable_idempotence=True,
        max_batch_size=128 * 1024,
    )
    async with client, consumer, producer:
        collection = client[settings.database or GROUP]["commitments"]
        while not stopping.is_set():
            fetched = await consumer.getmany(timeout_ms=_POLL_MS, max_records=settings.batch_size)
            if records := [record for batch in fetched.values() for record in batch]:
                await write(collection, records)
                await publish(producer, records)
                await consumer.commit()


async def write(
    collection: AsyncCollection[dict[str, Any]], records: Sequence[ConsumerRecord]
) -> None:
    """Validate all, and write the newest event of each member."""
    events = [CommitmentUpdated.model_validate_json(record.value) for record in records]
    newest = {event.subject: event for event in events}
    writes = [
        ReplaceOne({"_id": id_}, event.model_dump(mode="json"), upsert=True)
        for id_, event in newest.items()
    ]
    await collection.bulk_write(writes, ordered=False)


async def publish(producer: AIOKafkaProducer, records: Sequence[ConsumerRecord]) -> None:
    """Pass the records on as they came."""
    futures = [
        await producer.send(TOPIC, value=r.value, key=r.key, headers=[*r.headers]) for r in records
    ]
    await asyncio.gather(*futures)


if __name__ == "__main__":
    collect_rarely()
    uvloop.run(run(Settings()))
