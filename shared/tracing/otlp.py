"""Spans to a collector, by OpenTelemetry's SDK; imported only where there is one to send them to.

A span is made when what it tells of is over, under the id that was kept beforehand: what follows
travels under it, and may have been published by a process that is no more. All names and values are
bounded, and what looks like an address is left out of them.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.trace.span import TraceState

from shared.telemetry import without_addresses
from shared.tracing.spans import MAX_LINKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.trace import SpanProcessor

    from shared.tracing.context import TraceContext
    from shared.tracing.spans import Span

_MAX_VALUE: Final = 512
"""Characters of an attribute of a span."""
_MAX_ATTRIBUTES: Final = 32
_EVERY_MS: Final = 1_000
"""How often spans are sent: what a process that is killed has not sent is lost."""
_QUEUE: Final = 8_192
"""Spans that wait to be sent; more are dropped, since nothing waits for a collector."""
_SEND_SECONDS: Final = 5
_STOP_SECONDS: Final = 3
_KINDS: Final = {
    "internal": SpanKind.INTERNAL,
    "consumer": SpanKind.CONSUMER,
    "client": SpanKind.CLIENT,
}


class OtlpSpans:
    """Takes spans and sends them later, in a thread of its own.

    Args:
        who: tells, as a resource has it.
        processor: what becomes of them.
    """

    def __init__(self, who: Mapping[str, str], processor: SpanProcessor) -> None:
        self._ids = _Given()
        self._provider = TracerProvider(
            ALWAYS_ON,  # what is not sampled does not come here
            Resource.create(dict(who)),
            shutdown_on_exit=False,
            id_generator=self._ids,
            span_limits=SpanLimits(
                max_links=MAX_LINKS,
                max_span_attributes=_MAX_ATTRIBUTES,
                max_span_attribute_length=_MAX_VALUE,
            ),
        )
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("coalition", version("coalition"))

    @classmethod
    def to(cls, endpoint: str, service: str, prefix: str) -> OtlpSpans:
        """Send them to a collector, as OTLP over HTTP."""
        exporter = OTLPSpanExporter(endpoint, timeout=_SEND_SECONDS)
        who = {
            "service.name": service,
            "service.namespace": prefix,
            "service.version": version("coalition"),
            "service.instance.id": socket.gethostname(),
        }
        return cls(who, BatchSpanProcessor(exporter, _QUEUE, _EVERY_MS))

    def tell(self, one: Span) -> None:
        """Take a span."""
        self._ids.trace, self._ids.span = int(one.at.trace, 16), int(one.at.span, 16)
        below = None
        if one.parent:
            below = trace.set_span_in_context(trace.NonRecordingSpan(_read(one.parent)))
        span = self._tracer.start_span(
            one.name,
            below,
            _KINDS[one.kind],
            {name: _anonymous(value) for name, value in one.attributes.items()},
            [Link(_read(link)) for link in one.links[:MAX_LINKS]],
            one.began,
        )
        if one.error:
            span.set_status(Status(StatusCode.ERROR, without_addresses(one.error[:_MAX_VALUE])))
        span.end(one.ended)

    async def stop(self) -> None:
        """Send what is left, if the collector takes it within seconds."""
        thread = threading.Thread(target=self._provider.shutdown, daemon=True)
        thread.start()
        await asyncio.to_thread(thread.join, _STOP_SECONDS)


class _Given(IdGenerator):
    """Gives the ids that were kept: the SDK asks nobody else for them."""

    trace = span = 0

    def generate_trace_id(self) -> int:
        """That of the span that is taken."""
        return self.trace

    def generate_span_id(self) -> int:
        """Likewise."""
        return self.span


def _read(one: TraceContext) -> SpanContext:
    state = TraceState.from_header([one.state]) if one.state else None
    flags = TraceFlags(TraceFlags.SAMPLED)
    return SpanContext(int(one.trace, 16), int(one.span, 16), True, flags, state)  # noqa: FBT003 - remote


def _anonymous(value: str | int) -> str | int:
    return without_addresses(value) if isinstance(value, str) else value
