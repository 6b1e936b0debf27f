"""Each scenario has a world of its own; their figures are one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import embedded_parts, on_docker
from tests.faults import figures
from tests.faults.world import World, in_containers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A Kafka and a store for one scenario alone; they can be killed where Docker answers."""
    if on_docker():
        with in_containers(tmp_path) as here:
            yield here
    else:
        with embedded_parts(tmp_path / "lane") as parts:
            yield World(parts, tmp_path, session_ms=6000)


def pytest_terminal_summary() -> None:
    figures.show()
