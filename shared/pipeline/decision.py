"""Step 4 of a batch: items become journal entries, by the rules of the domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from shared import cloudevents
from shared.cloudevents import Unreadable
from shared.domain.decider import Context, Decider, Refused, S, fold
from shared.journal.entry import Entry, Outcome, Published

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from shared.contracts.base import Event
    from shared.pipeline.inbound import Item

Known: TypeAlias = tuple[int, S | None]
"""An aggregate's version in the journal and its state."""


def decide(
    name: str,
    decider: Decider[S],
    items: Sequence[Item],
    known: dict[str, Known[S]],
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
    entries = []
    for item in items:
        if item.event is None:
            entries.append(_rejected(item, now))
            continue
        version, state = known[item.route.stream]
        entry = _decided(name, decider, item, item.event, known, now)
        known[item.route.stream] = (version + 1, fold_entry(decider, state, entry))
        entries.append(entry)
    return entries


def fold_entry(decider: Decider[S], state: S | None, entry: Entry) -> S | None:
    """The state after an entry."""
    return fold(decider, state, (published.event for published in entry.events))


def _decided(  # noqa: PLR0913, PLR0917 - the parts of one decision
    name: str,
    decider: Decider[S],
    item: Item,
    event: Event,
    known: Mapping[str, Known[S]],
    now: datetime,
) -> Entry:
    version, state = known[item.route.stream]
    outcome, reason = Outcome.UNCHANGED, ""
    published: tuple[Published, ...] = ()
    others = {s: other for s in item.route.looks_at if (other := known[s][1]) is not None}
    cause = (item.key.source, item.key.id)
    try:
        events = decider.decide(state, event, Context(others, now, cause))
    except Refused as refusal:
        outcome, reason = Outcome.REJECTED, str(refusal)
    else:
        published = tuple(
            Published.of(cloudevents.derived_id(*item.key.parts(), name, n), one)
            for n, one in enumerate(events)
        )
    if published:
        outcome = Outcome.ACCEPTED
    return Entry(
        key=item.key,
        stream=item.route.stream,
        version=version + 1,
        outcome=outcome,
        recorded=now,
        digest=item.digest,
        origin=item.origin,
        type=item.type,
        reason=reason,
        code="rule" if reason else "",
        events=published,
        about=item.about,
    )


def _rejected(item: Item, now: datetime) -> Entry:
    refusal = item.refusal or Unreadable("body", "unreadable")
    return Entry(
        key=item.key,
        stream=item.route.stream,
        version=item.origin.offset,
        outcome=Outcome.REJECTED,
        recorded=now,
        digest=item.digest,
        origin=item.origin,
        type=item.type,
        reason=refusal.reason,
        code=refusal.code,
        about=item.about,
    )
