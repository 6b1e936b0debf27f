"""A store lost after a hot backup, and Kafka lost: nothing is lost, and nobody is mailed twice."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from cli import kafka
from shared.contracts import catalogue
from shared.kafka import topics
from shared.kafka.producer import Outgoing
from shared.settings import PARTITIONS
from tests.fakes.load import event_record, just_signed
from tests.faults import figures
from tests.faults.fleet import Fleet
from tests.faults.invariants import account
from tests.faults.operating import coalition
from tests.faults.scenario import plans_under_load
from tests.parts import eventually
from tests.post import Post
from tests.smtp import scripted_server
from tests.wishes import newcomer

if TYPE_CHECKING:
    from pathlib import Path

    from shared.kafka.salvage import Record
    from tests.faults.world import World

pytestmark = pytest.mark.faults

BEFORE, DURING, AFTER = 3000, 3000, 3000
PEOPLE: Final = 2


async def lose(world: World, service: str) -> None:
    """Lose the store of a service, and all that is in it."""
    async with world.database(service) as database:
        await database.client.drop_database(database.name)


async def lose_kafka(world: World, *services: str) -> None:
    """Lose all topics, and have them made anew."""
    await world.admin.delete_topics([*await world.admin.list_topics()])

    async def all_gone() -> bool:
        there = await world.admin.list_topics()
        return not [name for name in there if name.startswith("coalition.")]

    await eventually(all_gone)
    await topics.create_topics(world.parts.connection, services)


async def test_a_store_is_lost_after_a_backup_under_load(world: World, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    async with plans_under_load("store lost, restored", world) as here:
        await here.pour(BEFORE)
        backup = asyncio.create_task(coalition(world, "backup", str(file), "--service", "plans"))
        await here.pour(DURING)
        await backup
        await here.pour(AFTER)
        await here.fleet.scale(0)
        await here.watch.look()  # at what was committed last, while it can still be seen
        await lose(world, "plans")
        begun = time.monotonic()
        said = await coalition(world, "restore", str(file), "--service", "plans")
        assert "entries adopted" in said
        await here.fleet.scale(2)
        await here.pour(500)
        await world.read_down("plans")
        found = await here.check(f"1 store, back in {time.monotonic() - begun:.0f} s")
        assert not found.lost


@pytest.mark.parametrize("lost", ["store", "store and Kafka"])
async def test_notifications_lose_their_store_and_nobody_is_mailed_twice(
    world: World, tmp_path: Path, lost: str
) -> None:
    """Where Kafka is lost, too, membership has published all again before the store is restored."""
    began, file = time.monotonic(), tmp_path / "backup.zip"
    await topics.create_topics(world.parts.connection, ["membership", "plans", "notifications"])
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(scripted_server())
        parts = replace(world.parts, smtp_host="127.0.0.1", smtp_port=server.port)
        async with world.database("notifications") as database:
            here = Post(database)
            await here.prepare()
            for number in range(PEOPLE):
                address = f"person-{number}@example.org"
                await here.subscriptions.add(newcomer(address))

        async def send(first: int, last: int) -> None:
            for start in range(first, last, 100):
                await world.produce(_signed(start, start + 100))
                await world.read_down("notifications", 100)

        fleet = await stack.enter_async_context(Fleet(world, "notifications", parts))
        await fleet.scale(2)
        await fleet.ready()
        # Of its inbox nothing comes again where Kafka is lost: its generation is another then.
        inbox = catalogue.inbox("notifications")
        await world.produce([Outgoing(inbox, b"key", b"unreadable", [])] * 3)
        await send(0, 300)
        words = ("backup", str(file), "--service", "notifications")
        backup = asyncio.create_task(coalition(world, *words))
        await send(300, 600)
        await backup
        await send(600, 900)
        await fleet.scale(0)
        await lose(world, "notifications")
        if lost != "store":
            await lose_kafka(world, "membership", "plans", "notifications")
            await world.produce(_signed(0, 900))
        await coalition(world, "restore", str(file), "--service", "notifications")
        await fleet.scale(2)
        await fleet.ready()
        await send(900, 1200)
        await world.read_down("notifications")
        async with world.database("notifications") as database:
            here = Post(database)
            await eventually(lambda: nothing_queued(here), 120)
            counts, told = await here.counts(), await here.told()
        # Of topics that are gone nothing can be counted.
        counted = (await account(world, "notifications")).lost if lost == "store" else []
        problems = counted + _told_again(told, lost)
    sent = Counter(server.taken)
    problems += [f"{key} was sent twice" for key, times in sent.items() if times > 1]
    if told.total() != 1200 * PEOPLE or not told.keys() <= {"sent", "unknown"}:
        problems.append(f"{told} of {1200 * PEOPLE}")
    if len(sent) < counts.get("sent", 0):
        problems.append(f"{len(sent)} sent, {counts}: some people hear nothing")
    held = counts.get("unknown", 0)
    figures.note(
        figures.Row(
            f"{lost} of e-mail lost, restored",
            events=1200,
            faults="1 store" if lost == "store" else "1 store, 1 Kafka",
            lost=len(problems),
            emails=f"{len(sent)} sent, {held} held",
            seconds=time.monotonic() - began,
        )
    )
    assert not problems, problems[:10]


def _told_again(told: Counter[str], lost: str) -> list[str]:
    """Without Kafka nobody knows what was sent after the backup: all of it has to be held."""
    if lost == "store" or told["unknown"] >= 300 * PEOPLE:
        return []
    return [f"{told}: what had been sent after the backup was sent again"]


def _signed(first: int, last: int) -> list[Outgoing]:
    """Towns that sign, as membership publishes it."""
    events = [just_signed(f"Town {n}") for n in range(first, last)]
    return [event_record(one, one.subject, catalogue.events("membership")) for one in events]


async def nothing_queued(here: Post) -> bool:
    counts = await here.counts()
    return not counts.get("queued") and not counts.get("sending")


async def test_kafka_is_lost_and_the_events_are_made_again_from_the_journal(world: World) -> None:
    began, topic = time.monotonic(), catalogue.events("plans")
    async with plans_under_load("Kafka lost, republished", world) as here:
        await here.pour(BEFORE)
        await world.read_down("plans")
        before = await kafka.read_all(world.parts.connection, topic)
        await here.fleet.scale(0)
        await lose_kafka(world, "membership", "plans")
        await here.fleet.scale(1)
        await eventually(lambda: halted(here.fleet))
        assert (await here.fleet.ask("POST", "/consumer/skip-unread")).is_success
        await here.fleet.ready()
        assert (await here.fleet.ask("POST", "/journal/republish")).is_success

        async def is_done() -> bool:
            return not (await here.fleet.ask("GET", "/journal/republish")).json()["running"]

        await eventually(is_done, 120)
    after = await kafka.read_all(world.parts.connection, topic)
    assert by_key(after) == by_key(before)
    figures.note(
        figures.Row(
            "Kafka lost, republished",
            events=len(after),
            faults="1 Kafka",
            lost=0,
            seconds=time.monotonic() - began,
        )
    )


async def halted(fleet: Fleet) -> bool:
    try:
        answer = await fleet.health()
    except OSError:
        return False
    except Exception as error:  # noqa: BLE001 - it is not up yet
        return "Error" not in type(error).__name__
    return bool(answer.json()["halted"])


def by_key(records: list[Record]) -> dict[bytes, list[tuple[bytes, bytes]]]:
    """The events of each member in their order, each once, by their ids and bodies."""
    found: dict[bytes, dict[bytes, bytes]] = {}
    for record in records:
        id_ = dict(record.headers)["ce_id"] or b""
        found.setdefault(record.key or b"", {}).setdefault(id_, record.value or b"")
    assert len({record.partition for record in records}) <= PARTITIONS
    return {key: [*events.items()] for key, events in found.items()}
