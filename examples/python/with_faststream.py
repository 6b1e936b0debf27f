"""Sends events to Coalition and listens for what became of them, with FastStream."""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from typing import Any

from aiokafka import ConsumerRecord
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage

INBOX = "coalition.membership.inbox.v1"
EVENTS = "coalition.membership.events.v1"
REJECTED = "coalition.membership.rejected.v1"
RUN = f"example-{uuid.uuid4().hex[:12]}"
SOURCE = f"urn:{RUN}"
KAFKA = os.environ.get("COALITION_KAFKA", "127.0.0.1:19092")

broker = KafkaBroker(KAFKA.split(","), acks="all", enable_idempotence=True, logger=None)
app = FastStream(broker, logger=None)
seen: set[str] = set()
published: dict[str, list[str]] = {}
refused: list[str] = []


async def raw(message: KafkaMessage) -> bytes:
    """The body as it came: FastStream would make something of it by its content type."""
    return message.body


# MANUAL, since the other policies commit before the work is done, or whatever becomes of it.
@broker.subscriber(
    EVENTS,
    REJECTED,
    group_id=RUN,
    auto_offset_reset="earliest",
    isolation_level="read_committed",
    ack_policy=AckPolicy.MANUAL,
    decoder=raw,
)
async def take(body: bytes, message: KafkaMessage) -> None:
    """Note what became of ours.

    It knows what it has seen by its id: after a crash a service may publish an event again.
    """
    del body  # the data, for whoever keeps them
    headers, record = message.headers, message.raw_message
    assert isinstance(record, ConsumerRecord)
    if record.topic == REJECTED and headers.get("ce_source") == SOURCE:
        code, reason = headers["coalition-rejected-code"], headers["coalition-rejected-reason"]
        refused.append(f"{headers['ce_id']} {code}: {reason}")
    elif headers.get("ce_causesource") == SOURCE and headers["ce_id"] not in seen:
        seen.add(headers["ce_id"])
        name = headers["ce_type"].split(".")[2]
        published.setdefault(headers["ce_causeid"], []).append(name)
    await message.ack()
    if refused and len(published) > 1:
        app.exit()


async def send(id_: str, name: str, data: dict[str, Any]) -> None:
    """Send an event in CloudEvents' binary mode, keyed by what must stay in order."""
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": id_,
        "ce_source": SOURCE,
        "ce_type": f"coalition.membership.{name}.v1",
        "content-type": "application/json",
    }
    await broker.publish(json.dumps(data).encode(), INBOX, key=RUN.encode(), headers=attributes)


@app.after_startup
async def send_all() -> None:
    """Send what is accepted, a duplicate, and what is rejected."""
    town = {"name": RUN, "country": "DE", "kind": "city"}
    signed = {"coalition": RUN, "member": town, "signed": "2016-05"}
    await send("1", "CoalitionFounded", {"coalition": RUN, "name": "An example"})
    await send("2", "CitySigned", signed)
    await send("2", "CitySigned", signed)  # as after a crash of ours: it is decided once
    await send("3", "CitySigned", {"coalition": RUN, "member": town})


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(app.run(), 120))
    print("accepted   1", published["1"][0])
    print("accepted   2", published["2"][0])
    if len(published["2"]) == 1:
        print("duplicate  2 was published once")
    print("rejected  ", refused[0])
