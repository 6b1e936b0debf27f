"""Each scenario has a world of its own; their figures are one table."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.conftest import embedded_parts, on_docker
from tests.faults import figures
from tests.faults.world import World, in_containers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A Kafka and a store for one scenario alone; they can be killed where Docker answers."""
    if on_docker():
        with in_containers(tmp_path) as here:
            async with here.connected():
                yield here
    else:
        with embedded_parts(tmp_path / "lane") as parts:
            async with World(parts, tmp_path, session_ms=6000).connected() as here:
                yield here


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    figures.show()
    has_all = "WRITE_TABLE" in os.environ
    if has_all and not terminalreporter.stats.keys() & {"failed", "error", "skipped"}:
        figures.write("make faults")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # aiokafka can leave a socket to the collector when a broker dies while it connects, and here
    # brokers are killed on purpose; everywhere else such a warning stays an error.
    ignored = "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
    for item in items:
        if item.get_closest_marker("faults"):
            item.add_marker(pytest.mark.filterwarnings(ignored))
