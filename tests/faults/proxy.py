"""A TCP proxy that makes a connection bad: slow, cut, or deaf to what the server answers."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass(slots=True)
class Proxy:
    """Passes bytes on to a port of this machine; change its attributes while it runs.

    Attributes:
        latency: seconds that every piece of data is held back.
        refusing: whether new connections are cut at once.
        swallowing: whether answers are dropped, so that what was asked for is done and nobody
            is told.
        faults: how many connections were cut.
    """

    target: int
    latency: float = 0
    refusing: bool = False
    swallowing: bool = False
    faults: int = 0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _swallowed: asyncio.Event = field(default_factory=asyncio.Event)

    def cut(self) -> None:
        """Reset all connections."""
        for writer in self._open:
            self.faults += 1
            writer.transport.abort()

    async def lose_an_answer(self) -> None:
        """Have the server do something, drop its answer, and reset all connections."""
        self._swallowed.clear()
        self.swallowing = True
        await self._swallowed.wait()
        self.cut()
        self.swallowing = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on, until either side ends it."""
        if self.refusing:
            writer.transport.abort()
            return
        with suppress(OSError):
            answers, requests = await asyncio.open_connection("127.0.0.1", self.target)
            self._open |= {writer, requests}
            pumps = [
                asyncio.create_task(self._pump(reader, requests, answers=False)),
                asyncio.create_task(self._pump(answers, writer, answers=True)),
            ]
            await asyncio.wait(pumps)
            self._open -= {writer, requests}

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(256 * 1024):
                await asyncio.sleep(self.latency)
                if answers and self.swallowing:
                    self._swallowed.set()
                    continue
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def proxy(port: int, target: int) -> AsyncIterator[Proxy]:
    """A proxy on a port of this machine."""
    here = Proxy(target)
    server = await asyncio.start_server(here.serve, "127.0.0.1", port)
    try:
        yield here
    finally:
        server.close()
        here.cut()
        await server.wait_closed()
