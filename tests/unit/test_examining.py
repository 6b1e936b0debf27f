"""`coalition doctor` names settings as they are, and says of each service and store what is so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from cli import examining
from cli.endpoints import Endpoints
from services.manifests import MANIFESTS
from shared import mongo
from shared.settings import Settings

if TYPE_CHECKING:
    from cli.examining import Row

RELEASE: Final = metadata.version("coalition")
READY: Final = {"assigned": True, "kafka": True, "store": True, "halted": None}
HALTED: Final = {"code": "store-behind", "remedy": "connect the right database"}


@pytest.mark.parametrize("service", MANIFESTS)
async def test_a_service_that_does_not_answer_is_named_by_its_setting(service: str) -> None:
    setting = f"{service}_url"
    where = Endpoints.model_validate({setting: "http://127.0.0.1:9"})
    (row,) = await examining._answer(where, service)  # noqa: SLF001 - the rest asks Kafka and the store
    assert row.text.startswith(f"COALITION_{setting.upper()}: http://127.0.0.1:9 does not answer")
    assert setting in Endpoints.model_fields


async def said(
    monkeypatch: pytest.MonkeyPatch,
    *,
    ready: httpx.Response | None = None,
    release: str = RELEASE,
    ahead: float = 0,
    token: int = 200,
) -> list[Row]:
    """What is said of plans, by what it answers."""
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
    answers = {
        "/healthz": httpx.Response(200, json={"release": release}, headers={"Date": date}),
        "/readyz": ready or httpx.Response(200, json=READY),
        "/rejected": httpx.Response(token, json={}),
    }
    transport = httpx.MockTransport(lambda request: answers[request.url.path])
    client = partial(httpx.AsyncClient, transport=transport)
    monkeypatch.setattr(httpx, "AsyncClient", client)
    where = Endpoints.model_validate({"token": "a token of ours"})
    return await examining._answer(where, "plans")  # noqa: SLF001 - as above


async def test_of_a_service_that_is_well_nothing_else_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await said(monkeypatch) == [examining.Row("ok", "plans is ready")]
    assert len(await said(monkeypatch, ahead=20)) == 1, "what clocks may differ by"


@pytest.mark.parametrize(
    ("answers", "state", "text"),
    [
        (
            {"ready": httpx.Response(503, json={**READY, "halted": HALTED})},
            "wrong",
            "plans is halted (store-behind): connect the right database",
        ),
        (
            {"ready": httpx.Response(503, json={**READY, "kafka": False})},
            "wrong",
            "plans is not ready (kafka: no): its log says more",
        ),
        (
            {"ready": httpx.Response(502, text="somebody else")},
            "wrong",
            "COALITION_PLANS_URL: no service of ours answers (502)",
        ),
        (
            {"token": 401},
            "wrong",
            "COALITION_TOKEN: plans does not take this token for what operators do (401)",
        ),
        (
            {"release": "0.0.9"},
            "advice",
            f"plans is release 0.0.9, and this command {RELEASE}",
        ),
        (
            {"ready": httpx.Response(200, json={**READY, "webhooks": {"stopped": {"h": "410"}}})},
            "wrong",
            "the webhook h is stopped (410): mend its receiver, then `coalition webhooks resume h`",
        ),
        (
            {"ready": httpx.Response(200, json={**READY, "webhooks": {"failing": ["h"]}})},
            "advice",
            "the webhook h takes nothing: `coalition webhooks show h` says why",
        ),
    ],
)
async def test_what_is_not_well_with_a_service_is_a_line_of_its_own(
    monkeypatch: pytest.MonkeyPatch, answers: dict[str, Any], state: str, text: str
) -> None:
    (line,) = [row for row in await said(monkeypatch, **answers) if row.state != "ok"]
    assert (line.state, line.text) == (state, text)


@pytest.mark.parametrize(("ahead", "side"), [(90, "ahead of"), (-90, "behind")])
async def test_a_clock_that_differs_is_told_of_a_service_and_of_the_store(
    monkeypatch: pytest.MonkeyPatch, ahead: float, side: str
) -> None:
    now = datetime.now(UTC) + timedelta(seconds=ahead)
    answers = {"hello": {"localTime": now.replace(tzinfo=None)}, "buildInfo": {"version": "8.2.1"}}
    monkeypatch.setattr(mongo, "connect", lambda *_, **__: Store(answers))
    of_the_store = await examining._store_in_depth(Settings())  # noqa: SLF001 - the rest asks a real one
    texts = [row.text for row in (*await said(monkeypatch, ahead=ahead), *of_the_store)]
    for whose in ("plans", "the store"):
        (line,) = [one for one in texts if one.startswith(f"the clock of {whose} is ")]
        assert f" s {side} ours" in line
    assert "the store is MongoDB 8.2.1" in texts
    assert any("no replica set" in text for text in texts)


class Store:
    """A server that answers two commands."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.admin, self._answers = self, answers

    async def command(self, name: str) -> Any:
        return self._answers[name]

    async def close(self) -> None:
        pass
