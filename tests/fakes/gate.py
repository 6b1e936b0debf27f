"""A gate before and after whatever a fake does.

It lets one call of one engine on at a time, so that a test decides how two engines interleave and
where one of them dies.
"""

from __future__ import annotations

import asyncio


class Gate:
    """Where the calls of one engine wait until they are let on; those of a dead one for ever."""

    def __init__(self) -> None:
        self.waiting: list[asyncio.Future[None]] = []

    async def __call__(self) -> None:
        """Wait to be let on."""
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        await turn

    def let_on(self, which: int) -> None:
        """Let one of the waiting calls on, if there is one."""
        if self.waiting:
            self.waiting.pop(which % len(self.waiting)).set_result(None)


class Open(Gate):
    """Nobody waits at it."""

    async def __call__(self) -> None:
        """Let others run, and go on."""
        await asyncio.sleep(0)
