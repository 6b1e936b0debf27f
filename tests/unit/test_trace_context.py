"""A trace context is taken from a header or the event, and no reason to refuse it."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from shared import cloudevents
from shared.contracts import catalogue
from shared.kafka.producer import Outgoing
from shared.tracing.context import TraceContext, of_headers
from shared.web.binding import attribute_headers

TRACE: Final = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN: Final = "00f067aa0ba902b7"
HEADER: Final = f"00-{TRACE}-{SPAN}-01"
OTHER: Final = f"00-{'a' * 32}-{'b' * 16}-01"
BINARY: Final = [
    ("ce_specversion", b"1.0"),
    ("ce_id", b"1"),
    ("ce_source", b"urn:test"),
    ("ce_type", b"t"),
]
STRUCTURED: Final = {"specversion": "1.0", "id": "1", "source": "urn:test", "type": "t", "data": {}}


def test_a_context_says_trace_span_and_whether_it_is_sampled() -> None:
    found = TraceContext.of(HEADER, "vendor=1")
    assert found
    assert (found.trace, found.span, found.state) == (TRACE, SPAN, "vendor=1")
    assert found.is_sampled
    unsampled = TraceContext.of(HEADER[:-2] + "00")
    assert unsampled
    assert not unsampled.is_sampled


def test_a_later_version_is_read_as_far_as_ours_goes() -> None:
    assert TraceContext.of(f"01{HEADER[2:]}-more") == TraceContext(HEADER)


MALFORMED: Final = [
    "",
    "x",
    HEADER.upper(),
    f"ff{HEADER[2:]}",
    f"{HEADER}-more",
    f"{HEADER} ",
    f"00-{'0' * 32}-{SPAN}-01",
    f"00-{TRACE}-{'0' * 16}-01",
    f"00-{TRACE}-{SPAN}",
    f"00-{TRACE}-{SPAN}-1",
    f"01{HEADER[2:]}-{'x' * 1000}",
    "x" * 100_000,
    f"{HEADER}\n",
    "00-４bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
]


@pytest.mark.parametrize("malformed", MALFORMED)
def test_what_is_malformed_is_no_context_and_the_event_is_taken(malformed: str) -> None:
    assert TraceContext.of(malformed) is None
    for name in ("traceparent", "ce_traceparent"):
        envelope = cloudevents.read([*BINARY, (name, malformed.encode())], b"{}")
        assert envelope.trace is None
        assert not envelope.extensions
    body = json.dumps({**STRUCTURED, "traceparent": malformed}).encode()
    assert cloudevents.read([], body).trace is None


@pytest.mark.parametrize("name", ["traceparent", "ce_traceparent", "tracestate", "ce_tracestate"])
@pytest.mark.parametrize("raw", [None, b"\xff", b"\x00", b"x" * 100_000])
def test_no_bytes_of_a_header_cost_the_event(name: str, raw: bytes | None) -> None:
    envelope = cloudevents.read([*BINARY, (name, raw)], b"{}")
    assert envelope.trace is None
    assert of_headers([(name, raw)]) is None


@pytest.mark.parametrize("value", [5, 2**70, 1.5, True, [], {}, ["a"], "\u0000"])
@pytest.mark.parametrize("name", ["traceparent", "tracestate"])
def test_no_value_in_an_event_costs_it(name: str, value: Any) -> None:
    body = json.dumps({**STRUCTURED, name: value}).encode()
    assert cloudevents.read([], body).trace is None


@pytest.mark.parametrize("state", ["x" * 513, "ü=1", "a=\t"])
def test_a_state_that_is_malformed_is_left_out_and_the_context_counts(state: str) -> None:
    headers = [*BINARY, ("traceparent", HEADER.encode()), ("tracestate", state.encode())]
    assert cloudevents.read(headers, b"{}").trace == TraceContext(HEADER)


def test_the_header_of_the_transport_counts_before_the_event_wherever_it_stands() -> None:
    event, transport = ("ce_traceparent", OTHER.encode()), ("traceparent", HEADER.encode())
    for both in ([event, transport], [transport, event]):
        assert cloudevents.read([*BINARY, *both], b"{}").trace == TraceContext(HEADER)
    assert cloudevents.read([*BINARY, event], b"{}").trace == TraceContext(OTHER)
    body = json.dumps({**STRUCTURED, "traceparent": OTHER}).encode()
    assert cloudevents.read([transport], body).trace == TraceContext(HEADER)
    assert cloudevents.read([], body).trace == TraceContext(OTHER)
    assert cloudevents.read([("traceparent", b"x")], body).trace == TraceContext(OTHER)


def test_over_http_it_is_the_same_and_twice_is_no_reason_to_refuse() -> None:
    binary = [(name.replace("_", "-"), value.decode()) for name, value in BINARY]
    twice = [("ce-traceparent", OTHER), ("ce-traceparent", OTHER)]
    read = cloudevents.read(attribute_headers([*binary, *twice]), b"{}")
    assert read.trace == TraceContext(OTHER)
    header = attribute_headers([*binary, *twice, ("traceparent", HEADER)])
    assert cloudevents.read(header, b"{}").trace == TraceContext(HEADER)


def test_an_event_travels_on_with_its_context_in_the_header_and_in_itself() -> None:
    headers = [*BINARY, ("traceparent", HEADER.encode()), ("tracestate", b"vendor=1")]
    envelope = cloudevents.read(headers, b"{}")
    sent = Outgoing.forwarded(catalogue.inbox("plans"), envelope)
    on = [(name, value) for name, value in sent.headers if "trace" in name]
    assert on == [
        ("traceparent", HEADER.encode()),
        ("tracestate", b"vendor=1"),
        ("ce_traceparent", HEADER.encode()),
        ("ce_tracestate", b"vendor=1"),
    ]
    assert cloudevents.read(sent.headers, b"{}") == envelope


def test_what_is_no_event_has_a_context_nevertheless() -> None:
    assert of_headers([("TraceParent", HEADER.encode())]) == TraceContext(HEADER)
    assert of_headers([("ce-traceparent", HEADER.encode())]) == TraceContext(HEADER)
    assert of_headers([("traceparent", b"x"), ("ce_traceparent", OTHER.encode())]) == TraceContext(
        OTHER
    )
