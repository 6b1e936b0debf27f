"""The places of what is queued: of one turn, what has a lower place is sent before."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")


class Places:
    """Gives out places: microseconds of the clock, each after the one before it.

    Args:
        now: nanoseconds of the clock.
    """

    def __init__(self, now: Callable[[], int] = time.time_ns) -> None:
        self._now, self._place = now, 0

    def of(self, items: Iterable[T]) -> Iterator[tuple[int, T]]:
        """Each with its place among all."""
        for item in items:
            self._place = max(self._place + 1, self._now() // 1000)
            yield self._place, item
