"""Spans reach a collector under the ids that were kept, without a person's address in them."""

from __future__ import annotations

import asyncio
from contextlib import closing
from socket import socket
from typing import TYPE_CHECKING, Final

import pytest

from shared.tracing.context import TraceContext
from shared.tracing.otlp import OtlpSpans
from shared.tracing.spans import MAX_LINKS, Span, new_context
from shared.web.openapi import App
from shared.web.rates import Rate
from tests.collector import collector
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.collector import Collector

PERSON: Final = "jane.doe@example.org"
PARENT: Final = new_context()


@pytest.fixture
def here() -> Iterator[Collector]:
    with collector() as one:
        yield one


def spans_to(here: Collector) -> OtlpSpans:
    return OtlpSpans.to(f"{here.url}/v1/traces", "plans", "coalition")


async def test_a_span_is_sent_as_it_was_told(here: Collector) -> None:
    spans, at, link = spans_to(here), new_context(PARENT), new_context()
    one = Span("process", at, 1_000, 2_000, "consumer", PARENT, [link], {"a": "b", "n": 1}, "rule")
    spans.tell(one)

    async def is_there() -> bool:
        return bool(here.spans)

    await eventually(is_there)
    (received,) = here.spans
    await spans.stop()
    assert (received.service, received.name) == ("plans", "process")
    assert (received.trace, received.id) == (at.trace, at.span)
    assert received.parent == PARENT.span
    assert received.links == {(link.trace, link.span)}
    assert received.attributes == {"a": "b", "n": 1}
    assert received.failed
    assert received.kind == 5, "a consumer's"


async def test_what_is_left_is_sent_when_the_process_stops(here: Collector) -> None:
    spans = spans_to(here)
    root, below = new_context(), TraceContext.at("a" * 32, "b" * 16, "vendor=1")
    spans.tell(Span("root", root, 1, 2))
    spans.tell(Span("below", new_context(below), 1, 2, parent=below))
    await spans.stop()
    by_name = {one.name: one for one in here.spans}
    assert (by_name["root"].trace, by_name["root"].parent) == (root.trace, "")
    assert (by_name["below"].trace, by_name["below"].parent) == ("a" * 32, "b" * 16)
    assert "vendor=1" in by_name["below"].raw


@pytest.mark.parametrize(
    "text",
    [
        PERSON,
        f"mailto:{PERSON}",
        f"urn:x?who={PERSON}&n=1",
        "https://x.example/jane.doe%40example.org/1",
        f"<{PERSON}>",
        "jürgen@bücher.example",
    ],
)
async def test_no_address_is_in_a_span_whoever_wrote_it(here: Collector, text: str) -> None:
    spans = spans_to(here)
    spans.tell(Span("process", new_context(), 1, 2, attributes={"a": text}, error=text))
    await spans.stop()
    (received,) = here.spans
    assert "<address>" in str(received.attributes["a"])
    for part in ("jane", "jürgen", "doe"):
        assert part not in received.raw


async def test_what_strangers_write_is_cut(here: Collector) -> None:
    spans = spans_to(here)
    links = [new_context() for _ in range(MAX_LINKS + 50)]
    spans.tell(Span("process", new_context(), 1, 2, links=links, attributes={"a": "x" * 100_000}))
    await spans.stop()
    (received,) = here.spans
    assert len(received.attributes["a"]) == 512
    assert len(received.links) == MAX_LINKS


async def test_a_collector_that_is_away_or_hangs_holds_nobody_up() -> None:
    with closing(socket()) as hangs:
        hangs.bind(("127.0.0.1", 0))
        hangs.listen()
        port = hangs.getsockname()[1]
        spans = OtlpSpans.to(f"http://127.0.0.1:{port}/v1/traces", "plans", "coalition")
        for _ in range(100):
            spans.tell(Span("process", new_context(), 1, 2))
        async with asyncio.timeout(20):
            await spans.stop()


def test_the_web_framework_tells_nobody_of_requests_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    app = App({}, "a service", Rate(10))
    assert not app._telemetry["auto_configure"]  # noqa: SLF001 - there is no other way to see it
    assert not app._native_telemetry.enabled()  # noqa: SLF001 - likewise
