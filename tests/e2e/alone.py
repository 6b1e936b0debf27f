"""One service with a prefix of its own, and perhaps another database each time it is started."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
from pymongo import MongoClient

from services.membership.manifest import MANIFEST
from shared.contracts import catalogue
from shared.kafka import topics
from shared.kafka.connection import Connection
from shared.kafka.group import Group
from shared.kafka.producer import Outgoing, Publisher
from shared.publishers import Publishers
from tests.containers import free_port
from tests.inbox import record
from tests.parts import Parts, eventually
from tests.system import TOKEN, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

COALITION: Final = Path(sys.executable).parent / "coalition"
INBOX: Final = catalogue.inbox("membership")


@dataclass(slots=True)
class Installation:
    """Membership with its own prefix, and perhaps another database each time it is started."""

    parts: Parts
    logs: Path
    prefix: str = field(default_factory=lambda: f"i{uuid.uuid4().hex[:8]}")
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def kafka(self) -> Connection:
        return Connection(self.parts.kafka, prefix=self.prefix)

    @property
    def group(self) -> Group:
        file = self.settings.get("COALITION_PUBLISHERS_FILE")
        publishers = Publishers.load(Path(file)) if file else Publishers()
        read = (source.topic for source in MANIFEST.sources(publishers))
        return Group(self.kafka, self.kafka.group("membership"), map(self.kafka.topic, read))

    def database(self, name: str = "first") -> str:
        return f"{self.prefix}_{name}"

    @property
    def log(self) -> Path:
        return self.logs / f"{self.prefix}.log"

    def start(self, database: str = "first", **settings: str) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services", "membership"],
                env={
                    **environment(self.parts, self.port),
                    "COALITION_PREFIX": self.prefix,
                    "COALITION_DATABASE": self.database(database),
                    **self.settings,
                    **settings,
                },
                stdout=log,
                stderr=log,
            )

    def end(self) -> int:
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def ask(self, method: str, path: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return httpx.request(method, f"http://127.0.0.1:{self.port}{path}", headers=headers)

    async def ready(self) -> None:
        async def answers() -> bool:
            assert self.process
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            try:
                return self.ask("GET", "/readyz").is_success
            except httpx.HTTPError:
                return False

        await eventually(answers)

    async def halted(self) -> dict[str, Any]:
        """Wait until it says that it must not read, and give what it says."""
        found: list[dict[str, Any]] = []

        async def says_so() -> bool:
            try:
                answer = self.ask("GET", "/readyz")
            except httpx.HTTPError:
                return False
            if answer.status_code == 503 and answer.json()["halted"]:
                found.append(answer.json()["halted"])
            return bool(found)

        await eventually(says_so)
        return found[0]

    async def produce(self, *records: Outgoing) -> None:
        publisher = Publisher(self.kafka)
        try:
            await publisher.send(records)
        finally:
            await publisher.stop()

    async def read_all(self) -> None:
        """Wait until it has committed all there is."""

        async def has_read() -> bool:
            partitions = await self.group.partitions()
            committed = await self.group.committed(partitions)
            extents = await self.group.extents(partitions)
            return all(committed[tp].offset == extents[tp].end for tp in partitions)

        await eventually(has_read)

    def coalition(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COALITION, *arguments],
            env={
                **os.environ,
                "COALITION_KAFKA": self.parts.kafka,
                "COALITION_PREFIX": self.prefix,
                "COALITION_MEMBERSHIP_URL": f"http://127.0.0.1:{self.port}",
                "COALITION_TOKEN": TOKEN,
                "COALITION_DIRECTORY": str(self.logs),
                **{k: v for k, v in self.settings.items() if k == "COALITION_PUBLISHERS_FILE"},
                **settings,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def decided(self, database: str = "first") -> set[str]:
        """The coalitions that a store knows."""
        with MongoClient[dict[str, Any]](self.parts.mongodb) as client:
            found = client[self.database(database)]["journal"].find({"outcome": "accepted"})
            return {one["stream"].partition("/")[2] for one in found}


@contextmanager
def installation(parts: Parts, logs: Path) -> Iterator[Installation]:
    """One whose other service is not there; its topics are, since nobody makes another's."""
    here = Installation(parts, logs)
    with ThreadPoolExecutor(1) as aside:  # there may be a loop in this thread
        aside.submit(asyncio.run, topics.create_topics(here.kafka, ["plans"])).result()
    try:
        yield here
    finally:
        if here.process and here.process.poll() is None:
            here.end()


def founded(*names: str, key: bytes | None = None) -> list[Outgoing]:
    """The founding of coalitions, each keyed by its name where no key is given."""
    return [
        record("CoalitionFounded", {"coalition": name, "name": name}, key=key or name.encode())
        for name in names
    ]
