"""Each alert of the engine fires on its own fault, and ends when its runbook is followed.

Those of e-mail are in `test_alerts_mail.py`. What docs/runbooks.md says is what is done about it.
"""

from __future__ import annotations

import asyncio
import re
import shlex
import signal
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pytest

from shared.contracts import catalogue
from shared.kafka import topics
from shared.kafka.producer import Outgoing
from tests.clients import Sent, sarama
from tests.containers import free_port, kafka_container
from tests.contract.chart import ROOT
from tests.fakes.load import INBOX, Load
from tests.faults.fleet import Fleet
from tests.faults.observed import observing
from tests.faults.operating import coalition
from tests.faults.proxy import Proxy, proxy
from tests.faults.world import World, in_containers, through
from tests.parts import eventually, store_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

pytestmark = pytest.mark.faults

DATA: Final = "/tmp/kraft-combined-logs"  # noqa: S108 - within the container
BIG: Final = Outgoing(catalogue.inbox("membership"), b"key", b"x" * 500_000, [])


@dataclass(slots=True)
class Place:
    """Where plans runs, and knows the towns of a load."""

    world: World
    load: Load

    @asynccontextmanager
    async def plans(self, **settings: str) -> AsyncIterator[Fleet]:
        """One instance, ready."""
        named = {f"COALITION_{name.upper()}": value for name, value in settings.items()}
        async with Fleet(self.world, "plans", settings=named) as fleet:
            await fleet.scale(1)
            await fleet.ready()
            yield fleet

    @asynccontextmanager
    async def plans_behind(self) -> AsyncIterator[tuple[Fleet, Proxy]]:
        """The same, with a store that can be made slow."""
        port = free_port()
        async with (
            proxy(port, store_port(self.world.parts)) as store,
            Fleet(self.world, "plans", through(self.world, mongo=port)) as fleet,
        ):
            await fleet.scale(1)
            await fleet.ready()
            yield fleet, store

    @asynccontextmanager
    async def sending(self, records: Callable[[], Sequence[Outgoing]]) -> AsyncIterator[None]:
        """Send records several times a second while the block runs."""
        ended = asyncio.Event()

        async def send() -> None:
            while not ended.is_set():
                await self.world.produce(records())
                with suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), 0.1)

        async with asyncio.TaskGroup() as group:
            group.create_task(send())
            try:
                yield
            finally:
                ended.set()


