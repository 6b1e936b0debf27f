"""What runs beside the engine outlasts a store that is away, and no defect."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from pydantic import SecretStr
from pymongo.errors import AutoReconnect

from services.manifests import MANIFESTS
from services.notifications.domain.notifications.state import Interest, Interests
from services.notifications.mailbox import Mailbox
from services.notifications.sweeper import Sweeper
from shared.journal.store import Journal
from shared.kafka.producer import NotDelivered
from shared.outlasting import outlasted
from shared.service import Parts, build_of

SETTINGS: Final = {
    "token": SecretStr("a-token-of-tests"),
    "link_keys": SecretStr("k" * 40),
    "imap_host": "mail.example.org",
    "imap_username": "bounces",
    "imap_password": SecretStr("a-password-of-tests"),
    "mail_bounce_address": "bounces@example.org",
}


class Store:
    """A store, or a collection of it: whatever is asked, it raises."""

    def __init__(self, error: Exception) -> None:
        self.error, self.asked = error, 0

    def __getitem__(self, name: str) -> Store:
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._raise

    def _raise(self, *_: Any, **__: Any) -> Any:
        self.asked += 1
        raise self.error


class Turns(asyncio.Event):
    """A process that stops after some turns, and in which no wait takes any time."""

    left = 4

    async def wait(self) -> Any:
        await asyncio.sleep(0)
        self.left -= 1
        if self.left > 0:
            raise TimeoutError
        self.set()


class Folder:
    """A mailbox with one message, which no process has come to."""

    validity = 1

    def __init__(self, settings: object) -> None: ...

    def close(self) -> None: ...


def workers(store: Store) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for manifest in MANIFESTS.values():
        fields = manifest.settings.model_fields
        given: dict[str, Any] = {name: value for name, value in SETTINGS.items() if name in fields}
        database: Any = store
        publisher: Any = store
        settings = manifest.settings(**given)
        parts = Parts(settings, database, Journal(database), publisher, publisher)
        service = build_of(manifest)(parts)
        found |= {f"{manifest.name} {one.__qualname__}": one for one in service.workers}
    return found


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mailbox.__init__, "__defaults__", (Folder,))
    monkeypatch.setattr("shared.mongo._STOP.max_delay", 0)


def test_each_service_has_workers() -> None:
    assert len(workers(Store(AutoReconnect("away")))) > 12


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("name", [*workers(Store(AutoReconnect("away")))])
async def test_a_worker_outlasts_a_store_that_is_away(name: str) -> None:
    store = Store(AutoReconnect("away"))
    async with asyncio.timeout(10):
        await workers(store)[name](Turns())
    assert store.asked, "or it shows nothing"


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("name", [*workers(Store(AutoReconnect("away")))])
async def test_a_defect_ends_a_worker(name: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(10):
            await workers(Store(ZeroDivisionError()))[name](Turns())


async def test_a_kafka_that_is_away_is_outlasted_too() -> None:
    async def step(error: Exception | None) -> int:
        if error:
            raise error
        return 7

    away = NotDelivered("Kafka is away", delivered=0, unsure=True)
    assert await outlasted(step(away), Turns()) is None
    assert await outlasted(step(None), Turns()) == 7


class Queue:
    """Whose digest waits, and a Kafka that is away once."""

    away = True

    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def catch_up(self) -> None: ...

    async def gather(self) -> None: ...

    async def interests(self) -> Interests:
        return Interests(all=(Interest(id="ada"),))

    async def longest(self) -> Any:
        yield "ada", "daily", datetime(2026, 11, 1, tzinfo=UTC)

    async def send(self, some: list[Any]) -> None:
        if self.away:
            self.away = False
            raise NotDelivered("Kafka is away", delivered=0, unsure=False)
        self.sent += some


async def test_a_digest_that_could_not_be_said_to_be_due_is_said_by_the_next_sweep() -> None:
    queue: Any = Queue()
    sweeper = Sweeper(queue, queue, queue, queue, 1, lambda: datetime(2026, 11, 26, tzinfo=UTC))
    await sweeper.run(Turns())
    assert len(queue.sent) == 1, "and once"
