"""The chapters of the bench, and how they are run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pymongo import AsyncMongoClient

from shared.contracts import catalogue
from shared.kafka import topics
from tests.benchmarks import engine
from tests.benchmarks.latency import latency
from tests.benchmarks.mail import mail
from tests.benchmarks.observer import observing
from tests.benchmarks.race import Stage
from tests.benchmarks.web import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from pathlib import Path

    from tests.benchmarks.findings import Findings
    from tests.benchmarks.sizes import Sizes
    from tests.parts import Parts

CHAPTERS: Final[Mapping[str, Callable[[Stage, Sizes], Awaitable[Findings]]]] = {
    "engine": engine.engine,
    "members": engine.members,
    "three": engine.three,
    "streams": engine.streams,
    "latency": latency,
    "mail": mail,
    "http": web,
    "backlog": engine.backlog,
}


async def bench(
    parts: Parts,
    logs: Path,
    chosen: Iterable[str],
    sizes: Sizes,
    tell: Callable[[Findings], None],
) -> dict[str, Findings]:
    """Run chapters of the bench, one after the other, on a broker of its own.

    Args:
        tell: hears of each chapter's findings at once.
    """
    found = {}
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(parts.mongodb, tz_aware=True)
    async with client, observing(parts.kafka) as observer:
        # Before the services make it: on this one the broker notes the time.
        await observer.create(catalogue.events("plans"))
        await topics.create_topics(parts.connection, ["membership", "plans"])
        stage = Stage(parts, observer, client, logs)
        for name in chosen:
            found[name] = await CHAPTERS[name](stage, sizes)
            tell(found[name])
    return found
