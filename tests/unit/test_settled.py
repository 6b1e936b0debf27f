"""When nothing is on its way any more: what waits for the end of the night is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cli import client, kafka
from cli.endpoints import Endpoints

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("queued", "sending", "settled"),
    [
        ([], 0, True),
        ([], 1, False),
        ([-HOUR], 0, False),
        ([HOUR], 0, True),
        ([HOUR, -HOUR], 0, False),
    ],
)
async def test_an_e_mail_that_is_not_due_yet_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch, queued: list[timedelta], sending: int, *, settled: bool
) -> None:
    async def nothing(*_: Any) -> dict[str, Any]:
        return {}

    async def summary(_: str) -> dict[str, int]:
        return {"queued": len(queued), "sending": sending}

    async def pages(_: str, headers: object, **where: str) -> AsyncIterator[dict[str, str]]:
        assert headers == {}
        assert where == {"state": "queued"}
        for one in queued:
            yield {"due": (datetime.now(UTC) + one).isoformat().replace("+00:00", "Z")}

    monkeypatch.setattr(kafka, "standings", nothing)
    monkeypatch.setattr(client, "get", summary)
    monkeypatch.setattr(client, "pages", pages)
    assert await client.is_settled(Endpoints()) == settled
