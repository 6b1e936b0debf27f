"""A fourth service takes a manifest and its own rooms, and not a line elsewhere."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from cli import kafka
from shared.contracts import catalogue
from tests.containers import free_port
from tests.parts import eventually
from tests.system import TOKEN, environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.parts import Parts


@contextmanager
def running(parts: Parts, port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.toy"],
            env=environment(parts, port),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0, log.read_text()


@pytest.fixture
def url(parts: Parts, tmp_path: Path) -> Iterator[str]:
    port = free_port()
    with running(parts, port, tmp_path / "doors.log"):
        yield f"http://127.0.0.1:{port}"


def send(url: str, kind: str, door: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {TOKEN}", "Prefer": "wait=20"}
    return httpx.post(f"{url}/events/{kind}", json={"door": door}, headers=headers, timeout=40)


def get(url: str) -> httpx.Response:
    return httpx.get(url, timeout=20)


async def test_it_decides_publishes_and_remembers(parts: Parts, url: str) -> None:
    async def is_ready() -> bool:
        try:
            return get(f"{url}/readyz").is_success
        except httpx.HTTPError:
            return False

    await eventually(is_ready)
    assert send(url, "DoorClosed", "front").status_code == 409
    assert send(url, "DoorOpened", "front").json()["outcome"] == "accepted"
    assert send(url, "DoorOpened", "front").json()["outcome"] == "unchanged"
    assert send(url, "DoorClosed", "front").json()["outcome"] == "accepted"
    history: list[dict[str, Any]] = get(f"{url}/doors/front/history").json()["items"]
    outcomes = [entry["outcome"] for entry in history]
    assert outcomes == ["rejected", "accepted", "unchanged", "accepted"]
    published = await kafka.read_all(parts.connection, catalogue.events("doors"))
    assert [record.key for record in published] == [b"front", b"front"]
