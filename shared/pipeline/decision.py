"""Step 4 of a batch: items become journal entries, by the rules of the domain.

An event is accepted when all that follows from it is sure to go well: what would be published
validates again, is small enough for every reader, and has been folded into the state. Whatever the
domain raises unexpectedly belongs to that one record, which is rejected as a defect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pydantic import ValidationError

from shared import cloudevents
from shared.cloudevents import Unreadable, explain
from shared.domain.decider import Context, Decider, Refused, S, fold
from shared.domain.versioned import Versioned
from shared.journal.entry import Entry, Outcome, Published
from shared.pipeline import bounds, defects
from shared.pipeline.defects import Defect

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from shared.contracts.base import Event
    from shared.pipeline.inbound import Item

_MAX_REASON: Final = 2_000
"""Characters of a reason that are kept."""


def decide(
    name: str,
    decider: Decider[S],
    items: Sequence[Item],
    known: dict[str, Versioned[S]],
    now: datetime,
) -> list[Entry]:
    """Decide items one after another, each on what the ones before have made of `known`.

    Args:
        decider: the rules.
        items: in the order in which they were read.
        name: the service's; part of the ids of what it publishes.
        known: the aggregates that the items touch; brought forward here.
        now: the engine's clock, aware, UTC.
    """
    return [_decided(name, decider, item, known, now) for item in items]


def fold_entry(decider: Decider[S], state: S | None, entry: Entry) -> S | None:
    """The state after an entry."""
    return fold(decider, state, entry.known_events())


class _Decision(NamedTuple):
    """What is to be journaled of an item besides its identity."""

    version: int
    outcome: Outcome
    code: str = ""
    reason: str = ""
    published: tuple[Published, ...] = ()


def _decided(
    name: str, decider: Decider[S], item: Item, known: dict[str, Versioned[S]], now: datetime
) -> Entry:
    if item.event is None:
        refusal = item.refusal or Unreadable("body", "unreadable")
        at = item.origin.offset
        return _entry(item, now, _Decision(at, Outcome.REJECTED, refusal.code, refusal.reason))
    stream = item.route.stream
    before = known[stream]
    version = before.version + 1
    try:
        published, after = _accepted(name, decider, item, item.event, known, now)
    except Refused as refusal:
        decision = _Decision(version, Outcome.REJECTED, "rule", str(refusal))
    except Defect as defect:
        about = {"stream": stream, "type": item.type, "origin": str(item.origin)}
        defects.note(str(defect), defect.__cause__, **about)
        decision = _Decision(version, Outcome.REJECTED, defects.CODE, str(defect))
    else:
        known[stream] = after
        outcome = Outcome.ACCEPTED if published else Outcome.UNCHANGED
        return _entry(item, now, _Decision(version, outcome, published=published))
    known[stream] = before._replace(version=version)
    return _entry(item, now, decision)


def _accepted(  # noqa: PLR0913, PLR0917 - the parts of one decision
    name: str,
    decider: Decider[S],
    item: Item,
    event: Event,
    known: Mapping[str, Versioned[S]],
    now: datetime,
) -> tuple[tuple[Published, ...], Versioned[S]]:
    """What is published because of an event, and the aggregate after it.

    Raises:
        Refused: the rules do not allow it, or it would be too large.
        Defect: the service cannot decide it.
    """
    stream = item.route.stream
    before = known[stream]
    check_readable(known, (stream, *item.route.looks_at))
    others = {s: other for s in item.route.looks_at if (other := known[s].state) is not None}
    cause = (item.key.source, item.key.id)
    try:
        events = decider.decide(before.state, event, Context(others, now, cause))
        published = tuple(
            _published(cloudevents.derived_id(*item.key.parts(), name, n), one)
            for n, one in enumerate(events)
        )
        state = fold(decider, before.state, (one.event for one in published if one.event))
        size = bounds.grown(stream, before, state, published) if published else before.size
        bounds.check_entry(published)
    except (Refused, Defect, MemoryError):
        raise
    except Exception as error:
        raise Defect(defects.REASON) from error
    return published, Versioned(before.version + 1, state, size)


def check_readable(known: Mapping[str, Versioned[S]], streams: Iterable[str]) -> None:
    """See that the aggregates that a decision needs can be read.

    Raises:
        Defect: one cannot; the message names it.
    """
    for stream in streams:
        if why := known[stream].unreadable:
            raise Defect(f"{why}: a defect; nothing was changed")


def _published(id_: str, event: Event) -> Published:
    """An event as all will read it: what is folded and journaled is made of its body.

    Raises:
        Refused: its body is too large.
        Defect: it breaks its own contract; a copy of a model is not validated when it is made.
    """
    body = event.model_dump_json(exclude_none=True).encode()
    bounds.check_body(event.type, body)
    try:
        valid = type(event).model_validate_json(body)
    except ValidationError as error:
        reason = f"what would be published, {event.type}, breaks its contract: {explain(error)}"
        raise Defect(reason) from None
    if not cloudevents.is_attribute(valid.subject):
        raise Defect(f"what would be published, {event.type}, has a subject that nobody can read")
    return Published(id_, event.type, valid.subject, body, valid)


def _entry(item: Item, now: datetime, decision: _Decision) -> Entry:
    return Entry(
        key=item.key,
        stream=item.route.stream,
        version=decision.version,
        outcome=decision.outcome,
        recorded=now,
        digest=item.digest,
        origin=item.origin,
        type=item.type,
        reason=decision.reason[:_MAX_REASON],
        code=decision.code,
        events=decision.published,
        about=item.about,
    )
