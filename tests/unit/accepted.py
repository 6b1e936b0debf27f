"""Entries as the journal has them of what was accepted."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.contracts.base import Event
from shared.domain.stream import Stream
from shared.journal.entry import Entry, Key, Origin, Outcome, Published


def accepted(*events: Event) -> list[Entry]:
    return [
        Entry(
            key=Key("urn:test", "1"),
            stream=Stream("any", "one"),
            version=1,
            outcome=Outcome.ACCEPTED,
            recorded=datetime(2020, 12, 1, tzinfo=UTC),
            digest="",
            origin=Origin("any", 0, 0),
            events=tuple(
                Published.of(f"{event.type}/{n}", event) for n, event in enumerate(events)
            ),
        )
    ]
