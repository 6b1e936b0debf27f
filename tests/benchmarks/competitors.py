"""Who takes part in the races."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shared.contracts import catalogue
from tests.benchmarks import limit, naive
from tests.benchmarks.job import INBOX
from tests.benchmarks.race import Competitor

if TYPE_CHECKING:
    from tests.parts import Parts

_PYTHON: Final = (sys.executable, "-m")
_JAVA: Final = Path(__file__).parent / "streams"
_STREAMS: Final = "bench-streams"


def bare(batch: int) -> Competitor:
    """What the parts allow in Python, at a batch size."""
    command = (*_PYTHON, "tests.benchmarks.limit")
    return Competitor(f"limit at {batch}", command, limit.GROUP, limit.TOPIC, batch)


def one_by_one() -> Competitor:
    """What the first page of a tutorial gives."""
    command = (*_PYTHON, "tests.benchmarks.naive")
    return Competitor("naive", command, naive.GROUP, naive.TOPIC, 1)


def ours(batch: int, processes: int = 1) -> Competitor:
    """The plans service as it is."""
    return Competitor(
        f"ours at {batch}" + (f", {processes} processes" if processes > 1 else ""),
        (*_PYTHON, "services", "plans"),
        "coalition.plans",
        catalogue.events("plans"),
        batch,
        processes=processes,
        own=True,
    )


def traced(batch: int, collector: str) -> Competitor:
    """The same, which begins a trace for each hundredth event and sends its spans."""
    settings = {"TRACES_ENDPOINT": collector, "TRACES_SAMPLE": 0.01}
    mine = ours(batch)
    return replace(mine, name=f"{mine.name}, 1 % traced", settings=settings)


def streams(parts: Parts, state: Path) -> Competitor | None:
    """Kafka Streams, or None where Java and Maven are not there to build and run it.

    Args:
        state: a folder for its RocksDB.
    """
    java, maven = shutil.which("java"), shutil.which("mvn")
    if java is None or maven is None:
        return None
    subprocess.run([maven, "--quiet", "-Dstyle.color=never", "package"], cwd=_JAVA, check=True)
    topic = "bench.streams"
    program = (java, "-cp", f"{_JAVA}/target/classes:{_JAVA}/target/lib/*", "bench.Updates")
    command = (*program, parts.kafka, _STREAMS, INBOX, topic, str(state))
    return Competitor("streams", command, _STREAMS, topic, 1)
