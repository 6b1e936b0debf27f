"""After a restore, e-mails of what the lost store may have read are held, and of that alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from services.notifications.restoring import Doubts
from shared.domain.stream import Stream
from shared.journal.entry import Entry, Key, Origin, Outcome
from tests.unit.fold import NOW

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

TOPIC = "coalition.membership.events.v1"


def entry(name: str, origin: Origin, digest: str = "digest") -> Entry:
    stream = Stream("notifications", name)
    return Entry(Key("urn:one", name), stream, 1, Outcome.ACCEPTED, NOW, digest, origin)


@dataclass
class Store:
    """What the doubts ask of the journal and the note of a restore."""

    entries: list[Entry]
    ends: dict[str, int] = field(default_factory=dict)
    asked: int = 0

    async def until(self) -> dict[str, int]:
        return self.ends

    async def newer(self, versions: Mapping[Stream, int]) -> AsyncIterator[Entry]:
        self.asked += 1
        for one in self.entries:
            if one.stream in versions:
                yield one


async def doubtful(store: Store, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    journal: Any = store
    monkeypatch.setattr("services.notifications.restoring.Journal", lambda _: journal)
    database: Any = dict.fromkeys(("journal", "deliveries", "settled"))
    restored: Any = store
    doubts = Doubts(database, restored)
    await doubts.prepare()
    return {stream.id for stream in await doubts.of([one.stream for one in store.entries])}


async def test_what_lay_before_the_end_is_held_and_what_came_after_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entries = [
        entry("before", Origin(TOPIC, 0, 9)),
        entry("after", Origin(TOPIC, 0, 10)),
        entry("of another partition", Origin(TOPIC, 1, 0)),
        entry("adopted", Origin("coalition.notifications.events.v1", 0, 500), digest=""),
        entry("of another generation", Origin(TOPIC, 0, 0, 1)),
    ]
    store = Store(entries, {f"{TOPIC}/0": 10})
    assert await doubtful(store, monkeypatch) == {"before", "adopted"}


async def test_without_a_restore_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store([entry("any", Origin(TOPIC, 0, 9))])
    assert await doubtful(store, monkeypatch) == set()
    assert store.asked == 0
