"""The embedded store is killed under load: what it acknowledged is there when it comes back."""

from __future__ import annotations

import asyncio
import subprocess
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from embedded import mongodb
from shared import mongo
from shared.domain.stream import Stream
from shared.journal.entry import Entry, Key, Origin, Outcome
from shared.journal.store import Journal
from tests.containers import free_port
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

HOST: Final = "127.0.0.1"
WRITERS: Final = 8
KILLS: Final = 3
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Store:
    """The store's process, which can be killed and started again on its data."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = mongodb.command(self.folder / "data", HOST, self.port)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()


@asynccontextmanager
async def store(folder: Path) -> AsyncIterator[Store]:
    here = Store(folder)
    here.start()
    try:
        yield here
    finally:
        here.kill()


async def test_what_was_acknowledged_survives_a_kill_of_the_embedded_store(tmp_path: Path) -> None:
    acknowledged: list[Key] = []

    async def write(writer: int) -> None:
        for version in range(1, 10_000):
            key = Key(f"urn:test:{writer}", str(version))
            stream, origin = Stream("notes", str(writer)), Origin("topic", writer, version)
            entry = Entry(key, stream, version, Outcome.UNCHANGED, NOW, "digest", origin)
            await journal.append([entry])
            acknowledged.append(key)

    async def some_more() -> bool:
        return len(acknowledged) >= enough

    async with (
        store(tmp_path) as here,
        mongo.connect(mongodb.uri(HOST, here.port), "test") as client,
    ):
        journal = Journal(client["durability"]["journal"])
        await journal.prepare()
        writers = [asyncio.create_task(write(writer)) for writer in range(WRITERS)]
        for _ in range(KILLS):
            enough = len(acknowledged) + 200
            await eventually(some_more)
            here.kill()
            before = list(acknowledged)
            here.start()
            found = await journal.find(before)
            assert [key for key in before if key not in found] == []
        for task in writers:
            task.cancel()
        await asyncio.wait(writers)
