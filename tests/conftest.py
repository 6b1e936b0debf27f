"""Which real parts the tests run on: containers where Docker answers, else the embedded lane."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from embedded import lane
from tests import containers
from tests.parts import Parts
from tests.system import SERVICES, System, system

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

# How long an example takes says how busy the machine is.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")

REQUIRED = bool(os.environ.get("COALITION_REQUIRE_DOCKER"))


def on_docker() -> bool:
    if os.environ.get("COALITION_TEST_LANE") == "embedded":
        return False
    return REQUIRED or containers.docker_answers()


def pytest_report_header() -> str:
    return f"real parts: {'containers (Docker)' if on_docker() else 'the embedded lane'}"


@contextmanager
def embedded_parts(directory: Path) -> Iterator[Parts]:
    ports = dict.fromkeys(lane.PORTS, 0)
    where = lane.up(lane.Options(directory, ports=ports), lambda _: None)
    host, port = where["smtp"].split(":")
    try:
        yield Parts(
            where["kafka"],
            where["mongodb"],
            host,
            int(port),
            f"{where['mailpit_url']}/api/messages",
        )
    finally:
        lane.down(directory)


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    if on_docker():
        with containers.start() as started:
            yield started
    else:
        with embedded_parts(tmp_path_factory.mktemp("lane")) as started:
            yield started


@pytest.fixture(scope="session")
async def coalition(
    parts: Parts, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[System]:
    """The three services, running, shared by all tests that use them; each uses ids of its own."""
    with system(parts, tmp_path_factory.mktemp("logs")) as running:
        for name in SERVICES:
            running.start(name)
        for name in SERVICES:
            await running.ready(name)
        yield running
