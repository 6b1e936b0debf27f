"""Waiting for outcomes: told when reading shows them, by the engine here or by one question."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
from aiokafka import TopicPartition
from pydantic import SecretStr
from pymongo.errors import AutoReconnect, OperationFailure

from services.manifests import MANIFESTS
from shared.domain.stream import Stream
from shared.journal.entry import Entry, Key, Origin, Outcome
from shared.pipeline.progress import Progress
from shared.settings import Settings
from shared.web import app as web
from shared.web.health import Health
from shared.web.problems import Problem
from shared.web.waiting import OutcomeWatcher
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from shared.kafka.producer import Outgoing

SOURCE: Final = "urn:test"
DIGEST: Final = "digest"
PARTITION: Final = TopicPartition("topic", 0)


def entry(
    id_: str,
    digest: str = DIGEST,
    about: Key | None = None,
    outcome: Outcome = Outcome.ACCEPTED,
) -> Entry:
    return Entry(
        Key(SOURCE, id_),
        stream=Stream("notes", "a"),
        version=1,
        outcome=outcome,
        recorded=datetime(2026, 1, 1, tzinfo=UTC),
        digest=digest,
        origin=Origin("topic", 0, 1),
        about=about,
    )


@dataclass
class Journal:
    """What other replicas have appended, and how often it was asked for."""

    entries: list[Entry] = field(default_factory=list)
    asked: list[Mapping[Key, Iterable[str | None]]] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    written: dict[TopicPartition, int] = field(default_factory=lambda: {PARTITION: 2})

    async def outcomes(self, wanted: Mapping[Key, Iterable[str | None]]) -> list[Entry]:
        self.asked.append(wanted)
        if self.failures:
            raise self.failures.pop()
        return [e for e in self.entries if (e.about or e.key) in wanted]

    async def get(self, source: str, id_: str) -> list[Entry]:
        return [e for e in self.entries if e.key == Key(source, id_)]

    async def up_to(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return {tp: self.written[tp] for tp in partitions if tp in self.written}


def watching(journal: Journal, max_waiting: int = 500) -> OutcomeWatcher:
    checked: Any = journal  # it asks no more of it
    return OutcomeWatcher(checked, journal.up_to, max_waiting)


@asynccontextmanager
async def at_work(watcher: OutcomeWatcher) -> AsyncIterator[asyncio.Event]:
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(watcher.work(stopping))
        yield stopping
        stopping.set()


@pytest.mark.parametrize("of_another", [None, Key(SOURCE, "1")])
async def test_the_engine_wakes_who_waits_for_what_it_appended(of_another: Key | None) -> None:
    watcher = watching(Journal())
    with watcher.waiting(SOURCE, "1", DIGEST) as waiter:
        wanted = entry("2" if of_another else "1", about=of_another)
        watcher.notify([entry("3"), entry("1", digest="other data"), wanted, wanted])
        watcher.written({PARTITION: 2})
        assert await waiter.outcome(10) == wanted


async def test_an_outcome_is_told_when_it_can_be_read_and_not_before() -> None:
    watcher = watching(Journal(written={}))
    with watcher.waiting(SOURCE, "1", DIGEST) as waiter:
        assert not watcher.is_eager
        watcher.notify([entry("1")])
        assert watcher.is_eager
        watcher.written({PARTITION: 1, TopicPartition("topic", 1): 9})
        waiting = asyncio.create_task(waiter.outcome(1000))
        await asyncio.sleep(0)
        assert not waiting.done()
        watcher.written({PARTITION: 2})
        assert await waiting == entry("1")
    assert not watcher.is_eager


async def test_a_refusal_changes_nothing_so_it_is_told_at_once() -> None:
    watcher = watching(Journal(written={}))
    with watcher.waiting(SOURCE, "1", DIGEST) as waiter:
        refusal = entry("1", outcome=Outcome.REJECTED)
        watcher.notify([refusal])
        assert await waiter.outcome(10) == refusal


async def test_what_a_replica_decides_is_told_when_its_offsets_say_that_it_is_written() -> None:
    journal = Journal([entry("1")], written={PARTITION: 1})
    watcher = watching(journal)

    async def was_found() -> bool:
        return watcher.is_eager

    async with at_work(watcher):
        with watcher.waiting(SOURCE, "1", None) as waiter:
            waiting = asyncio.create_task(waiter.outcome(1000))
            await eventually(was_found)
            assert not waiting.done()
            journal.written[PARTITION] = 2
            assert await asyncio.wait_for(waiting, 20) == entry("1")
    assert len(journal.asked) == 1


async def test_what_another_replica_decides_is_found_by_one_question_for_all_who_wait() -> None:
    journal = Journal()
    watcher = watching(journal)

    async def wait(number: int) -> Entry | None:
        with watcher.waiting(SOURCE, str(number), DIGEST) as waiter:
            return await waiter.outcome(20)

    async def was_asked() -> bool:
        return bool(journal.asked)

    async with at_work(watcher), asyncio.TaskGroup() as group:
        tasks = [group.create_task(wait(number)) for number in range(50)]
        await eventually(was_asked)
        journal.entries += [entry(str(number)) for number in range(50)]
    assert [task.result() for task in tasks] == journal.entries
    assert all(len(wanted) == 50 for wanted in journal.asked)
    assert len(journal.asked) < 50


async def test_nobody_who_waits_is_a_store_that_is_not_asked() -> None:
    journal = Journal(failures=[AssertionError("asked")])
    watcher = watching(journal)
    with watcher.waiting(SOURCE, "1", DIGEST):
        pass
    async with at_work(watcher):
        await asyncio.sleep(0)
    assert not journal.asked


async def test_without_an_outcome_the_waiting_ends_in_time_or_with_the_service() -> None:
    watcher = watching(Journal())
    with watcher.waiting(SOURCE, "1", DIGEST) as waiter:
        assert await waiter.outcome(0.01) is None
    with watcher.waiting(SOURCE, "1", DIGEST) as waiter:
        waiting = asyncio.create_task(waiter.outcome(1000))
        async with at_work(watcher) as stopping:
            stopping.set()
        assert await asyncio.wait_for(waiting, 10) is None


async def test_a_store_that_does_not_answer_for_a_while_ends_no_waiting() -> None:
    journal = Journal([entry("1")], failures=[AutoReconnect("away"), AutoReconnect("away")])
    watcher = watching(journal)
    async with at_work(watcher):
        with watcher.waiting(SOURCE, "1", DIGEST) as waiter:
            assert await waiter.outcome(20) == entry("1")


async def test_a_store_that_refuses_ends_the_service() -> None:
    watcher = watching(Journal(failures=[OperationFailure("not allowed", 13)]))
    with watcher.waiting(SOURCE, "1", DIGEST), pytest.raises(OperationFailure):
        await asyncio.wait_for(watcher.work(asyncio.Event()), 10)


async def test_more_than_may_wait_are_refused_until_one_goes() -> None:
    watcher = watching(Journal(), max_waiting=2)
    with watcher.waiting(SOURCE, "1", DIGEST):
        with watcher.waiting(SOURCE, "1", DIGEST), pytest.raises(Problem) as refused:
            watcher.waiting(SOURCE, "3", DIGEST).__enter__()
        assert refused.value.status_code == 503
        with watcher.waiting(SOURCE, "3", DIGEST):
            pass


async def test_those_who_only_read_leave_room_for_half_of_those_who_send() -> None:
    watcher = watching(Journal(), max_waiting=2)
    with watcher.waiting(SOURCE, "1", None):
        with pytest.raises(Problem):
            watcher.waiting(SOURCE, "2", None).__enter__()
        with watcher.waiting(SOURCE, "2", DIGEST):
            pass


class Inbox:
    """Counts what is sent."""

    def __init__(self) -> None:
        self.sent = 0

    async def send(self, records: Sequence[Outgoing]) -> None:
        self.sent += len(records)


async def test_whoever_asks_with_patience_is_answered_when_the_event_can_be_read() -> None:
    journal: Any = Journal([entry("1")])
    nobody: Any = None
    watcher, state = watching(journal), Health(Progress())
    app = web.build(MANIFESTS["plans"], Settings(), journal, nobody, watcher=watcher, state=state)
    async with (
        at_work(watcher),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
    ):
        answer = await client.get("/events/urn%3Atest/1", headers={"Prefer": "wait=20"})
    assert answer.status_code == 200
    assert answer.json()["items"][0]["outcome"] == "accepted"
    assert journal.asked, "it was answered without waiting"


async def test_over_http_the_one_too_many_is_told_to_come_back_and_nothing_is_sent() -> None:
    watcher = watching(Journal(), max_waiting=1)
    inbox: Any = Inbox()
    journal: Any = Journal()
    settings = Settings(token=SecretStr("a-token-of-tests"))
    state = Health(Progress())
    manifest = MANIFESTS["membership"]
    app = web.build(manifest, settings, journal, inbox, watcher=watcher, state=state)
    transport = httpx.ASGITransport(app)
    headers = {"Authorization": "Bearer a-token-of-tests", "Prefer": "wait=30"}
    body = {"coalition": "europe", "name": "Europe"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as client:
        with watcher.waiting(SOURCE, "1", DIGEST):
            answer = await client.post("/events/CoalitionFounded", json=body)
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
            assert answer.headers["content-type"] == "application/problem+json"
            assert inbox.sent == 0
            del client.headers["Prefer"]
            answer = await client.post("/events/CoalitionFounded", json=body)
            assert answer.status_code == 202
            assert inbox.sent == 1
