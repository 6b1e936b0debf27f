"""Ends a process whose Kafka or store has been silent for too long.

A client keeps to the addresses that it once learned, and a part that came back under others is
never found again. A process that is started anew asks for them anew.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import structlog
from pymongo.errors import PyMongoError

from shared.waits import is_set_within

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from pymongo.asynchronous.database import AsyncDatabase

log = structlog.get_logger()

_EVERY_SECONDS: Final = 5


class Silent(Exception):
    """A part has given no answer for too long."""


async def end_when_silent(
    what: str, age: Callable[[], float], seconds: float, stopping: asyncio.Event
) -> None:
    """Watch over a part until the process stops.

    Args:
        what: the part's name.
        age: seconds since it last gave an answer; what was before this watch does not count.
        seconds: how long it may be silent.
        stopping: is set when the process stops.

    Raises:
        Silent: it was silent for longer.
    """
    begun = monotonic()
    while not await is_set_within(stopping, _EVERY_SECONDS):
        silent = min(age(), monotonic() - begun)
        if silent > seconds:
            raise Silent(f"{what} has given no answer for {silent:.0f} s")


class StorePulse:
    """Asks the store now and then whether it is there, since an idle service does not."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        self._database = database
        self._answered = monotonic()

    def age(self) -> float:
        """Seconds since it last answered, or since it was first looked for."""
        return monotonic() - self._answered

    async def run(self, stopping: asyncio.Event) -> None:
        """Ask until the process stops."""
        while not await is_set_within(stopping, _EVERY_SECONDS):
            try:
                await self._database.command("ping")
            except PyMongoError as error:
                log.warning("store_silent", error=type(error).__name__)
            else:
                self._answered = monotonic()
