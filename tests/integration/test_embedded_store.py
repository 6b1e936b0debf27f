"""What the embedded store acknowledged as the services ask it to, it keeps at kill -9."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import psutil
import pytest
from pymongo import MongoClient, WriteConcern
from pymongo.errors import PyMongoError

from embedded import mongodb, processes, readiness
from tests.containers import free_port
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterator
    from pathlib import Path

    from embedded.processes import Started

ROUNDS: Final = 4
WRITERS: Final = 8
WRITES: Final = 300
# As the services write. The journal is what counts here: without it, each kill loses the last
# write of most writers.
DURABLE: Final = WriteConcern(w="majority", j=True)
TEXT: Final = "a decision of a city council " * 10


class Store:
    """The store as a process that can be killed, always on the same port and data."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self.uri = mongodb.uri("127.0.0.1", self._port)
        self.running: list[Started] = []

    async def start(self) -> None:
        command = mongodb.command(self._folder / "data", "127.0.0.1", self._port)
        processes.start("mongodb", command, self._folder / "log", self.running.append)
        await eventually(self._answers)

    async def kill(self) -> None:
        psutil.Process(self.running[-1].pid).kill()
        await eventually(self._is_gone)

    async def _answers(self) -> bool:
        assert self.running[-1].process(), processes.tail(self._folder / "log")
        return readiness.mongodb_answers(self.uri)

    async def _is_gone(self) -> bool:
        return self.running[-1].process() is None


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    one = Store(tmp_path)
    yield one
    processes.stop(one.running)


async def test_what_was_acknowledged_survives_kill_9_under_load(store: Store) -> None:
    acknowledged: set[str] = set()
    for number in range(ROUNDS):
        await store.start()
        before = len(acknowledged)
        with writing(store.uri, number, acknowledged):
            await eventually(grown(acknowledged, before + WRITES))
            await store.kill()
    await store.start()
    with MongoClient[dict[str, Any]](store.uri) as client:
        kept = {entry["_id"] for entry in client.durability.entries.find({}, {"_id": 1})}
    assert acknowledged - kept == set()


def grown(some: Collection[object], size: int) -> Callable[[], Awaitable[bool]]:
    async def has() -> bool:
        return len(some) >= size

    return has


@contextmanager
def writing(uri: str, number: int, acknowledged: set[str]) -> Iterator[None]:
    """Write from several threads until the block ends or the store does."""
    over = threading.Event()

    def write(writer: int) -> None:
        with MongoClient[dict[str, Any]](uri, retryWrites=False) as client:
            entries = client.durability.entries.with_options(write_concern=DURABLE)
            for n in itertools.takewhile(lambda _: not over.is_set(), itertools.count()):
                try:
                    entries.insert_one({"_id": (entry := f"{number}-{writer}-{n}"), "text": TEXT})
                except PyMongoError:
                    return  # not acknowledged, or it is not known
                acknowledged.add(entry)

    with ThreadPoolExecutor(WRITERS) as pool:
        for writer in range(WRITERS):
            pool.submit(write, writer)
        try:
            yield
        finally:
            over.set()
