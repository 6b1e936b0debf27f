"""How often somebody may ask: so many requests in a minute, and no more than that at once."""

from __future__ import annotations

import time
from math import ceil
from typing import TYPE_CHECKING, Final

from cachetools import LRUCache

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_KEYS: Final = 10_000
"""Who are counted at most; beyond, those are forgotten who have not asked for longest."""
_MINUTE: Final = 60


class Rate:
    """Counts the requests of each.

    Args:
        per_minute: how many each may make.
        clock: seconds that only grow.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._each, self._clock = per_minute, per_minute / _MINUTE, clock
        self._left: LRUCache[str, tuple[float, float]] = LRUCache(_MAX_KEYS)

    def wait(self, key: str) -> int:
        """Count a request; the seconds until the next one may come, and 0 where this one may."""
        now = self._clock()
        left, then = self._left.get(key, (float(self._most), now))
        left = min(self._most, left + (now - then) * self._each)
        may = left >= 1
        self._left[key] = (left - 1 if may else left, now)
        return 0 if may else ceil((1 - left) / self._each)
