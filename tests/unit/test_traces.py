"""Events carry their trace on, sampled ones are told of, and nothing of it depends on luck."""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING, Any, Final, cast

import pytest
import structlog

from services.notifications.domain import DECIDER as OF_NOTIFICATIONS
from services.notifications.manifest import MANIFEST as NOTIFICATIONS
from shared.contracts.plans import CommitmentUpdated
from shared.journal.entry import Entry
from shared.kafka.producer import Outgoing
from shared.pipeline.inbound import read
from shared.pipeline.reactions import Caused, Reactions
from shared.pipeline.traces import Steps, Traces
from shared.tracing.spans import MAX_LINKS
from tests.fakes.kafka import Record
from tests.fakes.load import INBOX
from tests.fakes.spans import FakeSpans
from tests.fakes.traced import EVENTS, SAMPLED, TRACE, UNSAMPLED, Plans

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from shared.contracts.base import Event


STEPS: Final = ["consume", "parse", "load", "decide", "append", "publish", "project", "commit"]


async def test_where_nothing_is_traced_the_context_that_an_event_came_with_is_carried_on() -> None:
    here = Plans()
    here.produce(SAMPLED)
    here.produce(None)
    await here.run(None)
    carried, without = sorted(here.entries, key=lambda entry: entry.trace is None)
    assert (carried.trace, without.trace) == (SAMPLED, None)
    first, second = sorted(here.published(), key=lambda headers: "traceparent" not in headers)
    assert first["traceparent"] == first["ce_traceparent"] == SAMPLED.parent
    assert first["tracestate"] == first["ce_tracestate"] == SAMPLED.state
    assert not [name for name in second if "trace" in name]


async def test_an_entry_is_read_back_with_its_context() -> None:
    here = Plans()
    here.produce(SAMPLED)
    await here.run(None)
    (entry,) = here.entries
    document = entry.document()
    assert (document["traceparent"], document["tracestate"]) == SAMPLED
    assert Entry.of(document).trace == SAMPLED
    assert Entry.of(document | {"traceparent": "no context"}).trace is None
    assert "traceparent" not in entry._replace(trace=None).document()


async def test_a_sampled_event_has_its_own_span_below_and_what_follows_stands_below_that() -> None:
    here = Plans()
    here.produce(SAMPLED)
    await here.run(here.spans)
    (entry,), (published,) = here.entries, here.published()
    (span,) = here.spans.named(f"process {entry.type}")
    assert span.parent == SAMPLED
    assert span.at == entry.trace
    assert (span.at.trace, span.at.state) == (TRACE, SAMPLED.state)
    assert span.at.span != SAMPLED.span
    assert published["traceparent"] == span.at.parent
    assert span.attributes["coalition.stream"] == entry.stream
    assert span.attributes["coalition.outcome"] == "accepted"
    assert span.began < span.ended


async def test_what_is_not_sampled_goes_on_and_is_not_told_of() -> None:
    here = Plans()
    here.produce(UNSAMPLED)
    await here.run(here.spans, share=1)
    assert [entry.trace for entry in here.entries] == [UNSAMPLED]
    assert not here.spans.told


async def test_a_batch_links_to_its_sampled_events_and_has_its_eight_steps_below() -> None:
    here = Plans()
    for trace in (SAMPLED, None, UNSAMPLED, SAMPLED):
        here.produce(trace)
    await here.run(here.spans)
    sampled = {entry.trace for entry in here.entries if entry.trace and entry.trace.is_sampled}
    (batch,) = here.spans.named("batch of plans")
    assert set(batch.links) == sampled
    assert len(sampled) == 2
    assert batch.parent is None
    assert batch.at.trace != TRACE
    steps = [one for one in here.spans.told if one.parent == batch.at]
    assert [one.name for one in steps] == STEPS
    assert all(batch.began <= one.began <= one.ended <= batch.ended for one in steps)


async def test_what_waited_to_be_written_is_linked_to_by_the_batch_that_writes_it() -> None:
    here = Plans()
    for _ in range(5):
        here.produce(SAMPLED)
    await here.run(here.spans, batch_size=1)
    told = here.spans.told
    projecting = {one.parent for one in told if one.name == "project"}
    writing = [one for one in here.spans.named("batch of plans") if one.at in projecting]
    assert len(writing) < 5, "none has waited"
    linked = {link for one in writing for link in one.links}
    assert linked == {entry.trace for entry in here.entries}


async def test_a_batch_that_fails_says_why_in_which_step() -> None:
    spans = FakeSpans()

    async def fails() -> None:
        async with Traces("plans", spans, clock=count(1).__next__).batch() as step:
            step.link([SAMPLED])
            with step("publish"):
                raise RuntimeError("away")

    with pytest.raises(RuntimeError, match="away"):
        await fails()
    (batch,), (failed,) = spans.named("batch of plans"), spans.named("publish")
    assert batch.error == "RuntimeError: away"
    assert failed.parent == batch.at


async def test_a_trace_begins_with_the_share_of_what_comes_in_without_one() -> None:
    here = Plans()
    for _ in range(20):
        here.produce(None)
    await here.run(here.spans, share=1)
    traces = {entry.trace.trace for entry in here.entries if entry.trace}
    assert len(traces) == 20
    roots = [one for one in here.spans.told if one.name.startswith("process")]
    assert {one.at.trace for one in roots} == traces
    assert not any(one.parent for one in roots)
    here.produce(None)
    await here.run(here.spans, share=0)
    assert here.entries[-1].trace is None


