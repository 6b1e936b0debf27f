"""From an outside producer over membership and plans to the e-mail it is one trace.

Also where a service is killed between its decision and the publication, and another while an e-mail
is queued. What is received is decoded by OpenTelemetry's own definition of OTLP.
"""

from __future__ import annotations

import json
import random
import signal
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest
from pymongo import MongoClient

from shared.tracing.spans import new_context
from tests.collector import collector
from tests.containers import free_port
from tests.e2e.region import Region, founded
from tests.inbox import record
from tests.parts import eventually
from tests.system import SERVICES, System

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from shared.tracing.context import TraceContext
    from tests.collector import Collector, Received

RULES = [{"kinds": ["CommitmentsOpened"], "how": "at once"}, {"how": "never"}]


async def restart(coalition: System) -> None:
    for name in SERVICES:
        coalition.end(name)
        coalition.start(name)
    for name in SERVICES:
        await coalition.ready(name)


@pytest.fixture(scope="module")
async def receiver(coalition: System) -> AsyncIterator[Collector]:
    before = coalition.settings
    with collector() as here:
        traced = {"COALITION_TRACES_ENDPOINT": here.url, "COALITION_TRACES_SAMPLE": "0"}
        coalition.settings = dict.fromkeys(SERVICES, traced)
        await restart(coalition)
        yield here
        coalition.settings = before
        await restart(coalition)


class Person(NamedTuple):
    subscription: str
    name: str
    address: str


async def subscriber(coalition: System) -> Person:
    """Somebody who hears of open commitments, and has been welcomed."""
    name = f"jane.{uuid.uuid4().hex}"
    address = f"{name}@example.org"
    person = {"name": name, "address": address, "role": "observer", "rules": RULES}
    answer = coalition.request("notifications", "POST", "/subscriptions", json=person)
    assert answer.is_success, answer.text
    await e_mails_to(coalition, address, 1)
    return Person(answer.json()["id"], name, address)


def sign(region: Region, trace: TraceContext) -> Any:
    """An outside producer's record, with the header of its trace."""
    town = {"name": f"Traced {region.id}", "country": "DE", "kind": "city"}
    today = f"{datetime.now(UTC):%Y-%m-%d}"  # what is older is told in a digest
    signed = record("CitySigned", {"coalition": region.id, "member": town, "signed": today})
    return signed._replace(headers=[*signed.headers, *trace.headers()[:1]])


async def e_mails_to(coalition: System, address: str, count: int) -> None:
    async def are_there() -> bool:
        everything = {"limit": 5000}  # others get e-mails too; by itself it lists the newest 50
        async with httpx.AsyncClient() as client:
            listed = await client.get(coalition.parts.messages, params=everything)
        return listed.text.count(address) >= count

    await eventually(are_there, 120)


def of_the_opened(spans: list[Received]) -> list[Received]:
    """The e-mails about open commitments that were sent; others may hear of the signature."""
    opened = {span.id for span in spans if span.name.endswith("CommitmentsOpened.v1")}
    are_sent = (span for span in spans if span.attributes.get("coalition.outcome") == "sent")
    return [span for span in are_sent if span.parent in opened]


async def sent(receiver: Collector, trace: str) -> None:
    """Wait until the e-mail is among the spans of a trace."""

    async def has_come() -> bool:
        return any(of_the_opened(receiver.of(trace)))

    await eventually(has_come, 60)


async def is_whole(receiver: Collector, outside: TraceContext) -> None:
    """Wait until each span stands below another one of the trace, or below the producer's."""

    async def stands() -> bool:
        spans = receiver.of(outside.trace)
        ids = {outside.span, *(span.id for span in spans)}
        return bool(spans) and all(span.parent in ids for span in spans)

    await eventually(stands)


def way(spans: list[Received]) -> list[str]:
    """From the e-mail up to the producer: who did what."""
    by_id = {span.id: span for span in spans}
    at = of_the_opened(spans)[0]
    found = [at]
    while at.parent in by_id:
        at = by_id[at.parent]
        found.append(at)
    return [f"{span.service}: {span.name.replace('process coalition.', '')}" for span in found]


