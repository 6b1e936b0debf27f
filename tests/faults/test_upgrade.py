"""The last release beside today's code under load, and back again: nothing is lost or sent twice.

Until a second release exists, the commit before this one plays the older one.
"""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from shared.contracts import catalogue
from shared.kafka import topics
from tests.fakes.load import event_record, just_signed
from tests.faults import figures
from tests.faults.fleet import Fleet
from tests.faults.invariants import account
from tests.faults.scenario import plans_under_load
from tests.parts import eventually
from tests.post import Post
from tests.smtp import scripted_server
from tests.wishes import newcomer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.faults.world import World

pytestmark = pytest.mark.faults

ROOT: Final = Path(__file__).parents[2]
PEOPLE: Final = 2


def git(*words: str) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("git")
    assert program
    return subprocess.run([program, *words], cwd=ROOT, capture_output=True, check=False)


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A checkout of the last release that is not this commit, else of the commit before."""
    tagged = git("describe", "--tags", "--abbrev=0", "HEAD^")
    revision = tagged.stdout.decode().strip() if tagged.returncode == 0 else "HEAD^"
    archive = git("archive", revision)
    assert archive.returncode == 0, f"{revision} is not in this clone: fetch more of its history"
    folder = tmp_path / "older"
    folder.mkdir()
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as opened:
        opened.extractall(folder, filter="data")
    return folder


async def upgrade_and_back(fleet: Fleet, older: Path) -> AsyncIterator[None]:
    """Have one of two instances be of today, then both, then one again, then none."""
    for code in (None, older):
        fleet.code = code
        for number in range(len(fleet.instances)):
            await fleet.restart(number)
            await fleet.ready()
            yield


async def test_plans_are_upgraded_and_taken_back_under_load(world: World, older: Path) -> None:
    async with plans_under_load("older beside newer, and back", world, code=older) as here:
        await here.pour(1500)
        async for _ in upgrade_and_back(here.fleet, older):
            await here.pour(1500)
        found = await here.check("2 upgraded, 2 taken back")
    assert not found.lost


async def test_notifications_are_upgraded_and_taken_back_and_nobody_is_mailed_twice(
    world: World, older: Path
) -> None:
    began, topic, made = time.monotonic(), catalogue.events("membership"), 0
    await topics.create_topics(world.parts.connection, ["membership", "plans", "notifications"])
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(scripted_server())
        parts = replace(world.parts, smtp_host="127.0.0.1", smtp_port=server.port)
        async with world.database("notifications") as database:
            here = Post(database)
            await here.prepare()
            for number in range(PEOPLE):
                await here.subscriptions.add(newcomer(f"person-{number}@example.org"))

        async def send(count: int) -> None:
            nonlocal made
            events = [just_signed(f"Town {made + n}") for n in range(count)]
            made += count
            await world.produce([event_record(e, e.subject, topic) for e in events])

        fleet = await stack.enter_async_context(Fleet(world, "notifications", parts, code=older))
        await fleet.scale(2)
        await fleet.ready()
        await send(200)
        async for _ in upgrade_and_back(fleet, older):
            await send(200)
        await world.read_down("notifications")
        async with world.database("notifications") as database:
            here = Post(database)
            await eventually(lambda: nothing_to_send(here), 120)
            counts, told = await here.counts(), await here.told()
        found = await account(world, "notifications")
    sent = Counter(server.taken)
    found.lost += [f"{key} was sent twice" for key, times in sent.items() if times > 1]
    if told.total() != made * PEOPLE or told.keys() != {"sent"}:
        found.lost.append(f"{told} of {made * PEOPLE}")
    figures.note(
        figures.Row(
            "older beside newer, and back: e-mail",
            events=made,
            faults="2 upgraded, 2 taken back",
            lost=len(found.lost),
            emails=f"{len(sent)} sent, {counts.get('unknown', 0)} held",
            seconds=time.monotonic() - began,
        )
    )
    assert not found.lost, found.lost[:10]


async def nothing_to_send(here: Post) -> bool:
    counts = await here.counts()
    return not counts.get("queued") and not counts.get("sending") and not counts.get("waiting")
