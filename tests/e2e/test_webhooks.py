"""From Kafka to the receiver of a webhook: signed, in order, and once more after a kill."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.containers import free_port
from tests.e2e.command import found, run
from tests.inbox import record
from tests.parts import eventually
from tests.receiver import HANG, Receiver, receiver

if TYPE_CHECKING:
    from tests.system import System

EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "webhook"
REQUIRED: Final = "node" in os.environ.get("REQUIRE_TOOLS", "").split()
STEPS: Final = 6
SAID: Final = ("CitySigned", "PopulationCounted")


def new() -> str:
    return f"hook-{uuid.uuid4().hex[:12]}"


def named(coalition: str) -> dict[str, str]:
    return {"name": coalition, "country": "DE", "kind": "city"}


async def say(system: System, coalition: str, first: int, last: int) -> None:
    """A coalition is founded, a city signs, and its inhabitants are counted again and again."""
    begun = [
        record("CoalitionFounded", {"coalition": coalition, "name": coalition}, key=b"k"),
        record(
            "CitySigned",
            {"coalition": coalition, "member": named(coalition), "signed": "2016"},
            key=b"k",
        ),
    ]
    counted = [
        record(
            "PopulationCounted",
            {
                "coalition": coalition,
                "member": named(coalition),
                "as_of": f"{2000 + n}",
                "population": 1000 + n,
            },
            key=b"k",
        )
        for n in range(first, last)
    ]
    await system.produce(*(begun if not first else []), *counted)


async def active(system: System, id_: str) -> None:
    async def decided() -> bool:
        return bool(found(system, "webhooks", "show", id_)["state"] == "active")

    await eventually(decided, every=0.5)


def of(there: Receiver, coalition: str) -> list[tuple[str, Any]]:
    """What arrived about a city, by id."""
    about = f"de-city-{coalition}"
    return [
        (one.id, one.event["data"].get("population"))
        for one in there.got
        if one.event["subject"] == about and one.event["type"].split(".")[2] in SAID
    ]


async def test_an_event_reaches_a_receiver_that_another_language_verifies(
    coalition: System,
) -> None:
    if not shutil.which("node") or not (EXAMPLE / "node_modules").exists():
        assert not REQUIRED
        pytest.skip("needs node, and `npm ci` in examples/webhook")
    id_, port = new(), free_port()
    url = f"http://127.0.0.1:{port}/"
    secret = found(coalition, "webhooks", "add", id_, url, "--kind", "CitySigned")["secret"]
    await active(coalition, id_)
    program = await asyncio.create_subprocess_exec(
        "node",
        "receiver.mjs",
        cwd=EXAMPLE,
        env={**os.environ, "WEBHOOK_SECRET": secret, "PORT": str(port)},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert program.stdout
        async with asyncio.timeout(60):
            assert b"listening" in await program.stdout.readline()
            assert found(coalition, "webhooks", "test", id_)["taken"]
            assert b"WebhookTested" in await program.stdout.readline()
            await say(coalition, id_, 0, 1)
            while (line := (await program.stdout.readline()).decode()) and id_ not in line:
                pass
            assert line == f"received   CitySigned de-city-{id_}\n"
        rotated = found(coalition, "webhooks", "rotate", id_)
        assert rotated["secret"] != secret
        assert found(coalition, "webhooks", "test", id_)["taken"], "the old one verifies still"
        found(coalition, "webhooks", "rotate", id_, "--overlap-hours", "0")
        assert run(coalition, "webhooks", "test", id_).returncode == 1, "now it does not"
    finally:
        program.kill()
        await program.wait()
        run(coalition, "webhooks", "remove", id_)


async def test_a_kill_while_it_is_sent_repeats_it_under_the_same_id_and_in_order(
    coalition: System,
) -> None:
    id_ = new()
    async with receiver() as there:
        # The replay brings what all tests said today, thousands: only these kinds, and at speed.
        only = [word for kind in SAID for word in ("--kind", kind)]
        words = (id_, there.url, *only, "--per-second", "1000")
        secret = found(coalition, "webhooks", "add", *words)["secret"]
        await active(coalition, id_)
        there.answer = lambda message: (
            HANG if message.times == 1 and message.about == f"de-city-{id_}" else 204
        )
        await say(coalition, id_, 0, 3)
        await eventually(lambda: _some(there, id_))
        coalition.end("notifications", signal.SIGKILL)
        there.release.set()
        there.answer = lambda _: 204
        await say(coalition, id_, 3, STEPS)
        coalition.start("notifications")
        await coalition.ready("notifications")

        async def all_there() -> bool:
            return len({one for one, _ in of(there, id_)}) == STEPS + 1

        await eventually(all_there, 120)
        got = of(there, id_)
        assert got[0][0] == got[1][0], "what was on its way came once more, as the same"
        assert [one for _, one in dict.fromkeys(got)] == [None, *range(1000, 1000 + STEPS)]
        there.got[-1].verify(secret)

        ids = [*dict.fromkeys(one for one, _ in got)]
        before = len(got)
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        assert run(coalition, "webhooks", "replay", id_, "--since", today).returncode == 0

        async def again() -> bool:
            return [*dict.fromkeys(one for one, _ in of(there, id_)[before:])] == ids

        await eventually(again, 120)
        assert run(coalition, "webhooks", "remove", id_).returncode == 0


async def _some(there: Receiver, coalition: str) -> bool:
    return bool(of(there, coalition))


async def test_what_is_not_there_is_refused_with_the_nearest(coalition: System) -> None:
    id_ = new()
    for words, hint in (
        ((id_, "https://example.org/", "--kind", "CitySinged"), "CitySigned"),
        ((id_, "https://example.org/", "--coalition", "nowhere-at-all"), "no coalition"),
        ((id_, "https://10.1.2.3/"), "no public address"),
        ((id_, "ftp://example.org/"), "https://"),
    ):
        done = run(coalition, "webhooks", "add", *words)
        assert (done.returncode, hint in done.stdout) == (1, True), done.stdout
    assert "there is no webhook" in run(coalition, "webhooks", "show", id_).stdout


async def test_an_operator_sees_what_is_paused_and_what_is_stopped(coalition: System) -> None:
    id_ = new()
    async with receiver(lambda _: 410) as there:
        found(coalition, "webhooks", "add", id_, there.url)
        await active(coalition, id_)
        assert coalition.request("notifications", "POST", "/webhooks", json={}).status_code == 422
        await say(coalition, id_, 0, 1)

        async def stopped() -> bool:
            return bool(found(coalition, "webhooks", "show", id_)["state"] == "stopped")

        await eventually(stopped, every=0.5)
        shown = found(coalition, "webhooks", "show", id_)
        assert (shown["reason"], shown["last"]) == ("gone", "HTTP 410")
        assert shown["waiting"] > 0

        async def told() -> bool:
            return f"the webhook {id_} is stopped (gone)" in run(coalition, "doctor").stdout

        await eventually(told, every=1)
        there.answer = lambda _: 204
        assert run(coalition, "webhooks", "resume", id_).returncode == 0

        async def taken() -> bool:
            return bool(found(coalition, "webhooks", "show", id_)["waiting"] == 0)

        await eventually(taken, every=0.5)
        run(coalition, "webhooks", "remove", id_)
