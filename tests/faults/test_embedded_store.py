"""What a service answered as accepted it knows after the embedded store was killed."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from embedded import mongodb, processes, readiness
from shared.kafka import topics
from tests.conftest import embedded_parts
from tests.parts import eventually
from tests.system import system

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.system import System

KILLS: Final = 4
PUBLISHERS: Final = 8
ACCEPTED: Final = 60


@pytest.fixture
async def membership(tmp_path: Path) -> AsyncIterator[System]:
    with embedded_parts(tmp_path) as parts, system(parts, tmp_path / "logs") as running:
        await topics.create_topics(parts.connection, ["plans"])  # nobody makes another's
        running.start("membership")
        await running.ready("membership")
        yield running


@pytest.mark.faults
async def test_what_was_answered_as_accepted_is_known_after_kills(
    membership: System, tmp_path: Path
) -> None:
    accepted: list[str] = []
    for _ in range(KILLS):
        with publishing(membership, accepted):
            goal = len(accepted) + ACCEPTED
            await eventually(lambda goal=goal: has(accepted, goal))  # type: ignore[misc]
            await kill_and_restart(tmp_path, membership.parts.mongodb)
    await membership.ready("membership")
    known = {entry["stream"] for entry in membership.journal("membership")}
    assert {f"coalitions/{name}" for name in accepted} - known == set()


async def has(some: list[str], size: int) -> bool:
    return len(some) >= size


@contextmanager
def publishing(membership: System, accepted: list[str]) -> Iterator[None]:
    """Found coalitions from several threads until the block ends."""
    over = threading.Event()

    def publish() -> None:
        while not over.is_set():
            name = f"c-{uuid.uuid4().hex}"
            if is_accepted(membership, {"coalition": name, "name": "Founded under load"}):
                accepted.append(name)

    with ThreadPoolExecutor(PUBLISHERS) as pool:
        for _ in range(PUBLISHERS):
            pool.submit(publish)
        try:
            yield
        finally:
            over.set()


def is_accepted(membership: System, data: dict[str, Any]) -> bool:
    path, wait = "/events/CoalitionFounded", {"Prefer": "wait=5"}
    try:
        answer = membership.request("membership", "POST", path, json=data, headers=wait)
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK and answer.json()["outcome"] == "accepted"


async def kill_and_restart(directory: Path, uri: str) -> None:
    note = directory / "processes.json"
    others = [s for s in processes.load(note) if s.name != "mongodb"]
    (store,) = (s for s in processes.load(note) if s.name == "mongodb")
    process = store.process()
    assert process
    process.kill()

    async def gone() -> bool:
        return store.process() is None

    async def answers() -> bool:
        return readiness.mongodb_answers(uri)

    await eventually(gone)
    port = int(uri.rpartition(":")[2].partition("/")[0])
    processes.start(
        "mongodb",
        mongodb.command(directory / "mongodb", "127.0.0.1", port),
        directory / "logs" / "mongodb.log",
        lambda started: processes.save(note, [*others, started]),
    )
    await eventually(answers)
