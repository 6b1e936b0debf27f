"""What HTTP answers while Kafka or the store is away, and what the probes say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
from pydantic import SecretStr
from pymongo.errors import ServerSelectionTimeoutError

from services.manifests import MANIFESTS
from shared.kafka.producer import NotDelivered
from shared.pipeline.breaker import Halt
from shared.pipeline.progress import Progress
from shared.settings import Settings
from shared.web import app as web
from shared.web.health import Health
from shared.web.waiting import OutcomeWatcher

if TYPE_CHECKING:
    from fastapi import FastAPI

SETTINGS: Final = Settings(token=SecretStr("a-token-of-tests"))
FOUNDED: Final = {"coalition": "c-away", "name": "Away"}


@dataclass(slots=True)
class Away:
    """A publisher whose Kafka is away, or a journal whose store is."""

    error: Exception
    sent: list[Any] = field(default_factory=list)

    async def send(self, records: list[Any]) -> None:
        self.sent += records
        raise self.error

    async def get(self, *_: str) -> None:
        raise self.error


def application(error: Exception, progress: Progress | None = None, **more: Any) -> FastAPI:
    away: Any = Away(error)
    watcher = OutcomeWatcher(away)
    progress = progress or Progress()
    manifest = MANIFESTS["membership"]
    state = Health(progress, **more)
    app = web.build(manifest, SETTINGS, away, away, watcher=watcher, state=state)

    @app.get("/raises")
    async def raises() -> None:
        raise error

    return app


async def ask(app: FastAPI, method: str, path: str, **more: Any) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    headers = {"Authorization": "Bearer a-token-of-tests"}
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        return await client.request(method, path, headers=headers, **more)


@pytest.mark.parametrize(
    ("unsure", "taken", "said"),
    [(True, "unknown", "it may have been taken"), (False, "no", "nothing of it was taken")],
)
async def test_a_publisher_learns_whether_kafka_may_have_its_event(
    *, unsure: bool, taken: str, said: str
) -> None:
    error = NotDelivered("Kafka gave no answer in 5 s", delivered=0, unsure=unsure)
    answer = await ask(application(error), "POST", "/events/CoalitionFounded", json=FOUNDED)
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    body = answer.json()
    assert (body["taken"], said in body["detail"]) == (taken, True)
    # Whoever named no id can send it again under this one.
    assert body["id"] in body["href"]


async def test_of_a_large_import_the_first_part_may_be_there() -> None:
    error = NotDelivered("Kafka gave no answer in 5 s", delivered=2000, unsure=True)
    answer = await ask(application(error), "GET", "/raises")
    assert answer.status_code == 503
    assert "the first 2000 events were taken, of the others some may have been" in answer.text
    assert answer.json()["delivered"] == 2000
    assert "retry-after" in answer.headers


async def test_a_store_that_is_away_is_no_error_of_ours() -> None:
    answer = await ask(application(ServerSelectionTimeoutError("db:27017")), "GET", "/events/a/b")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "retry-after" in answer.headers
    assert "27017" not in answer.text


async def readiness(progress: Progress, **more: Any) -> tuple[int, dict[str, Any]]:
    answer = await ask(application(Exception(), progress, **more), "GET", "/readyz")
    return answer.status_code, answer.json()


def working() -> Progress:
    progress = Progress(assigned=True)
    progress.heard(datetime.now(UTC))
    return progress


async def test_a_service_that_works_is_ready() -> None:
    status, body = await readiness(working())
    assert (status, body["halted"], body["kafka"], body["store"]) == (200, None, True, True)


async def test_a_wall_clock_that_was_put_back_hides_no_silence() -> None:
    progress = Progress(assigned=True)
    progress.polled = datetime.now(UTC) + timedelta(hours=1)
    status, body = await readiness(progress)
    assert (status, body["kafka"]) == (503, False)


async def test_a_store_that_is_silent_makes_a_service_unready() -> None:
    status, body = await readiness(working(), store_age=lambda: 16.0)
    assert (status, body["store"], body["kafka"]) == (503, False, True)


async def test_a_halt_says_what_it_is_and_what_to_run() -> None:
    since = datetime(2026, 1, 2, tzinfo=UTC)
    halt = Halt("offsets are ahead", since, "store-behind", "coalition consumer reread membership")
    status, body = await readiness(working(), halted=lambda: halt)
    assert status == 503
    assert body["halted"] == {
        "code": "store-behind",
        "reason": "offsets are ahead",
        "since": "2026-01-02T00:00:00+00:00",
        "remedy": "coalition consumer reread membership",
        "stops": True,
    }


async def test_a_halted_inbox_is_named_and_the_service_is_ready_for_the_others() -> None:
    progress = working()
    progress.inboxes = {
        "inbox.berlin": Halt("most were rejected", datetime(2026, 1, 2, tzinfo=UTC))
    }
    status, body = await readiness(progress)
    assert (status, body["halted"]) == (200, None)
    assert body["inboxes"]["inbox.berlin"]["reason"] == "most were rejected"
    assert "coalition consumer resume" in body["inboxes"]["inbox.berlin"]["remedy"]
