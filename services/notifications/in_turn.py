"""What waits for a connection: person by person, of each one e-mail at a time, in order."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.notifications.delivery import Claimed
    from services.notifications.subscription import Subscription

    Item = tuple[Claimed, Subscription | None]


class InTurn:
    """E-mails of several persons; while one of a person is being sent, the others of it wait."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Item]] = {}
        self._ready: deque[str] = deque()
        self._sending: set[str] = set()
        self._count = 0

    def __len__(self) -> int:
        """How many wait."""
        return self._count

    @property
    def ready(self) -> int:
        """How many could be sent at once."""
        return len(self._ready)

    def add(self, items: Iterable[Item]) -> None:
        """Have some wait behind those that wait already."""
        for item in items:
            person = item[0].subscription
            if person not in self._waiting:
                self._waiting[person] = deque()
                if person not in self._sending:
                    self._ready.append(person)
            self._waiting[person].append(item)
            self._count += 1

    def take(self) -> Item:
        """The next one of the person who has waited longest; `done` lets the person go on."""
        person = self._ready.popleft()
        items = self._waiting[person]
        item = items.popleft()
        if not items:
            del self._waiting[person]
        self._sending.add(person)
        self._count -= 1
        return item

    def done(self, person: str) -> None:
        """The one that was taken has ended, so the next of the person may go."""
        self._sending.discard(person)
        if person in self._waiting:
            self._ready.append(person)

    def drop(self, person: str) -> list[Claimed]:
        """Have those of a person wait no more, who is being written to; returns them."""
        items = self._waiting.pop(person, deque())
        self._count -= len(items)
        return [claimed for claimed, _ in items]

    def clear(self) -> list[Claimed]:
        """Have nobody wait; returns what did."""
        left = [claimed for items in self._waiting.values() for claimed, _ in items]
        self._waiting.clear()
        self._ready.clear()
        self._count = 0
        return left
