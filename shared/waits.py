"""Waiting for an `asyncio.Event`: for the first of several, or for some time at most."""

from __future__ import annotations

import asyncio
from contextlib import suppress


async def first(*events: asyncio.Event) -> asyncio.Event:
    """Wait until one of the events is set, and say which."""
    waiting = {asyncio.create_task(event.wait()): event for event in events}
    try:
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
    return waiting[done.pop()]


async def is_set_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event, and say whether it came in time."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()