async def test_no_batch_has_more_spans_than_it_can_link_to_and_the_rest_is_carried_on() -> None:
    here = Plans()
    for _ in range(MAX_LINKS + 10):
        here.produce(SAMPLED)
    await here.run(here.spans, batch_size=1000)
    own = [entry for entry in here.entries if entry.trace != SAMPLED]
    assert len(own) == MAX_LINKS
    assert sum(one.name.startswith("process") for one in here.spans.told) == MAX_LINKS
    assert {entry.trace.trace for entry in here.entries if entry.trace} == {TRACE}


async def test_after_a_crash_an_event_has_the_span_that_was_chosen_before_it() -> None:
    here = Plans()
    here.produce(SAMPLED)
    await here.run(here.spans)
    (entry,), before = here.entries, here.published()
    here.kafka.committed = [0] * len(here.kafka.committed)  # it was killed before it could commit
    here.kafka.published.clear()
    again = FakeSpans()
    await here.run(again)
    (span,) = again.named(f"process {entry.type}")
    assert (span.at, span.parent) == (entry.trace, SAMPLED)
    assert here.published() == before


async def test_what_was_decided_while_nothing_was_traced_has_no_span_of_its_own_later() -> None:
    here = Plans()
    here.produce(SAMPLED)
    await here.run(None)
    here.kafka.committed = [0] * len(here.kafka.committed)
    await here.run(here.spans, share=1)
    assert not here.spans.told
    assert [entry.trace for entry in here.entries] == [SAMPLED]


PERSON: Final = "Jane.Doe@example.org"


def by_a_stranger(**changed: Any) -> Outgoing:
    document = {
        "specversion": "1.0",
        "id": f"{PERSON}/1",
        "source": f"mailto:{PERSON}",
        "type": PERSON,
        "data": {"mail": PERSON},
        **changed,
    }
    return Outgoing(INBOX, b"k", json.dumps(document).encode(), [])


async def test_what_is_rejected_is_told_of_and_logged_with_its_trace_and_without_reason() -> None:
    here = Plans()
    here.produce(SAMPLED, by_a_stranger())
    with structlog.testing.capture_logs() as logged:
        await here.run(here.spans)
    (entry,) = here.entries
    (line,) = [one for one in logged if one["event"] == "rejected"]
    assert line["trace"] == TRACE
    assert (line["type"], line["id"]) == (PERSON, f"{PERSON}/1")
    assert (line["stream"], line["code"]) == (entry.stream, "type")
    assert "reason" not in line
    (span,) = here.spans.named("process")
    assert span.error == "type"
    assert span.attributes["coalition.outcome"] == "rejected"


async def test_an_event_under_an_id_that_is_taken_has_its_own_trace() -> None:
    here = Plans()
    first, other = here.load.more(2)
    here.produce(None, first)
    await here.run(here.spans)
    here.produce(SAMPLED, first._replace(value=other.value))
    await here.run(here.spans)
    (entry,) = [entry for entry in here.entries if entry.code == "reused"]
    (span,) = here.spans.named(f"process {entry.type}")
    assert (span.at, span.parent) == (entry.trace, SAMPLED)


async def test_what_is_sampled_is_logged_and_what_is_not_is_not() -> None:
    here = Plans()
    here.produce(SAMPLED)
    here.produce(UNSAMPLED)
    with structlog.testing.capture_logs() as logged:
        await here.run(here.spans)
    (line,) = [one for one in logged if one["event"] == "decided"]
    assert line["trace"] == TRACE
    assert {"source", "id", "type", "stream", "outcome"} <= line.keys()


async def test_a_flood_of_rejected_events_does_not_flood_the_log() -> None:
    here = Plans()
    here.produce(None, *(by_a_stranger(id=str(n)) for n in range(200)))
    with structlog.testing.capture_logs() as logged:
        await here.run(None, batch_size=1000)
    one_by_one = [line for line in logged if line["event"] == "rejected"]
    besides = [line["count"] for line in logged if line["event"] == "rejected_besides"]
    assert len(one_by_one) <= 20 * len(besides)
    assert len(one_by_one) + sum(besides) == 200


async def test_what_is_said_elsewhere_because_of_an_event_stands_below_its_span() -> None:
    here = Plans()
    here.produce(SAMPLED)
    here.produce(None)
    await here.run(here.spans)

    async def follows(_: None, caused: Sequence[Caused[Any]]) -> AsyncIterator[Caused[Event]]:
        for cause, event in caused:
            yield cause, event

    reactions = Reactions("plans", {CommitmentUpdated: follows}, None)
    said = [one async for one in reactions.react(here.entries)]
    carried = {dict(one.headers).get("traceparent", b"").decode() for one in said}
    (at,) = [entry.trace for entry in here.entries if entry.trace]
    assert carried == {at.parent, ""}


async def test_the_next_service_reads_what_was_published_below_the_span_of_the_one_before() -> None:
    here = Plans()
    here.produce(SAMPLED)
    await here.run(here.spans)
    (published,), (entry,) = here.kafka.published[EVENTS], here.entries
    record = Record(EVENTS, 0, 0, published.key, published.value, published.headers)
    (source,) = [one for one in NOTIFICATIONS.sources() if one.topic == EVENTS]
    message = read(cast("Any", record), source, OF_NOTIFICATIONS)
    assert message
    assert message.came_with == entry.trace
    spans = FakeSpans()
    Traces("notifications", spans, 1).begin([message], {EVENTS: source}, Steps(lambda: 1))
    assert message.span
    assert message.span.trace == TRACE
    untraced = read(
        cast("Any", record._replace(headers=published.headers[:-4])), source, OF_NOTIFICATIONS
    )
    assert untraced
    Traces("notifications", spans, 1).begin([untraced], {EVENTS: source}, Steps(lambda: 1))
    assert untraced.span is None, "a trace begins where an event comes in, and not halfway"