@pytest.fixture(scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    with in_containers(tmp_path_factory.mktemp("alerts")) as world:
        async with world.connected():
            here = Place(world, Load(seed=1))
            await topics.create_topics(world.parts.connection, ["membership", "plans"])
            async with here.plans():
                await world.produce([here.load.plan()])
                await world.read_down("plans")
                await world.produce(here.load.signatures())
                await world.read_down("plans")
            yield here


async def test_a_service_that_cannot_start_is_down_and_its_log_names_the_setting(
    place: Place,
) -> None:
    alert = "CoalitionDown"
    async with place.plans() as fleet, observing(fleet, place.world.logs, 30) as seen:
        assert alert not in await seen.firing()
        fleet.settings["COALITION_SWEEP_SECOND"] = "1"
        fleet.instances[0].send(signal.SIGTERM)
        await seen.begins(alert)
        log = (place.world.logs / "plans-0.log").read_text().splitlines()
        assert log[-1] == "COALITION_SWEEP_SECOND is no setting; COALITION_SWEEP_SECONDS is one"
        del fleet.settings["COALITION_SWEEP_SECOND"]
        await seen.ends(alert)


async def test_a_service_of_which_no_instance_is_left_is_down(place: Place) -> None:
    async with place.plans() as fleet, observing(fleet, place.world.logs, 30) as seen:
        await fleet.scale(0)
        await seen.begins("CoalitionDown")
        await fleet.scale(1)
        await seen.ends("CoalitionDown")


async def test_a_halt_is_told_and_ends_with_the_command_of_its_code(place: Place) -> None:
    alert = "CoalitionHalted"
    async with place.plans() as fleet, observing(fleet, place.world.logs, 30) as seen:
        assert alert not in await seen.firing()
        await place.world.configure(INBOX, retention_ms="86400000")
        fleet.instances[0].send(signal.SIGTERM)
        await seen.begins(alert)
        halt = (await fleet.health()).json()["halted"]
        assert halt["code"] == "topic-settings"
        await put_right(place.world, INBOX)
        await seen.ends(alert)
        await fleet.ready()


async def put_right(world: World, topic: str) -> None:
    """Do with a topic what docs/operations.md says, to the letter."""
    page = (ROOT / "docs" / "operations.md").read_text()
    (given,) = re.findall(r"exec kafka (\S+/kafka-configs\.sh .+?)\n```", page, re.DOTALL)
    command = shlex.split(given.replace("\\\n", " "))
    command[command.index("--bootstrap-server") + 1] = world.parts.kafka
    command[command.index("--entity-name") + 1] = topic
    container = world.containers["kafka"]
    code, said = await asyncio.to_thread(container.exec, command)
    assert code == 0, said.decode()


async def test_an_inbox_of_nothing_but_poison_is_told_and_resumed(place: Place) -> None:
    alert = "CoalitionInboxBad"
    limits = {"rejected_window": "100", "rejected_plain": "stop"}
    async with place.plans(**limits) as fleet, observing(fleet, place.world.logs, 30) as seen:
        assert alert not in await seen.firing()
        await place.world.produce(place.load.poisoned(300))
        await seen.begins(alert)

        async def is_resumed() -> bool:
            """Each time that it is halted, until the last of the flood is read."""
            if halted := (await fleet.health()).json()["inboxes"]:
                await coalition(place.world, "consumer", "resume", "plans", fleet=fleet)
            return not halted and not await place.world.lag("plans")

        await eventually(is_resumed, 120)
        await seen.ends(alert)


async def test_rejections_of_every_kind_are_told_and_named(place: Place) -> None:
    alert = "CoalitionRejectedGrows"
    async with place.plans() as fleet, observing(fleet, place.world.logs, 60) as seen:
        async with place.sending(lambda: place.load.more(40)):
            await place.world.produce(place.load.more(100))
            assert alert not in await seen.firing()
        async with place.sending(lambda: place.load.poisoned(10) + place.load.more(40)):
            await seen.begins(alert)
        said = await coalition(place.world, "rejected", "list", "plans", fleet=fleet)
        assert "rule: " in said
        assert "sent by urn:test:load" in said
        await seen.ends(alert)


async def test_records_that_nobody_can_decode_are_told_with_their_place(place: Place) -> None:
    alert = "CoalitionUndecodable"
    async with place.plans() as fleet, observing(fleet, place.world.logs, 60) as seen:
        assert alert not in await seen.firing()
        bad = [Sent(b"{}", [(b"\xff", b"%d" % n)], b"%d" % n) for n in range(10)]
        await asyncio.to_thread(sarama, place.world.parts.kafka, INBOX, bad, "none")
        await seen.begins(alert)
        words = ("rejected", "list", "plans", "--code", "record")
        said = await coalition(place.world, *words, fleet=fleet)
        assert said.count("record: not readable: ") == len(bad)
        assert INBOX in said, "the partition and the offset"
        await seen.ends(alert)


async def test_a_backlog_that_grows_is_told_with_the_stage_that_is_slow(place: Place) -> None:
    alert = "CoalitionLagGrows"
    async with (
        place.plans_behind() as (fleet, store),
        observing(fleet, place.world.logs, 60) as seen,
    ):
        assert alert not in await seen.firing()
        store.latency = 0.5
        async with place.sending(lambda: place.load.more(100)):
            await seen.begins(alert)
            assert await slowest(fleet) in {"decide", "project"}, "the store"
        store.latency = 0
        await seen.ends(alert)


async def slowest(fleet: Fleet) -> str:
    """The stage in which batches are longest."""
    shown = (await fleet.ask("GET", "/metrics")).text
    took: dict[str, str] = dict(
        re.findall(r'coalition_stage_seconds_sum{stage="(\w+)"} (\S+)', shown)
    )
    took.pop("consume")  # to wait for records is no work
    return max(took, key=lambda stage: float(took[stage]))


async def test_snapshots_that_the_store_takes_too_slowly_are_told(place: Place) -> None:
    alert = "CoalitionSnapshotsBehind"
    async with (
        place.plans_behind() as (fleet, store),
        observing(fleet, place.world.logs, 10) as seen,
    ):
        assert alert not in await seen.firing()
        store.latency = 1.5
        async with place.sending(lambda: place.load.more(10)):
            await seen.begins(alert)
        store.latency = 0
        await seen.ends(alert)


@pytest.mark.parametrize(("part", "name"), [("kafka", "kafka"), ("mongo", "store")])
async def test_a_part_that_is_frozen_is_told_and_the_service_goes_on_with_it(
    place: Place, part: str, name: str
) -> None:
    alert = "CoalitionPartSilent"
    async with place.plans() as fleet, observing(fleet, place.world.logs, 4) as seen:
        assert alert not in await seen.firing()
        place.world.pause(part)
        try:
            await seen.begins(alert)
            assert (await fleet.health()).json()[name] is False
        finally:
            place.world.unpause(part)
        await seen.ends(alert)
        await fleet.ready()


async def test_a_disk_that_fills_is_told_until_it_is_larger(place: Place) -> None:
    """Of a broker in a container; what the kubelet tells of a volume, its file system does here."""
    alert, port = "CoalitionDiskFull", free_port()
    small = kafka_container(port, KAFKA_LOG_DIRS=DATA)
    small.with_tmpfs_mount(DATA, "size=200m,mode=1777")
    shown: dict[str, float] = {}
    ballast = f"{DATA}/ballast"

    async def look() -> float:
        command = ["stat", "--file-system", "--format", "%a %b %S", DATA]
        code, said = await asyncio.to_thread(small.exec, command)
        assert code == 0, said
        free, all_, size = map(int, said.split())
        for what, blocks in (("available", free), ("capacity", all_)):
            name = f"kubelet_volume_stats_{what}_bytes"
            shown[f'{name}{{persistentvolumeclaim="data-coalition-kafka-0"}}'] = blocks * size
        return free / all_

    with small:
        parts = replace(place.world.parts, kafka=f"localhost:{port}")
        here = World(parts, place.world.logs, place.world.session_ms)
        await topics.create_topics(parts.connection, ["membership"])
        async with here.connected():
            await asyncio.to_thread(small.exec, ["fallocate", "--length", "60M", ballast])
            await look()
            fleet = Fleet(here, "plans")
            async with observing(fleet, here.logs, 60, shown) as seen:
                assert alert not in await seen.firing()
                while await look() > 0.1:
                    await here.produce([BIG] * 10)
                await seen.begins(alert)
                await asyncio.to_thread(small.exec, ["rm", ballast])  # as if it were larger
                await look()
                await seen.ends(alert)
                await here.produce([BIG])
