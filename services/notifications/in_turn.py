"""What waits for a connection: turn by turn, of each one thing at a time, in order.

An e-mail's turn is its person; a webhook's is the member, or whatever else an event is about.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

from services.notifications.claims import C

if TYPE_CHECKING:
    from collections.abc import Iterable

X = TypeVar("X")


class InTurn(Generic[C, X]):
    """What is to be sent in several turns; while one of a turn is being sent, its others wait.

    Each item is what was claimed, and what it takes to send it.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, deque[tuple[C, X]]] = {}
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

    def add(self, items: Iterable[tuple[C, X]]) -> None:
        """Have some wait behind those that wait already."""
        for item in items:
            turn = item[0].turn
            if turn not in self._waiting:
                self._waiting[turn] = deque()
                if turn not in self._sending:
                    self._ready.append(turn)
            self._waiting[turn].append(item)
            self._count += 1

    def take(self) -> tuple[C, X]:
        """The next one of the turn that has waited longest; `done` lets the turn go on."""
        turn = self._ready.popleft()
        items = self._waiting[turn]
        item = items.popleft()
        if not items:
            del self._waiting[turn]
        self._sending.add(turn)
        self._count -= 1
        return item

    def done(self, turn: str) -> None:
        """The one that was taken has ended, so the next of its turn may go."""
        self._sending.discard(turn)
        if turn in self._waiting:
            self._ready.append(turn)

    def drop(self, turn: str) -> list[C]:
        """Have those of a turn wait no more, of which one is being sent; returns them."""
        items = self._waiting.pop(turn, deque())
        self._count -= len(items)
        return [claimed for claimed, _ in items]

    def clear(self) -> list[C]:
        """Have nothing wait; returns what did."""
        left = [claimed for items in self._waiting.values() for claimed, _ in items]
        self._waiting.clear()
        self._ready.clear()
        self._count = 0
        return left
