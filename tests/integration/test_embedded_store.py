"""What the embedded store acknowledged to a client of the services, it keeps at kill -9."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import psutil
import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from embedded import mongodb, processes, readiness
from shared.mongo import connect
from tests.containers import free_port
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterator
    from pathlib import Path

    from pymongo import WriteConcern

    from embedded.processes import Started

ROUNDS: Final = 4
WRITERS: Final = 8
WRITES: Final = 300
TEXT: Final = "a decision of a city council " * 10
# A writer ends with the store, and does not wait for it to come back.
GIVES_UP: Final[dict[str, Any]] = {"retryWrites": False, "serverSelectionTimeoutMS": 1000}


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
    async with connect(store.uri, "test") as client:
        durable = client.write_concern  # as the services have it
    for number in range(ROUNDS):
        await store.start()
        before = len(acknowledged)
        with writing(store.uri, durable, number, acknowledged):
            await eventually(grown(acknowledged, before + WRITES))
            await store.kill()
    await store.start()
    with MongoClient[dict[str, Any]](store.uri) as reader:
        kept = {entry["_id"] for entry in reader.durability.entries.find({}, {"_id": 1})}
    assert acknowledged - kept == set()


def grown(some: Collection[object], size: int) -> Callable[[], Awaitable[bool]]:
    async def has() -> bool:
        return len(some) >= size

    return has


@contextmanager
def writing(uri: str, durable: WriteConcern, number: int, acknowledged: set[str]) -> Iterator[None]:
    """Write from several threads, each until the store dies or the block ends."""
    over = threading.Event()

    def write(writer: int) -> None:
        with MongoClient[dict[str, Any]](uri, **GIVES_UP) as client:
            entries = client.durability.entries.with_options(write_concern=durable)
            for n in itertools.takewhile(lambda _: not over.is_set(), itertools.count()):
                entry = f"{number}-{writer}-{n}"
                try:
                    entries.insert_one({"_id": entry, "text": TEXT})
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
