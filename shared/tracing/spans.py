"""What is told of traces: spans, and who takes them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol

from shared.tracing.context import TraceContext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_LINKS: Final = 128
"""Links of a span, and so the events of one batch that have a span of their own."""
_BITS_OF_A_TRACE, _BITS_OF_A_SPAN = 128, 64


class Span(NamedTuple):
    """What is told of something that is over.

    Attributes:
        name: what was done; one of few, since tracing systems count by it.
        at: its own context: which trace, and which span.
        began: when, in nanoseconds since 1970; and so `ended`.
        kind: `consumer` of what came over Kafka, `client` of another server.
        parent: that of the span above it; None where the trace begins with it.
        links: those of others that it is about, where they are several.
        attributes: names as OpenTelemetry has them, where it has one; no data of an event.
        error: why it went wrong; empty where it did not.
    """

    name: str
    at: TraceContext
    began: int
    ended: int
    kind: Literal["internal", "consumer", "client"] = "internal"
    parent: TraceContext | None = None
    links: Sequence[TraceContext] = ()
    attributes: Mapping[str, str | int] = {}
    error: str = ""


class Spans(Protocol):
    """Takes spans, and sends them somewhere later."""

    def tell(self, one: Span) -> None:
        """Take a span; nobody waits for it to be sent."""

    async def stop(self) -> None:
        """Send what is left, as far as that takes seconds only."""


def new_context(parent: TraceContext | None = None) -> TraceContext:
    """A new span below another, or one where a trace begins; it is sampled."""
    span = f"{_id(_BITS_OF_A_SPAN):016x}"
    if parent is None:
        return TraceContext.at(f"{_id(_BITS_OF_A_TRACE):032x}", span)
    return TraceContext.at(parent.trace, span, parent.state)


def _id(bits: int) -> int:
    """An id, which is no secret; none has only zeros."""
    return random.getrandbits(bits) or 1
