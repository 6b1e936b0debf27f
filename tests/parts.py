"""The real parts that tests run on, and polling with a deadline."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.kafka.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


@dataclass(frozen=True, slots=True)
class Parts:
    """Where Kafka, the store and SMTP are, and the JSON list of the e-mails that were caught."""

    kafka: str
    mongodb: str
    smtp_host: str
    smtp_port: int
    messages: str

    @property
    def connection(self) -> Connection:
        return Connection(self.kafka)


def store_port(parts: Parts) -> int:
    """The store's port on this machine."""
    return int(parts.mongodb.split(":")[2].partition("/")[0])


async def eventually(
    check: Callable[[], Awaitable[bool]], seconds: float = 60, every: float = 0.05
) -> None:
    """Poll until something is so; say what was not when the time is over."""
    deadline = time.monotonic() + seconds
    while not await check():
        if time.monotonic() > deadline:
            msg = f"not so within {seconds} s: {check}"
            raise AssertionError(msg)
        await asyncio.sleep(every)
