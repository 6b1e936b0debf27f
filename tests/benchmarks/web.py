"""Reads over HTTP: the plans service beside a bare FastAPI handler that does the same `find`."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from tests.benchmarks.filling import COALITION, member
from tests.benchmarks.findings import Aim, Findings
from tests.benchmarks.race import running
from tests.benchmarks.serving import answers, serving
from tests.containers import free_port

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase

    from tests.benchmarks.race import Stage
    from tests.benchmarks.sizes import Sizes

_QUESTIONS: Final = {
    "plans": (
        f"/comparison?coalition={COALITION}",
        "/comparison?country=SE&size=under-500000",
        f"/trends?coalition={COALITION}",
        "/commitments?limit=50",
        "/commitments?country=SE&plan_version=1",
        "/commitments?population_from=100000&population_to=110000",
        "/practices?population_from=100000&population_to=200000",
        "/owed",
    ),
    "membership": (
        f"/coalitions/{COALITION}/statistics",
        f"/coalitions/{COALITION}/statistics?as_of=2019-05-05",
        "/members?limit=50",
        "/members?country=SE&kind=city",
        "/members?state=suspended",
        "/members?population_from=100000&population_to=110000",
        "/members?as_of=2016-01-31",
        "/members?as_of=1990",
        "/members?name=12",
    ),
}
"""What concerns all members of a service, and is to take as long with many as with a few."""
_COUNTING_SECONDS: Final = 300
"""How long the first answer may take, for which all members are counted."""
_PAGES: Final = 11
Figures = dict[str, Any]


async def web(stage: Stage, sizes: Sizes) -> Findings:
    """Both under the same load, one after the other, from the same documents."""
    async with serving(stage, sizes.members) as plans:
        port = free_port()
        command = (sys.executable, "-m", "tests.benchmarks.bare_http")
        environment = stage.environment(plans.database, HTTP_PORT=port)
        with running(stage, "bare-http", command, [environment]):
            bare_url = f"http://127.0.0.1:{port}"
            await answers(f"{bare_url}/members/{member(0).key}/commitments")
            (bare,) = await _load(bare_url, sizes)
            (own,) = await _load(plans.url, sizes)
        few = await _asked(plans.url, sizes, "plans")
    async with serving(stage, sizes.members, "membership") as served:
        few |= await _asked(served.url, sizes, "membership")
        page = await _page_of_the_store(stage.client[served.database])
    many, memory = dict[str, Figures](), list[str]()
    for service in _QUESTIONS:
        async with serving(stage, sizes.wide, service) as served:
            many |= await _asked(served.url, sizes, service)
            memory.append(f"{service} {served.memory:.0f} MB")
            if service == "membership":
                wide_page = await _page_of_the_store(stage.client[served.database])
    return Findings(
        f"Reads over HTTP, {sizes.requests:,} requests on 16 connections",
        ("", "reads/s", "p50, ms", "p99, ms"),
        (
            _row("bare FastAPI", bare),
            _row("plans", own),
            *(_row(f"{path}, {sizes.members:,} members", one) for path, one in few.items()),
            *(_row(f"{path}, {sizes.wide:,} members", one) for path, one in many.items()),
        ),
        aims=tuple(
            Aim(
                f"p99 of {path} with {sizes.wide:,} members to that with {sizes.members:,}",
                10,
                many[path]["p99"] / few[path]["p99"],
                at_most=True,
            )
            for path in few
        ),
        note=f"Plans to bare FastAPI: {own['rate'] / bare['rate']:.2f}. Resident memory with "
        f"{sizes.wide:,} members: {', '.join(memory)}. A page by id, asked of the store itself: "
        f"{page * 1000:.0f} and {wide_page * 1000:.0f} ms; no list can be quicker. MongoDB reads "
        "it from its index, however many there are; a store that sorts all ids does not.",
    )


async def _asked(url: str, sizes: Sizes, service: str) -> dict[str, Figures]:
    """What the questions take that concern all members; the first answer counts them."""
    paths = _QUESTIONS[service]
    for path in paths:
        await answers(f"{url}{path}", _COUNTING_SECONDS)
    return dict(zip(paths, await _load(url, sizes, *paths), strict=True))


async def _page_of_the_store(database: AsyncDatabase[dict[str, Any]]) -> float:
    """Seconds that a page of members takes without any service: the median of some."""
    times = []
    for _ in range(_PAGES):
        begun = time.perf_counter()
        await database["members"].find({}).sort("_id", 1).limit(51).to_list()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


async def _load(url: str, sizes: Sizes, *paths: str) -> list[Figures]:
    """Have the client, a process of its own, ask: one for all paths, one after the other."""
    counts = (str(sizes.members), str(sizes.questions if paths else sizes.requests), *paths)
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.load", url, *counts, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await client.communicate()
    figures: list[Figures] = json.loads(said)
    return figures


def _row(name: str, figures: Figures) -> tuple[str, ...]:
    return (
        name,
        f"{figures['rate']:,.0f}",
        f"{figures['p50'] * 1000:.1f}",
        f"{figures['p99'] * 1000:.1f}",
    )
