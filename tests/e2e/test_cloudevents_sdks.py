"""What CloudEvents' own SDKs send is the same event by each binding and in each mode."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import httpx
import pytest
from cloudevents.core.bindings import http, kafka
from cloudevents.core.v1.event import CloudEvent

from shared.cloudevents import BATCH
from shared.contracts import catalogue
from tests.clients import Sent, cloudevents_go, librdkafka
from tests.inbox import consumed

if TYPE_CHECKING:
    from tests.system import System

INBOX: Final = catalogue.inbox("membership")
SOURCE: Final = "urn:test:sdks"


def event(**more: Any) -> dict[str, Any]:
    """Names and attributes beyond ASCII, which the bindings write in different ways."""
    name = f"sdk-{uuid.uuid4().hex}"
    return {
        "specversion": "1.0",
        "id": f"é {name}",
        "source": SOURCE,
        "type": "coalition.membership.CoalitionFounded.v1",
        "subject": 'Zürich, "Limmat" 100 %',
        "partitionkey": "sdks",
        "datacontenttype": "application/json",
        "data": {"name": "Kraków", "coalition": name},
        **more,
    }


def outcomes(coalition: System, sent: dict[str, Any]) -> list[str]:
    """What became of an event, and of what was taken for another under its id."""
    path = "/".join(quote(sent[part], safe="") for part in ("source", "id"))
    found = coalition.request("membership", "GET", f"/events/{path}").json()
    return [one["outcome"] for one in found["items"]]


def bearer(coalition: System) -> str:
    return coalition.endpoints.bearer()["Authorization"]


async def by_go(coalition: System, mode: str, *events: dict[str, Any]) -> list[tuple[int, Any]]:
    url = f"{coalition.endpoints.url('membership')}/events"
    over_http = mode.startswith("http")
    where = (url,) if over_http else (coalition.parts.kafka, INBOX)
    return await asyncio.to_thread(
        cloudevents_go, mode, where, events, authorization=bearer(coalition)
    )


async def test_what_the_go_sdk_sends_is_one_event_in_all_modes(coalition: System) -> None:
    sent = event()
    for mode in ("http-binary", "http-structured", "http-batch"):
        ((status, body),) = await by_go(coalition, mode, sent)
        (found,) = body if mode == "http-batch" else [body]
        assert status == 200, body
        assert (found["source"], found["id"]) == (sent["source"], sent["id"])
    for mode in ("kafka-binary", "kafka-structured"):
        assert await by_go(coalition, mode, sent) == []
    await consumed(coalition)
    assert outcomes(coalition, sent) == ["accepted"]


async def test_another_event_under_the_same_id_is_told_apart_in_all_modes(
    coalition: System,
) -> None:
    sent = event()
    other = {**sent, "type": "coalition.membership.CoalitionLaunched.v1"}
    other["data"] = {"coalition": sent["data"]["coalition"], "launched": "2020"}
    assert (await by_go(coalition, "http-structured", sent))[0][0] == 200
    for mode in ("http-binary", "http-structured"):
        ((status, body),) = await by_go(coalition, mode, other)
        assert (status, body["code"]) == (409, "reused")
    await by_go(coalition, "kafka-binary", other)
    await consumed(coalition)
    assert outcomes(coalition, sent) == ["accepted", "rejected", "rejected", "rejected"]


async def test_a_batch_of_the_go_sdk_is_answered_one_by_one(coalition: System) -> None:
    good, bad = event(), event(type="coalition.membership.NoSuchThing.v1")
    early = event(
        type="coalition.membership.CoalitionLaunched.v1",
        data={"coalition": "nowhere", "launched": "2020"},
    )
    ((status, found),) = await by_go(coalition, "http-batch", good, bad, early, good)
    assert status == 207
    assert [one["status"] for one in found] == [200, 422, 409, 200]
    assert [one["id"] for one in found] == [one["id"] for one in (good, bad, early, good)]


async def test_what_the_python_sdk_sends_is_one_event_in_all_modes(coalition: System) -> None:
    # The SDK for Go writes a `%` as it is, against the HTTP binding; the one for Python does not.
    sent = event(source=f"{SOURCE}:a%20b")
    attributes = {name: value for name, value in sent.items() if name != "data"}
    one = CloudEvent(attributes=attributes, data=sent["data"])
    url = f"{coalition.endpoints.url('membership')}/events"
    more = {"Authorization": bearer(coalition), "Prefer": "wait=20"}
    async with httpx.AsyncClient(headers=more, timeout=40) as client:
        for message in (http.to_binary_event(one), http.to_structured_event(one)):
            answer = await client.post(url, headers=message.headers, content=message.body)
            assert answer.status_code == 200, answer.text
    records = [
        Sent(m.value, [(n.encode(), v) for n, v in m.headers.items()], b"sdks")
        for m in (kafka.to_binary_event(one), kafka.to_structured_event(one))
    ]
    await asyncio.to_thread(librdkafka, coalition.parts.kafka, INBOX, records, "none")
    await consumed(coalition)
    assert outcomes(coalition, sent) == ["accepted"]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{}", 422), (b"[", 422), (b"[" + b"7," * 100 + b"7]", 413), (b" " * 2**20 + b"[]", 413)],
    ids=["no list", "no JSON", "too many", "too large"],
)
async def test_what_is_no_batch_is_refused_whole(
    coalition: System, body: bytes, status: int
) -> None:
    headers = {"Content-Type": f"{BATCH}; charset=UTF-8"}
    answer = coalition.request("membership", "POST", "/events", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
