"""The traces that a service's events are in: which are sampled, and what is told of them.

Each sampled event has a span of its own below the one that it came with, and a batch with such
events has one that links to them, with its eight steps below. The context of an event's span is
chosen when it is read, kept in its entry, and carried on by what is published because of it. So it
is the same after a crash, when the event is delivered again and its span is told by whoever then
publishes.

What is not sampled costs a look at it, and where nothing is traced there is not even that.
"""

from __future__ import annotations

import random
import time
from contextlib import asynccontextmanager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog

from shared.contracts.base import EVENT_TYPES
from shared.domain.decider import S
from shared.journal.entry import Outcome
from shared.telemetry import described
from shared.tracing.spans import MAX_LINKS, Span, new_context

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from shared.journal.entry import Entry
    from shared.pipeline.batch import Batch
    from shared.pipeline.inbound import InboundMessage, Source
    from shared.tracing.context import TraceContext
    from shared.tracing.spans import Spans

log = structlog.get_logger()

_NOTHING: Final = nullcontext()
_MAX_STEPS: Final = 100
"""Steps of a batch that are told: one that loses its race again and again has many."""
_MAX_LOGGED: Final = 20
"""Rejected events of one batch that are logged one by one; all are in the journal."""


class _Step(NamedTuple):
    name: str
    began: int
    ended: int


class Steps:
    """The steps of one batch, as it takes them.

    Attributes:
        read: when its records were there, in nanoseconds since 1970.
        sampled: its events that have a span of their own.
        links: the contexts of their spans, and those of earlier batches that it writes, too.
    """

    def __init__(self, clock: Callable[[], int] | None = None) -> None:
        self._clock = clock
        self.read = 0
        self.sampled: list[tuple[InboundMessage, Entry]] = []
        self.links: list[TraceContext] = []
        self.taken: list[_Step] = []

    def link(self, contexts: list[TraceContext]) -> None:
        """Say what else it is about: it writes for earlier batches, too."""
        if contexts:
            self.links = contexts

    def __call__(self, name: str) -> AbstractContextManager[None]:
        """What is done in the block is one step."""
        return self._timed(name, self._clock) if self._clock else _NOTHING

    @contextmanager
    def _timed(self, name: str, clock: Callable[[], int]) -> Iterator[None]:
        began = clock()
        try:
            yield
        finally:
            if len(self.taken) < _MAX_STEPS:
                self.taken.append(_Step(name, began, clock()))


UNTIMED: Final = Steps()
"""Those of what nobody wants to see."""


class Traces:
    """Says which events are sampled, and tells of them.

    Args:
        service: whose events they are.
        spans: takes what is told; None where nothing is, and traces are only carried on.
        share: of the events that come in without a trace, the part of which one begins.
        clock: nanoseconds since 1970.
        chance: draws a number from 0 on, below 1.
    """

    def __init__(
        self,
        service: str,
        spans: Spans | None = None,
        share: float = 0,
        *,
        clock: Callable[[], int] = time.time_ns,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._service, self._spans, self._share = service, spans, share
        self._clock, self._chance = clock, chance

    @asynccontextmanager
    async def batch(self) -> AsyncIterator[Steps]:
        """Tell of a batch when it is through, if there are sampled events in it."""
        if self._spans is None:
            yield UNTIMED
            return
        steps, error = Steps(self._clock), ""
        try:
            yield steps
        except Exception as raised:
            error = described(raised)
            raise
        finally:
            if steps.links and steps.taken:
                self._tell_batch(self._spans, steps, error)

    def begin(
        self, messages: Sequence[InboundMessage], sources: Mapping[str, Source], steps: Steps
    ) -> None:
        """Choose a span for each sampled event, as many as a batch can link to.

        Args:
            messages: of one batch.
            sources: by topic; a trace begins only where events come in for decision.
            steps: of the batch.
        """
        if self._spans is None:
            return
        steps.read = self._clock()
        left, share, chance = MAX_LINKS, self._share, self._chance
        for message in messages:
            came_with = message.came_with
            if came_with is None:
                if chance() >= share or not sources[message.origin.topic].own:
                    continue
            elif not came_with.is_sampled:
                continue
            if not left:
                return
            left -= 1
            message.span = new_context(came_with)

    def decided(self, batch: Batch[S], steps: Steps) -> None:
        """Note which events of a batch have a span of their own, now that all are in the journal.

        What was in it before a crash has the one that was chosen then.
        """
        if self._spans is None:
            return
        steps.sampled = [
            (message, entry)
            for message, entry in batch.decided
            if (at := entry.trace) and at.is_sampled and at != message.came_with
        ]
        steps.links = batch.traces = [entry.trace for _, entry in steps.sampled if entry.trace]

    def published(self, steps: Steps) -> None:
        """Tell of sampled events, all of whose consequences Kafka has."""
        if self._spans is None:
            return
        ended = self._clock()
        for message, entry in steps.sampled:
            self._spans.tell(_span(message, entry, steps.read, ended))
            log.info("decided", outcome=entry.outcome.value, **logged(entry))

    def _tell_batch(self, spans: Spans, steps: Steps, error: str) -> None:
        at, began, ended = new_context(), steps.taken[0].began, self._clock()
        name = f"batch of {self._service}"
        spans.tell(Span(name, at, began, ended, links=steps.links, error=error))
        for step in steps.taken:
            spans.tell(Span(step.name, new_context(at), step.began, step.ended, parent=at))


def logged(entry: Entry) -> dict[str, str]:
    """What a log says of an event: which it is, and never what is in it."""
    about = entry.about or entry.key
    found = {"source": about.source, "id": about.id, "type": entry.type, "stream": entry.stream}
    return {**found, "trace": entry.trace.trace} if entry.trace else found


def log_rejected(entries: Sequence[Entry]) -> None:
    """Log what was rejected, without the reason, which repeats what was sent."""
    for entry in entries[:_MAX_LOGGED]:
        log.info("rejected", code=entry.code, origin=str(entry.origin), **logged(entry))
    if len(entries) > _MAX_LOGGED:
        log.info("rejected_besides", count=len(entries) - _MAX_LOGGED)


def _span(message: InboundMessage, entry: Entry, began: int, ended: int) -> Span:
    """That of an event; its type is in the name where it is one of ours."""
    origin, about, came_with = message.origin, entry.about or entry.key, message.came_with
    at = entry.trace or new_context()
    rejected = entry.outcome is Outcome.REJECTED
    return Span(
        f"process {entry.type}" if entry.type in EVENT_TYPES else "process",
        at,
        began,
        ended,
        kind="consumer",
        parent=came_with if came_with and came_with.trace == at.trace else None,
        attributes={
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.destination.name": origin.topic,
            "messaging.destination.partition.id": str(origin.partition),
            "messaging.kafka.offset": origin.offset,
            "cloudevents.event_source": about.source,
            "cloudevents.event_id": about.id,
            "cloudevents.event_type": entry.type,
            "coalition.stream": entry.stream,
            "coalition.version": entry.version,
            "coalition.outcome": entry.outcome.value,
        },
        error=entry.code if rejected else "",
    )
