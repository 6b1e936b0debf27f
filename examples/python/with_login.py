"""Logs in at Kafka as a publisher with an inbox of its own, and listens, with FastStream.

It asks over HTTP what became of an event that was rejected: a publisher does not read that topic.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import urllib.request
import uuid
from typing import Any
from urllib.parse import quote

from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.security import SASLScram512

PUBLISHER = os.environ.get("COALITION_PUBLISHER", "my-region")
USER = f"coalition.publisher.{PUBLISHER}"
INBOX = f"coalition.membership.inbox.v1.{PUBLISHER}"
EVENTS = "coalition.membership.events.v1"
SOURCE = f"urn:{PUBLISHER}"  # one of those that the operators' file names
RUN = f"example-{uuid.uuid4().hex[:12]}"
KAFKA = os.environ.get("COALITION_KAFKA", "127.0.0.1:29092")
MEMBERSHIP = os.environ.get("COALITION_MEMBERSHIP_URL", "http://127.0.0.1:8001")
CA = os.environ.get("COALITION_KAFKA_CA")  # a file; Compose's Kafka does not encrypt

security = SASLScram512(
    USER,
    os.environ["COALITION_KAFKA_PASSWORD"],
    ssl_context=ssl.create_default_context(cafile=CA) if CA else None,
    use_ssl=bool(CA),
)
broker = KafkaBroker(
    KAFKA.split(","), security=security, acks="all", enable_idempotence=True, logger=None
)
app = FastStream(broker, logger=None)
seen: set[str] = set()
published: dict[str, list[str]] = {}


async def raw(message: KafkaMessage) -> bytes:
    """The body as it came: FastStream would make something of it by its content type."""
    return message.body


# The groups of a publisher begin with its user and a dot; any other is refused.
@broker.subscriber(
    EVENTS,
    group_id=f"{USER}.{RUN}",
    auto_offset_reset="earliest",
    isolation_level="read_committed",
    ack_policy=AckPolicy.MANUAL,
    decoder=raw,
)
async def take(body: bytes, message: KafkaMessage) -> None:
    """Note what became of ours, each event once, by its id."""
    del body  # the data, for whoever keeps them
    headers = message.headers
    cause = headers.get("ce_causeid", "")
    if headers.get("ce_causesource") == SOURCE and headers["ce_id"] not in seen:
        seen.add(headers["ce_id"])
        published.setdefault(cause, []).append(headers["ce_type"].split(".")[2])
    await message.ack()
    if {f"{RUN}-1", f"{RUN}-2", f"{RUN}-4"} <= published.keys():
        app.exit()


async def send(number: str, name: str, data: dict[str, Any]) -> None:
    """Send an event in CloudEvents' binary mode, keyed by what must stay in order."""
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": f"{RUN}-{number}",
        "ce_source": SOURCE,
        "ce_type": f"coalition.membership.{name}.v1",
        "content-type": "application/json",
    }
    await broker.publish(json.dumps(data).encode(), INBOX, key=RUN.encode(), headers=attributes)


@app.after_startup
async def send_all() -> None:
    """Send what is accepted, a duplicate, what a rule refuses, and what is accepted after it."""
    town = {"name": RUN, "country": "DE", "kind": "city"}
    signed = {"coalition": RUN, "member": town, "signed": "2016-05"}
    await send("1", "CoalitionFounded", {"coalition": RUN, "name": "An example"})
    await send("2", "CitySigned", signed)
    await send("2", "CitySigned", signed)  # as after a crash of ours: it is decided once
    await send("3", "CitySigned", {**signed, "coalition": "nowhere"})
    await send("4", "MemberAdmitted", {"coalition": RUN, "member": town, "admitted": "2017"})


def outcome(number: str) -> dict[str, Any]:
    """What became of an event of ours; 404 means that it is not decided yet."""
    url = f"{MEMBERSHIP}/events/{quote(SOURCE, safe='')}/{RUN}-{number}"
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - HTTP, or HTTPS
        decided: list[dict[str, Any]] = json.load(answer)["items"]
    return decided[-1]


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(app.run(), 120))
    print("accepted   1", published[f"{RUN}-1"][0])
    print("accepted   2", published[f"{RUN}-2"][0])
    if len(published[f"{RUN}-2"]) == 1:
        print("duplicate  2 was published once")
    refused = outcome("3")  # which is decided by now: the last one was sent after it
    print(f"{refused['outcome']}   3 {refused['reason']}")
    print("accepted   4", published[f"{RUN}-4"][0])
