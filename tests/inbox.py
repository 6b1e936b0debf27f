"""What tests send to membership's inbox, and what became of it."""

from __future__ import annotations

import json
import uuid
from typing import Any

from cli.report import rejections
from shared import cloudevents
from shared.contracts import catalogue
from shared.kafka.producer import Outgoing
from tests.parts import eventually
from tests.system import System

SOURCE = "urn:test:bad"
INBOX = catalogue.inbox("membership")


def record(
    name: str, data: Any, id_: str | None = None, *, key: bytes = b"same-partition"
) -> Outgoing:
    headers = cloudevents.binary_headers(
        source=SOURCE,
        id_=id_ or str(uuid.uuid4()),
        type_=f"coalition.membership.{name}.v1",
    )
    return Outgoing(INBOX, key, json.dumps(data).encode(), headers)


def raw(value: bytes | None, *headers: tuple[str, bytes]) -> Outgoing:
    return Outgoing(INBOX, b"same-partition", value, list(headers))


def member(name: str) -> dict[str, str]:
    return {"name": name, "country": "DE", "kind": "city"}


async def reasons(coalition: System) -> list[str]:
    found = await rejections(coalition.endpoints, "membership")
    return [dict(r.headers)["coalition-rejected-reason"].decode() for r in found.values()]


async def consumed(coalition: System) -> None:
    async def read() -> bool:
        return await coalition.lag("membership") == 0

    await eventually(read)
