"""The three services as processes on the given parts, and an outside client of theirs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import httpx
from pydantic import SecretStr
from pymongo import MongoClient

from cli import kafka
from cli.client import GROUPS, is_settled
from cli.endpoints import Endpoints
from services.manifests import MANIFESTS
from shared.kafka.producer import Outgoing, Publisher
from tests.containers import free_port
from tests.parts import Parts, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SERVICES: Final = tuple(MANIFESTS)
TOKEN: Final = "test-token"
LINK_KEY: Final = "a-key-of-tests-that-signs-links-0123456789"


def environment(parts: Parts, port: int) -> dict[str, str]:
    """What a service process is told of where it runs."""
    return {
        **os.environ,
        "COALITION_KAFKA": parts.kafka,
        "COALITION_MONGODB": parts.mongodb,
        "COALITION_HTTP_PORT": str(port),
        "COALITION_TOKEN": TOKEN,
        # All tests come from one address.
        "COALITION_HTTP_PER_MINUTE_PER_ADDRESS": "1000000",
        "COALITION_HTTP_PER_MINUTE_PER_TOKEN": "1000000",
        "COALITION_SMTP_HOST": parts.smtp_host,
        "COALITION_SMTP_PORT": str(parts.smtp_port),
        "COALITION_SWEEP_SECONDS": "1",
        "COALITION_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "COALITION_LINK_KEYS": LINK_KEY,
        # Receivers of tests are on this machine.
        "COALITION_WEBHOOK_HTTP": "true",
        "COALITION_WEBHOOK_NETWORKS": "127.0.0.0/8",
        "COALITION_WEBHOOK_ANSWER_SECONDS": "5",
    }


@dataclass(slots=True)
class System:
    """The services under test.

    Attributes:
        settings: more of them, by service.
    """

    parts: Parts
    logs: Path
    ports: dict[str, int]
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def endpoints(self) -> Endpoints:
        urls = {f"{name}_url": f"http://127.0.0.1:{port}" for name, port in self.ports.items()}
        where: dict[str, Any] = {"kafka": self.parts.kafka, **urls}
        return Endpoints(token=SecretStr(TOKEN), **where)

    def start(self, name: str, *crash: str, **settings: str) -> None:
        """Start a service; one that is to crash at a moment, see `tests.faults.crashing`."""
        module = "tests.faults.crashing" if crash else "services"
        with (self.logs / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", module, name, *crash],
                env={
                    **environment(self.parts, self.ports[name]),
                    **self.settings.get(name, {}),
                    **settings,
                },
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def end(self, name: str, how: signal.Signals = signal.SIGTERM) -> int:
        process = self.running.pop(name)
        process.send_signal(how)
        return process.wait(timeout=60)

    async def ready(self, name: str, seconds: float = 180) -> None:
        async def answers() -> bool:
            try:
                async with httpx.AsyncClient() as client:
                    url = f"http://127.0.0.1:{self.ports[name]}/readyz"
                    return (await client.get(url)).is_success
            except httpx.HTTPError:
                return False

        await eventually(answers, seconds)

    async def settled(self) -> None:
        async def nothing_on_its_way() -> bool:
            return await is_settled(self.endpoints)

        await eventually(nothing_on_its_way, 90)

    async def lag(self, name: str) -> int:
        group = f"coalition.{name}"
        return (await kafka.lags(self.parts.connection, {group: GROUPS[group]}))[group]

    async def produce(self, *records: Outgoing) -> None:
        publisher = Publisher(self.parts.connection)
        await publisher.start()
        try:
            await publisher.send(records)
        finally:
            await publisher.stop()

    def request(self, service: str, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}", **more.pop("headers", {})}
        url = f"http://127.0.0.1:{self.ports[service]}{path}"
        return httpx.request(method, url, headers=headers, timeout=40, **more)

    def journal(self, service: str) -> list[dict[str, Any]]:
        client: MongoClient[dict[str, Any]] = MongoClient(self.parts.mongodb)
        with client:
            return list(client[f"coalition_{service}"]["journal"].find())


@contextmanager
def system(
    parts: Parts, logs: Path, settings: Mapping[str, Mapping[str, str]] = MappingProxyType({})
) -> Iterator[System]:
    """Start nothing yet; stop whatever was started in the end."""
    here = System(parts, logs, {name: free_port() for name in SERVICES}, settings=settings)
    try:
        yield here
    finally:
        for name in list(here.running):
            here.end(name)
