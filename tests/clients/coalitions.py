"""Coalitions that another maker's client founds, and which of them there are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tests.clients import Sent
from tests.inbox import consumed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.system import System

SOURCE: Final = b"urn:test:clients"


def founded(name: str, *more: tuple[bytes, bytes]) -> Sent:
    """A coalition is founded, with headers besides those of the event."""
    headers = [
        (b"ce_specversion", b"1.0"),
        (b"ce_source", SOURCE),
        (b"ce_id", name.encode()),
        (b"ce_type", b"coalition.membership.CoalitionFounded.v1"),
    ]
    body = json.dumps({"coalition": name, "name": f"Sent as {name}"}).encode()
    return Sent(body, [*headers, *more], b"clients")


async def named(coalition: System, names: Sequence[str]) -> list[str]:
    """Which of these coalitions there are."""
    await consumed(coalition)
    return [
        name
        for name in names
        if coalition.request("membership", "GET", f"/coalitions/{name}").is_success
    ]