async def test_it_is_one_trace_up_from_the_e_mail_and_batches_link_to_it(
    coalition: System, receiver: Collector
) -> None:
    person, region, outside = await subscriber(coalition), founded(coalition), new_context()
    await coalition.produce(sign(region, outside))
    await e_mails_to(coalition, person.address, 2)
    await sent(receiver, outside.trace)
    await is_whole(receiver, outside)
    up = way(receiver.of(outside.trace))
    assert up[0] == "notifications: send e-mail"
    assert up[1] == "notifications: plans.CommitmentsOpened.v1"
    assert up[-1] == "membership: membership.CitySigned.v1"
    assert any(one.startswith("plans: ") for one in up)

    async def are_linked() -> bool:
        linked = {
            span.service
            for span in receiver.spans
            if span.name.startswith("batch of")
            and any(trace == outside.trace for trace, _ in span.links)
        }
        return linked == set(SERVICES)

    await eventually(are_linked)
    for secret in (person.address, person.name):
        assert not [span for span in receiver.spans if secret in span.raw]
        assert not [
            log for log in coalition.logs.glob("*.log") if secret.encode() in log.read_bytes()
        ]
    lines = (coalition.logs / "membership.log").read_text().splitlines()
    (line,) = [one for one in lines if outside.trace in one]
    assert json.loads(line)["event"] == "decided"


async def test_it_is_one_trace_over_kills_between_decision_publication_queue_and_sending(
    coalition: System, receiver: Collector
) -> None:
    person, region, outside = await subscriber(coalition), founded(coalition), new_context()
    await coalition.settled()
    coalition.end("membership")
    coalition.start("membership", "SIGKILL", "publish", "before", "1")
    coalition.end("notifications")
    coalition.start("notifications", COALITION_SMTP_PORT=str(free_port()))
    await coalition.produce(sign(region, outside))
    died = coalition.running.pop("membership")

    async def is_killed() -> bool:
        return died.poll() is not None

    await eventually(is_killed)
    assert died.returncode == -signal.SIGKILL
    assert not receiver.of(outside.trace), "it was killed before it could tell of its decision"
    coalition.start("membership")

    async def was_tried() -> bool:
        """Often enough for the mailer to rest, so that it has nothing in hand."""
        tries = [span for span in receiver.of(outside.trace) if span.name == "send e-mail"]
        return len(tries) >= 3

    await eventually(was_tried, 180)
    with MongoClient[dict[str, Any]](coalition.parts.mongodb) as client:
        deliveries = client["coalition_notifications"]["deliveries"]
        theirs = {"subscription": person.subscription, "traceparent": {"$ne": None}}

        async def is_queued_again() -> bool:
            """An attempt is told before it is recorded."""
            return deliveries.count_documents({**theirs, "state": "queued"}) == 1

        await eventually(is_queued_again)
        (queued,) = deliveries.find(theirs)
    assert outside.trace in queued["traceparent"]
    coalition.end("notifications", signal.SIGKILL)
    coalition.start("notifications")
    await e_mails_to(coalition, person.address, 2)
    await sent(receiver, outside.trace)
    await is_whole(receiver, outside)
    up = way(receiver.of(outside.trace))
    assert (up[0], up[-1]) == (
        "notifications: send e-mail",
        "membership: membership.CitySigned.v1",
    )
    await coalition.ready("membership")
    await coalition.ready("notifications")


async def test_over_http_it_is_the_trace_of_the_request_and_what_is_malformed_is_passed_over(
    coalition: System, receiver: Collector
) -> None:
    outside = new_context()
    for header in (outside.parent, "no-trace-at-all"):
        name = f"c-{random.getrandbits(64):x}"
        event = {
            "specversion": "1.0",
            "id": name,
            "source": "urn:test:http",
            "type": "coalition.membership.CoalitionFounded.v1",
            "data": {"coalition": name, "name": name},
        }
        headers = {
            "Content-Type": "application/cloudevents+json",
            "Prefer": "wait=20",
            "traceparent": header,
        }
        answer = coalition.request("membership", "POST", "/events", json=event, headers=headers)
        assert answer.status_code == 200, answer.text

    async def has_come() -> bool:
        return bool(receiver.of(outside.trace))

    await eventually(has_come)
    await is_whole(receiver, outside)
