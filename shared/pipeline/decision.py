"""Step 4 of a batch: items become journal entries, by the rules of the domain.

An event is accepted when all that follows from it is sure to go well: what would be published
validates again, is small enough for every reader, and has been folded into the state. Whatever the
domain raises unexpectedly belongs to that one record, which is rejected as a defect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from shared import cloudevents
from shared.cloudevents import Unreadable, explain
from shared.domain.decider import Context, Decider, Refused, S, fold
from shared.domain.versioned import Versioned
from shared.journal.entry import Entry, Outcome, Published, body_of, stored_time
from shared.pipeline import bounds, defects
from shared.pipeline.defects import Defect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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


def _decided(
    name: str, decider: Decider[S], item: Item, known: dict[str, Versioned[S]], now: datetime
) -> Entry:
    if item.event is None:
        refusal = item.refusal or Unreadable("body", "unreadable")
        return _entry(item, now, item.origin.offset, code=refusal.code, reason=refusal.reason)
    stream = item.route.stream
    before = known[stream]
    try:
        published, known[stream] = _accepted(name, decider, item, item.event, known, now)
    except Refused as refusal:
        code, reason = "rule", str(refusal)
    except Defect as defect:
        about = {"stream": stream, "type": item.type, "origin": str(item.origin)}
        defects.note(str(defect), defect.__cause__, **about)
        code, reason = defects.CODE, str(defect)
    else:
        return _entry(item, now, before.version + 1, published)
    known[stream] = before._replace(version=before.version + 1)
    return _entry(item, now, before.version + 1, code=code, reason=reason)


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
    stream, looks_at = item.route
    before = known[stream]
    check_readable(before, *[known[s] for s in looks_at])
    others = {s: other for s in looks_at if (other := known[s].state) is not None}
    key, state, published = item.key.parts(), before.state, []
    try:
        events = decider.decide(before.state, event, Context(others, now, (key[0], key[1])))
        for n, one in enumerate(events):
            valid, subject, body = _validated(one)
            state = decider.evolve(state, valid)
            id_ = cloudevents.derived_id(*key, name, n)
            published.append(Published(id_, valid.type, subject, body, valid))
        size = bounds.check(stream, before, state, [one.body for one in published])
    except (Refused, Defect, MemoryError):
        raise
    except Exception as error:
        raise Defect(defects.REASON) from error
    return tuple(published), Versioned(before.version + 1, state, size)


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
    if not cloudevents.is_attribute(subject):
        raise Defect(f"what would be published, {event.type}, has a subject that nobody can read")
    return valid, subject, body


def _entry(  # noqa: PLR0913 - what was decided
    item: Item,
    now: datetime,
    version: int,
    published: tuple[Published, ...] = (),
    *,
    code: str = "",
    reason: str = "",
) -> Entry:
    outcome = Outcome.ACCEPTED if published else Outcome.UNCHANGED
    return Entry(
        key=item.key,
        stream=item.route.stream,
        version=version,
        outcome=Outcome.REJECTED if code else outcome,
        recorded=stored_time(now),
        digest=item.digest,
        origin=item.origin,
        type=item.type,
        reason=reason[:_MAX_REASON],
        code=code,
        events=published,
        about=item.about,
    )
