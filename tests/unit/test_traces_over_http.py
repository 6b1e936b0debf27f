"""What comes over HTTP stands in the trace of its request, or in its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from shared.contracts.notifications import RecipientReleased
from shared.pipeline.outbound import to_itself
from shared.tracing.context import REQUEST, TraceContext
from shared.web.tracing import Traced
from tests.web_parts import EUROPE, Service, event

if TYPE_CHECKING:
    from pathlib import Path

    from shared.kafka.producer import Outgoing

TOKEN: Final = "the-operators-token"
OF_REQUEST: Final = f"00-{'a' * 32}-{'b' * 16}-01"
OF_EVENT: Final = f"00-{'c' * 32}-{'d' * 16}-01"
HEADERS: Final = {"traceparent": OF_REQUEST}
STRUCTURED: Final = {"Content-Type": "application/cloudevents+json"}
BATCH: Final = {"Content-Type": "application/cloudevents-batch+json"}


def traces(sent: list[Outgoing]) -> list[str]:
    found = [dict(one.headers) for one in sent]
    assert [one.get("traceparent") for one in found] == [one.get("ce_traceparent") for one in found]
    return [one.get("traceparent", b"").decode() for one in found]


@pytest.fixture
def here(tmp_path: Path) -> Service:
    return Service(tmp_path)


async def post(here: Service, path: str, body: Any, **headers: str) -> list[str]:
    answer = await here.ask("POST", path, TOKEN, content=json.dumps(body), headers=headers)
    assert answer.is_success, answer.text
    return traces(here.parts.sent)


async def test_an_event_is_in_the_trace_of_its_request_and_else_in_its_own(here: Service) -> None:
    own = {**event(), "traceparent": OF_EVENT}
    assert await post(here, "/events", own, **STRUCTURED, **HEADERS) == [OF_REQUEST]
    assert await post(here, "/events", own, **STRUCTURED) == [OF_REQUEST, OF_EVENT]
    assert await post(here, "/events", event(), **STRUCTURED) == [OF_REQUEST, OF_EVENT, ""]


async def test_so_is_what_is_said_without_an_envelope(here: Service) -> None:
    where = "/events/CoalitionFounded"
    json_ = {"Content-Type": "application/json"}
    assert await post(here, where, EUROPE, **json_, **HEADERS) == [OF_REQUEST]


async def test_an_event_of_a_batch_is_in_its_own_trace_and_else_in_that_of_the_request(
    here: Service,
) -> None:
    both = [{**event(), "traceparent": OF_EVENT}, {**event(), "id": "2"}]
    assert await post(here, "/events", both, **BATCH, **HEADERS) == [OF_EVENT, OF_REQUEST]


@pytest.mark.parametrize("malformed", ["x", OF_REQUEST.upper(), "0" * 5000])
async def test_what_is_malformed_is_passed_over(here: Service, malformed: str) -> None:
    own = {**event(), "traceparent": malformed}
    assert await post(here, "/events", own, **STRUCTURED, traceparent=malformed) == [""]


async def test_what_a_service_says_to_itself_because_of_a_request_is_in_its_trace() -> None:
    sent: list[Outgoing] = []

    async def application(*_: Any) -> None:
        sent.append(to_itself("notifications", RecipientReleased(subscription="s"), "1"))

    scope = {"type": "http", "headers": [(b"traceparent", OF_REQUEST.encode())]}
    nothing: Any = None
    await Traced(application)(scope, nothing, nothing)
    await Traced(application)({"type": "http", "headers": []}, nothing, nothing)
    assert traces(sent) == [OF_REQUEST, ""]
    assert REQUEST.get() is None


def test_the_trace_of_a_cause_counts_before_that_of_a_request() -> None:
    before = REQUEST.set(TraceContext(OF_REQUEST))
    try:
        cause = TraceContext(OF_EVENT)
        said = to_itself("notifications", RecipientReleased(subscription="s"), "1", cause)
    finally:
        REQUEST.reset(before)
    assert traces([said]) == [OF_EVENT]
