"""A race: one competitor does the job as a process of its own, measured from outside."""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import subprocess
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import psutil

from tests.benchmarks.filling import open_all
from tests.benchmarks.job import join_installation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pymongo import AsyncMongoClient

    from tests.benchmarks.job import Job
    from tests.benchmarks.observer import Observer
    from tests.parts import Parts

_LOOK_SECONDS: Final = 0.1
_PATIENCE_SECONDS: Final = 120
_SLOWEST: Final = 200
"""Events a second; whoever is slower for long has got stuck."""
_MEGABYTE: Final = 1024 * 1024


@dataclass(slots=True)
class Stage:
    """Where all races are run.

    Attributes:
        logs: the folder for what the competitors print.
        best_batch: ours' best batch size, as far as it has been found out.
    """

    parts: Parts
    observer: Observer
    client: AsyncMongoClient[dict[str, Any]]
    logs: Path
    best_batch: int = 2000

    def environment(self, database: str, **more: object) -> dict[str, str]:
        """The settings that a competitor in Python finds, the same as a service's."""
        settings = {
            "KAFKA": self.parts.kafka,
            "MONGODB": self.parts.mongodb,
            "DATABASE": database,
            "LOG_LEVEL": "warning",
            "HTTP_PER_MINUTE_PER_ADDRESS": 10_000_000,  # the load comes from one address
            **more,
        }
        return {f"COALITION_{name}": str(value) for name, value in settings.items()}


@dataclass(frozen=True, slots=True)
class Competitor:
    """Something that does the job.

    Attributes:
        group: the consumer group in which it commits.
        topic: where it publishes.
        batch: records in its batch; the first one is not measured.
        processes: how many of it run.
        own: whether it is ours, which has views to find before and to write.
        settings: its own, besides those that all have.
    """

    name: str
    command: Sequence[str]
    group: str
    topic: str
    batch: int
    processes: int = 1
    own: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """How a race ended.

    Attributes:
        rate: events a second, by the broker's clock.
        behind: seconds from the last event published until all was committed and viewable.
        peak: the highest resident memory seen of one process, in MB.
    """

    name: str
    rate: float
    behind: float
    peak: float


@dataclass(slots=True)
class Running:
    """The processes of a competitor."""

    processes: list[psutil.Popen]
    log: Path
    peak: float = field(default=0)

    def look(self) -> None:
        """Note the memory.

        Raises:
            RuntimeError: one of them has ended by itself.
        """
        for process in self.processes:
            if process.poll() is not None:
                msg = f"ended with {process.returncode}: {self.log.read_text()[-2000:]}"
                raise RuntimeError(msg)
            self.peak = max(self.peak, process.memory_info().rss / _MEGABYTE)


@contextmanager
def running(
    stage: Stage, name: str, command: Sequence[str], environments: Sequence[Mapping[str, str]]
) -> Iterator[Running]:
    """Run a command once in each environment, and end it."""
    log = stage.logs / f"{name.replace(' ', '-')}-{uuid.uuid4().hex[:6]}.log"
    with log.open("wb") as out:
        started = [
            psutil.Popen(command, env={**os.environ, **more}, stdout=out, stderr=subprocess.STDOUT)
            for more in environments
        ]
    try:
        yield Running(started, log)
    finally:
        for process in started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(timeout=60)


async def race(stage: Stage, job: Job, competitor: Competitor, warm: float = 0) -> Result:
    """Let a competitor do the job on a fresh database.

    Args:
        warm: the share of the events that is not measured, besides the first batch.
    """
    database = f"bench_{uuid.uuid4().hex[:8]}"
    if competitor.own:
        await open_all(stage.client[database], job.members, reported=False)
        await join_installation(stage.client[database], job.begin)
    await stage.observer.create(competitor.topic)
    begin = await stage.observer.ends(competitor.topic)
    await stage.observer.rewind(competitor.group, job.begin)
    settings = {"BATCH_SIZE": competitor.batch, "HTTP_PORT": 0, **competitor.settings}
    environment = stage.environment(database, **settings)
    processes = [environment] * competitor.processes
    with running(stage, competitor.name, competitor.command, processes) as those:
        await _finished(stage, job, competitor, database, those)
        ended = time.time()
    arrivals = await stage.observer.arrivals(begin)
    await stage.client.drop_database(database)
    if len(arrivals) != job.events:
        msg = f"{competitor.name} published {len(arrivals)} of {job.events} events"
        raise RuntimeError(msg)
    skip = max(competitor.batch, int(job.events * warm))
    return Result(competitor.name, rate(arrivals, skip), max(0, ended - arrivals[-1]), those.peak)


async def _finished(
    stage: Stage, job: Job, competitor: Competitor, database: str, those: Running
) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS + job.events / _SLOWEST
    while not (
        await stage.observer.reached(competitor.group, job.end)
        and (not competitor.own or await _viewable(stage, database) >= job.events)
    ):
        those.look()
        if time.monotonic() > deadline:
            msg = f"{competitor.name} has not done its job; see {those.log}"
            raise TimeoutError(msg)
        await asyncio.sleep(_LOOK_SECONDS)


async def _viewable(stage: Stage, database: str) -> int:
    """How many events the views know of: each takes one version of its member's stream."""
    counted = await stage.client[database]["commitments"].aggregate(
        [{"$group": {"_id": None, "versions": {"$sum": "$version"}}}]
    )
    return int((await counted.to_list())[0]["versions"])


def rate(arrivals: Sequence[float], skip: int) -> float:
    """Events a second after the first `skip`, or after half of them where there are too few."""
    skip = min(skip, len(arrivals) // 2)
    seconds = arrivals[-1] - arrivals[skip - 1]
    return (len(arrivals) - skip) / max(seconds, 0.001)


async def rounds(
    stage: Stage, job: Job, competitors: Sequence[Competitor], count: int
) -> dict[str, Result]:
    """Race all in turn, `count` times, and keep of each its run of the median rate."""
    results: dict[str, list[Result]] = {competitor.name: [] for competitor in competitors}
    for _ in range(count):
        for competitor in competitors:
            results[competitor.name].append(await race(stage, job, competitor))
    return {name: _middle(those) for name, those in results.items()}


def _middle(results: list[Result]) -> Result:
    median = statistics.median_low([result.rate for result in results])
    return next(result for result in results if result.rate == median)
