"""Membership's and notifications' HTTP in process, on parts that only look on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import httpx
from pydantic import SecretStr

from services.manifests import MANIFESTS
from services.notifications import api, on_request, recipients_api, subscribing
from shared.access import tokens
from shared.pipeline.breaker import Halt
from shared.pipeline.progress import Progress
from shared.settings import Settings
from shared.web import app as web
from shared.web import operating
from shared.web.health import Health
from shared.web.waiting import OutcomeWatcher

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fastapi import FastAPI

    from shared.kafka.producer import Outgoing
    from shared.manifest import Manifest

FOUNDED: Final = "coalition.membership.CoalitionFounded.v1"
PUBLISHERS: Final = f"""
[[publisher]]
name = "berlin"
sources = ["https://berlin.example/*", "urn:berlin"]
types = ["{FOUNDED}"]
coalitions = ["europe"]
"""
EUROPE: Final = {"coalition": "europe", "name": "Europe"}


class Parts:
    """The inbox, the journal and the store: what was sent where, and nothing that was decided."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    async def send(self, records: Sequence[Outgoing]) -> None:
        self.sent += records

    async def get(self, *_: str) -> list[Any]:
        return []

    async def page(self, *_: Any) -> dict[str, Any]:
        return {"items": [], "total": 0}

    async def resume(self) -> bool:
        return True

    async def subscriptions(self, *_: Any) -> dict[str, Any]:
        return {"items": [], "total": 0}

    async def find(self, _: Any) -> dict[str, Any]:
        return {}

    async def is_there(self, _: str) -> bool:
        return False

    async def suppressed(self, *_: Any) -> dict[str, Any]:
        return {"items": [], "total": 0}

    async def deliveries(self, *_: Any) -> dict[str, Any]:
        return {"items": [], "total": 0}

    async def erase(self, _: str) -> bool:
        return True

    async def release(self, _: str) -> bool:
        return True

    def ask(self) -> None:
        self.running, self.written, self.unreadable, self.published = True, 0, (), 0


class Service:
    """Notifications' and membership's routes in one application, and a client of it."""

    def __init__(
        self, folder: Path, manifest: Manifest = MANIFESTS["membership"], **more: Any
    ) -> None:
        parts: Any = Parts()
        self.parts = parts
        self.halt: Halt | None = None
        self.file = folder / "tokens.toml"
        self.file.write_text("")
        publishers = folder / "publishers.toml"
        publishers.write_text(PUBLISHERS)
        settings = Settings(
            **{
                "token": SecretStr("the-operators-token"),
                "tokens_file": self.file,
                "publishers_file": publishers,
                **more,
            }
        )
        state = Health(Progress(), halted=lambda: self.halt)
        self.app: FastAPI = web.build(
            manifest,
            settings,
            self.parts,
            self.parts,
            watcher=OutcomeWatcher(self.parts),
            state=state,
        )
        self.app.include_router(subscribing.routes(parts, parts, parts, parts, parts))
        self.app.include_router(api.routes(parts, parts))
        self.app.include_router(on_request.routes(parts, parts))
        self.app.include_router(recipients_api.bounces(None))
        self.app.include_router(recipients_api.suppressions(parts, parts))
        self.app.include_router(recipients_api.people(parts))
        self.app.include_router(operating.routes(self.parts, self.parts, self.parts))

    def token(self, *scopes: str, more: str = "") -> str:
        token = tokens.new()
        named = json.dumps(scopes)
        with self.file.open("a") as file:
            digest = tokens.digest_of(token)
            file.write(f'{scopes[0].replace(":", "-")} = {{ sha256 = "{digest}", scopes = {named}')
            file.write(f"{more} }}\n")
        return token

    async def ask(
        self, method: str, path: str, token: str = "", client: str = "192.0.2.1", **more: Any
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=(client, 1234))
        headers = {**more.pop("headers", {})}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as http:
            return await http.request(method, path, headers=headers, **more)


def event(source: str = "urn:berlin", **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "1",
        "source": source,
        "type": FOUNDED,
        "data": data or EUROPE,
    }
