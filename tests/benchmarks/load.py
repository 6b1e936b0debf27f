"""A client that reads over HTTP as fast as it can: URL, members, requests, and perhaps paths.

It tells of each path, one after the other, since it takes far longer to begin than to read a few
hundred times. Without a path it reads the commitments of one member after another.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from typing import TYPE_CHECKING, Final

import aiohttp
import uvloop

from tests.benchmarks.filling import member

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CONNECTIONS: Final = 16


async def load(paths: list[str], requests: int) -> dict[str, float]:
    """Reads a second, and what a read takes, in seconds."""
    connector = aiohttp.TCPConnector(limit=_CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector) as session:
        await _read_all(session, paths, requests // 10)  # connections, caches
        began = time.perf_counter()
        took = await _read_all(session, paths, requests)
        seconds = time.perf_counter() - began
    cuts = statistics.quantiles(took, n=100)
    return {"rate": requests / seconds, "p50": cuts[49], "p99": cuts[98]}


async def load_each(questions: Sequence[list[str]], requests: int) -> list[dict[str, float]]:
    """Likewise of each of several questions, none of which is asked while another one is."""
    return [await load(paths, requests) for paths in questions]


async def _read_all(session: aiohttp.ClientSession, paths: list[str], count: int) -> list[float]:
    numbers, took = iter(range(count)), list[float]()
    async with asyncio.TaskGroup() as group:
        for _ in range(_CONNECTIONS):
            group.create_task(_read_some(session, paths, numbers, took))
    return took


async def _read_some(
    session: aiohttp.ClientSession, paths: list[str], numbers: Iterator[int], took: list[float]
) -> None:
    """Take a number, read, and again; all connections take from the same numbers."""
    for number in numbers:
        began = time.perf_counter()
        async with session.get(paths[number % len(paths)], raise_for_status=True) as answer:
            await answer.read()
        took.append(time.perf_counter() - began)


if __name__ == "__main__":
    url, count, requests, *asked = sys.argv[1:]
    members = [f"/members/{member(number).key}/commitments" for number in range(int(count))]
    each = [[f"{url}{one}" for one in paths] for paths in ([[one] for one in asked] or [members])]
    sys.stdout.write(json.dumps(uvloop.run(load_each(each, int(requests)))))
