"""Whether the engine's loop stands still though Kafka and the store are there: restart it then.

A Kafka or a store that is away stops the loop as well, and no restart brings them back.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.checks.fault import Check
    from shared.pipeline.progress import Progress

_SECONDS: Final = 60
_ANSWER_SECONDS: Final = 2
"""Kafka and the store have answered within so many, or they are away; probes wait for no more."""
_STORE_SECONDS: Final = 15


class Standstill:
    """Judges by when the loop last took a turn; Kafka is asked only where that is long ago.

    Args:
        progress: has the turns.
        kafka: looks whether Kafka takes us.
        store_age: seconds since the store last answered.
    """

    def __init__(
        self, progress: Progress, kafka: Check, store_age: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._progress = progress
        self._kafka = kafka
        self._store_age = store_age
        self._since: float | None = None

    async def lasts(self) -> bool:
        """Whether it has stood still for a minute since the parts answer."""
        now = self._progress.elapsed()
        if not await self._is_still():
            self._since = None
            return False
        self._since = now if self._since is None else self._since
        return now - self._since >= _SECONDS

    async def _is_still(self) -> bool:
        progress = self._progress
        if not progress.assigned or progress.turn_age() < _SECONDS:
            return False
        if self._store_age() > _STORE_SECONDS:
            return False
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return not await self._kafka()
        except TimeoutError:
            return False
