"""Sends events to Coalition and listens for what became of them, with confluent-kafka."""

from __future__ import annotations

import json
import os
import time
import uuid
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

INBOX = "coalition.membership.inbox.v1"
EVENTS = "coalition.membership.events.v1"
REJECTED = "coalition.membership.rejected.v1"
RUN = f"example-{uuid.uuid4().hex[:12]}"
SOURCE = f"urn:{RUN}"
KAFKA = {"bootstrap.servers": os.environ.get("COALITION_KAFKA", "127.0.0.1:19092")}


def send(*events: tuple[str, str, dict[str, Any]]) -> None:
    """Send events in CloudEvents' binary mode, keyed by what must stay in order."""
    failed: list[str] = []
    producer = Producer({**KAFKA, "enable.idempotence": True})  # which waits for all replicas
    for id_, name, data in events:
        attributes = {
            "ce_specversion": "1.0",
            "ce_id": id_,
            "ce_source": SOURCE,
            "ce_type": f"coalition.membership.{name}.v1",
            "content-type": "application/json",
        }
        producer.produce(
            INBOX,
            key=RUN,
            value=json.dumps(data),
            headers=[(key, value.encode()) for key, value in attributes.items()],
            on_delivery=lambda error, _: failed.append(str(error)) if error else None,
        )
    if producer.flush(60) or failed:
        raise SystemExit(f"send it again, under the same ids: {failed}")


def listen(since: float) -> None:
    """Listen until all is known of what we sent.

    It knows what it has seen by its id: after a crash a service may publish an event again.
    """
    consumer = Consumer({**KAFKA, "group.id": RUN, "enable.auto.commit": False})
    consumer.assign(consumer.offsets_for_times(beginnings(consumer, since), 30))
    seen: set[str] = set()
    published: dict[str, list[str]] = {}
    refused, end = "", time.monotonic() + 120
    while len(published) < 2 or not refused:  # noqa: PLR2004 - two of ours are accepted
        record = consumer.poll(1)
        if time.monotonic() > end:
            raise SystemExit("no answer in two minutes")
        if record is None or record.error():
            continue
        headers = {name: (value or b"").decode() for name, value in record.headers()}
        if record.topic() == REJECTED and headers.get("ce_source") == SOURCE:
            code, reason = headers["coalition-rejected-code"], headers["coalition-rejected-reason"]
            refused = f"{headers['ce_id']} {code}: {reason}"
        elif headers.get("ce_causesource") == SOURCE and headers["ce_id"] not in seen:
            seen.add(headers["ce_id"])
            name = headers["ce_type"].split(".")[2]
            published.setdefault(headers["ce_causeid"], []).append(name)
    consumer.close()
    print("accepted   1", published["1"][0])
    print("accepted   2", published["2"][0])
    if len(published["2"]) == 1:
        print("duplicate  2 was published once")
    print("rejected  ", refused)


def beginnings(consumer: Consumer, since: float) -> list[TopicPartition]:
    """Each partition, with the time from which to listen: we need not hear all that ever was."""
    topics = consumer.list_topics(timeout=30).topics
    return [
        TopicPartition(topic, partition, int(since * 1000))
        for topic in (EVENTS, REJECTED)
        for partition in topics[topic].partitions
    ]


if __name__ == "__main__":
    begun = time.time()
    town = {"name": RUN, "country": "DE", "kind": "city"}
    founded = {"coalition": RUN, "name": "An example"}
    signed = {"coalition": RUN, "member": town, "signed": "2016-05"}
    send(
        ("1", "CoalitionFounded", founded),
        ("2", "CitySigned", signed),
        ("2", "CitySigned", signed),  # as after a crash of ours: it is decided once
        ("3", "CitySigned", {"coalition": RUN, "member": town}),
    )
    listen(begun - 60)
