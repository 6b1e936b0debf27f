"""The three services apart from those that all tests share, with topics and stores of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import httpx
from pymongo import MongoClient

from cli import client
from services.manifests import MANIFESTS
from shared.kafka.connection import Connection
from shared.kafka.group import Group
from tests.containers import free_port
from tests.system import SERVICES, System, environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from cli.endpoints import Endpoints
    from tests.parts import Parts


@dataclass(slots=True)
class Apart(System):
    """The services, and the mail catcher where their e-mails are.

    Attributes:
        prefix: begins the names of their topics, groups and databases.
    """

    prefix: str = field(default_factory=lambda: f"m{uuid.uuid4().hex[:8]}")

    @property
    def endpoints(self) -> Endpoints:
        return super(Apart, self).endpoints.model_copy(update={"prefix": self.prefix})

    @property
    def kafka(self) -> Connection:
        """Kafka, by the names that they have there."""
        return Connection(self.parts.kafka, prefix=self.prefix)

    def start(self, name: str, *crash: str, **settings: str) -> None:
        assert not crash, "these do not crash"
        with (self.logs / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", "tests.serving_soon", name],
                env={
                    **environment(self.parts, self.ports[name]),
                    "COALITION_PREFIX": self.prefix,
                    "COALITION_DATABASE": self.database(name),
                    **self.settings.get(name, {}),
                    **settings,
                },
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def database(self, name: str) -> str:
        """The name of a service's."""
        return f"{self.prefix}_{name}"

    def journal(self, service: str) -> list[dict[str, Any]]:
        with MongoClient[dict[str, Any]](self.parts.mongodb) as store:
            return list(store[self.database(service)]["journal"].find())

    async def publish(self, *events: tuple[str, dict[str, Any]]) -> None:
        """Publish events as anybody does, through Kafka, and wait until all is done."""
        lines = [
            json.dumps(
                {
                    "specversion": "1.0",
                    "id": uuid.uuid4().hex,
                    "source": "urn:test:apart",
                    "partitionkey": "apart",  # so that they are read in this order
                    "type": f"coalition.{type_}.v1",
                    "data": data,
                }
            ).encode()
            for type_, data in events
        ]
        await client.publish(self.endpoints, lines, lambda _: None)
        await self.settled()

    async def rewind(self, name: str) -> None:
        """Have a service that is down read all again from the beginning."""
        read = (source.topic for source in MANIFESTS[name].sources())
        group = Group(self.kafka, self.kafka.group(name), map(self.kafka.topic, read))
        # Without the mark of an installation, as of somebody who begins.
        await group.commit(dict.fromkeys(await group.partitions(), 0), "")

    async def e_mails(self, address: str) -> list[EmailMessage]:
        """What came for an address, as it is on the wire, the last first."""
        api = self.parts.messages.removesuffix("/messages")
        async with httpx.AsyncClient(base_url=api, timeout=30) as http:
            query = {"query": f'to:"{address}"'}
            listed = (await http.get("/search", params=query)).raise_for_status().json()
            raw = [await http.get(f"/message/{one['ID']}/raw") for one in listed["messages"]]
        return [message_from_bytes(one.content, policy=policy.default) for one in raw]

    async def subjects(self, address: str) -> list[str]:
        """What came for an address, without the welcome, by subject."""
        found = [one["Subject"] for one in await self.e_mails(address)]
        return sorted(one for one in found if not one.startswith(("Welcome", "Bienvenue")))


@contextmanager
def apart(parts: Parts, logs: Path, **notifications: str) -> Iterator[Apart]:
    """Start nothing yet; stop whatever was started in the end.

    Args:
        notifications: settings of that service, besides the usual ones.
    """
    ports = {name: free_port() for name in SERVICES}
    here = Apart(parts, logs, ports, settings={"notifications": notifications})
    try:
        yield here
    finally:
        for name in list(here.running):
            here.end(name)
