"""Step 4 of a batch: inbound messages become journal entries, by the rules of the domain.

An event is accepted when all that follows from it is sure to go well: what would be published
validates again, is small enough for every reader, and has been folded into the state. Whatever the
domain raises unexpectedly belongs to that one record, which is rejected as a defect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from shared import cloudevents
from shared.context_attributes import Unreadable, is_attribute
from shared.contracts.reasons import explain
from shared.domain.decider import Context, Decider, Refused, S
from shared.domain.versioned import Versioned
from shared.journal.entry import Entry, Outcome, Published, body_of, stored_time
from shared.pipeline import bounds, defects
from shared.pipeline.defects import Defect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from shared.contracts.base import Event
    from shared.domain.stream import Stream
    from shared.pipeline.inbound import InboundMessage
    from shared.publishers import Publisher

_MAX_REASON: Final = 2_000
"""Characters of a reason that are kept."""


def decide(
    name: str,
    decider: Decider[S],
    messages: Sequence[InboundMessage],
    loaded: dict[Stream, Versioned[S]],
    now: datetime,
) -> list[Entry]:
    """Decide messages one after another, each on what the ones before have made of `loaded`.

    Args:
        decider: the rules.
        messages: in the order in which they were read.
        name: the service's; part of the ids of what it publishes.
        loaded: the aggregates that the messages touch; brought forward here.
        now: the engine's clock, aware, UTC.
    """
    now = stored_time(now)
    return [_decided(name, decider, message, loaded, now) for message in messages]


def _decided(
    name: str,
    decider: Decider[S],
    message: InboundMessage,
    loaded: dict[Stream, Versioned[S]],
    now: datetime,
) -> Entry:
    if message.event is None:
        refusal = message.refusal or Unreadable("body", "unreadable")
        return _entry(message, now, message.origin.offset, code=refusal.code, reason=refusal.reason)
    stream = message.route.stream
    before = loaded[stream]
    try:
        published, loaded[stream] = _accepted(name, decider, message, message.event, loaded, now)
    except Refused as refusal:
        code, reason = refusal.code, str(refusal)
    except Defect as defect:
        about = {"stream": stream, "type": message.type, "origin": str(message.origin)}
        defects.note(str(defect), defect.__cause__, **about)
        code, reason = defects.CODE, str(defect)
    else:
        return _entry(message, now, before.version + 1, published)
    loaded[stream] = before._replace(version=before.version + 1)
    return _entry(message, now, before.version + 1, code=code, reason=reason)


def _accepted(  # noqa: PLR0913, PLR0917 - the parts of one decision
    name: str,
    decider: Decider[S],
    message: InboundMessage,
    event: Event,
    loaded: Mapping[Stream, Versioned[S]],
    now: datetime,
) -> tuple[tuple[Published, ...], Versioned[S]]:
    """What is published because of an event, and the aggregate after it.

    Raises:
        Refused: the rules do not allow it, or it would be too large.
        Defect: the service cannot decide it.
    """
    stream, looks_at = message.route
    before = loaded[stream]
    check_readable(before, *[loaded[s] for s in looks_at])
    others = {s: other for s in looks_at if (other := loaded[s].state) is not None}
    key, state, published = message.key, before.state, []
    try:
        events = decider.decide(before.state, event, Context(others, now, (key.source, key.id)))
        for n, one in enumerate(events):
            valid, subject, body = _validated(one)
            state = decider.evolve(state, valid)
            id_ = cloudevents.derived_id(*key.parts(), name, n)
            published.append(Published(id_, valid.type, subject, body, valid))
        size = bounds.check(stream, before, state, [one.body for one in published])
    except (Refused, Defect, MemoryError):
        raise
    except Exception as error:
        raise Defect(defects.REASON) from error
    if message.publisher:
        _check_coalitions(message.publisher, published)
    return tuple(published), Versioned(before.version + 1, state, size, written=before.written)


def _check_coalitions(publisher: Publisher, published: Sequence[Published]) -> None:
    """See that what follows from a publisher's event is about its coalitions.

    Raises:
        Refused: it is about another's; an event need not name it, but what is published does.
    """
    for one in published:
        if refusal := publisher.wrong_coalition(getattr(one.event, "coalition", None)):
            code, reason = refusal
            raise Refused(reason, code)


def check_readable(*seen: Versioned[S]) -> None:
    """See that the aggregates that a decision needs can be read.

    Raises:
        Defect: one cannot; the message names it.
    """
    for one in seen:
        if one.unreadable:
            raise Defect(f"{one.unreadable}: a defect; nothing was changed")


def _validated(event: Event) -> tuple[Event, str, bytes]:
    """An event as all will read it, its subject, and its body, of which it is made.

    Raises:
        Defect: it breaks its own contract; a copy of a model is not validated when it is made.
    """
    body = body_of(event)
    try:
        valid = event.__pydantic_validator__.validate_json(body)
    except ValidationError as error:
        why = f"what would be published, {event.type}, breaks its contract: {explain(error)}"
        raise Defect(why) from None
    subject = valid.subject
    if not is_attribute(subject):
        raise Defect(f"what would be published, {event.type}, has a subject that nobody can read")
    return valid, subject, body


def _entry(  # noqa: PLR0913 - what was decided
    message: InboundMessage,
    now: datetime,
    version: int,
    published: tuple[Published, ...] = (),
    *,
    code: str = "",
    reason: str = "",
) -> Entry:
    outcome = Outcome.ACCEPTED if published else Outcome.UNCHANGED
    return Entry(
        key=message.key,
        stream=message.route.stream,
        version=version,
        outcome=Outcome.REJECTED if code else outcome,
        recorded=now,
        digest=message.digest,
        origin=message.origin,
        type=message.type,
        reason=reason[:_MAX_REASON],
        code=code,
        events=published,
        about=message.about,
        subject=message.subject,
        trace=message.span or message.came_with,
    )
