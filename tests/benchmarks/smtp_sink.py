"""An SMTP server that takes everything and keeps nothing but the time: PORT FILE.

No library's server is as quick; a slow one would make both senders look alike.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from pathlib import Path
from typing import cast

import uvloop


class Session(asyncio.Protocol):
    """One connection; notes when each message has come."""

    def __init__(self, arrivals: list[float]) -> None:
        self._arrivals = arrivals
        self._received = b""
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := b"\r\n.\r\n" if self._in_data else b"\r\n") in self._received:
            said, _, self._received = self._received.partition(end)
            self._transport.write(self._answer(said))

    def _answer(self, said: bytes) -> bytes:
        if self._in_data:
            self._in_data = False
            self._arrivals.append(time.perf_counter())
            return b"250 taken\r\n"
        self._in_data = said.upper() == b"DATA"
        return b"354 go on\r\n" if self._in_data else b"250 well\r\n"


async def serve(port: int) -> list[float]:
    """Serve until SIGTERM; gives the times."""
    arrivals: list[float] = []
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    server = await loop.create_server(lambda: Session(arrivals), "127.0.0.1", port)
    await stopping.wait()
    server.close()
    return arrivals


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(uvloop.run(serve(int(sys.argv[1])))))
