"""Poison: a record of every kind, a whole batch, a flood; and topics that take nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import httpx
import pytest

from cli import kafka
from shared.contracts import catalogue
from shared.journal.entry import Outcome
from tests.clients import Sent, sarama
from tests.fakes.load import INBOX
from tests.faults.scenario import plans_under_load
from tests.parts import eventually

if TYPE_CHECKING:
    from tests.faults.fleet import Fleet
    from tests.faults.world import World

pytestmark = pytest.mark.faults

WINDOW: Final = 1000
REJECTED: Final = catalogue.rejected("plans")


async def test_poison_of_every_kind_and_whole_batches_of_it_cost_only_themselves(
    world: World,
) -> None:
    async with plans_under_load("poison", world) as scenario:
        await scenario.pour(1000)
        await world.produce(scenario.load.poisoned(600))
        await scenario.pour(1000)
        await scenario.check("600 in a row")


async def test_records_that_cannot_be_decoded_cost_only_themselves_while_partitions_move(
    world: World,
) -> None:
    """A whole batch of them in each partition, among good ones, as instances come and go."""
    async with plans_under_load("undecodable", world) as scenario:
        sent = 0
        for instances in (3, 1, 2):
            await world.produce(scenario.load.more(700))
            bad = [Sent(b"{}", [(b"\xff", b"%d" % sent)], b"%d" % (n % 50)) for n in range(100)]
            await asyncio.to_thread(sarama, world.parts.kafka, INBOX, bad, "none")
            sent += len(bad)
            scenario.load.outcomes[Outcome.REJECTED] += len(bad)
            await world.produce(scenario.load.more(700))
            await scenario.fleet.scale(instances)
        await world.read_down("plans")
        await scenario.check(f"{sent} that cannot be decoded, 2-3-1-2 instances")


async def test_a_flood_of_poison_halts_the_service_until_it_is_resumed(world: World) -> None:
    limits = {"COALITION_REJECTED_WINDOW": str(WINDOW), "COALITION_REJECTED_SHARE": "0.5"}
    async with plans_under_load("flood", world, settings=limits) as scenario:
        fleet = scenario.fleet
        await fleet.scale(1)
        flood = 4 * WINDOW
        await world.produce(scenario.load.poisoned(flood))
        await eventually(lambda: halted(fleet))
        await fleet.roll(ready=False)
        await eventually(lambda: halted(fleet))
        left = await world.lag("plans")
        assert left > WINDOW, "it stopped long before all was drained away"

        await world.produce(scenario.load.more(WINDOW))
        resumed = 0
        # The last of the flood can fill a window too: then all is read, and it is halted still.
        while await world.lag("plans") or await halted(fleet):
            answer = await fleet.ask("POST", "/consumer/resume")
            assert answer.status_code in {202, 409}, "409: it is not halted"
            resumed += answer.status_code == 202
        await scenario.check(f"{flood} in a row, {resumed} halts")
        assert resumed >= 2, "a fresh window is counted after each"


async def halted(fleet: Fleet) -> bool:
    try:
        answer = await fleet.health()
    except httpx.HTTPError:
        return False
    return answer.status_code == 503 and bool(answer.json()["halted"])


async def test_the_events_topic_and_rejected_take_nothing_for_a_while(world: World) -> None:
    async with plans_under_load("topics unavailable", world) as scenario:
        fleet = scenario.fleet
        for topic in (catalogue.events("plans"), REJECTED):
            # Kafka refuses each record as too large until that is mended.
            await world.configure(topic, max_message_bytes="1")
            before, size = fleet.failures, await world.size(topic)
            await world.produce(scenario.load.more(1000))
            await eventually(lambda before=before: failed(fleet, before + 2))  # type: ignore[misc]
            assert await world.size(topic) == size
            await world.configure(topic, max_message_bytes=str(2**21))
            await world.read_down("plans")
        await scenario.check(f"2 topics, {fleet.failures} restarts")


async def failed(fleet: Fleet, times: int) -> bool:
    return fleet.failures >= times


async def test_rejected_replayed_twice_and_then_everything_read_again(world: World) -> None:
    async with plans_under_load("replays", world) as scenario:
        await scenario.pour(3000)
        await world.read_down("plans")
        rejected = await kafka.read_all(world.parts.kafka, REJECTED)
        for _ in range(2):
            await world.produce(scenario.load.replayed(rejected))
        await world.read_down("plans")
        journal = len(await world.stored("plans", "journal"))

        await scenario.fleet.scale(0)
        await world.rewind("plans")
        await scenario.fleet.scale(2)
        await scenario.check(f"{2 * len(rejected)} replayed, offsets to 0")
        assert len(await world.stored("plans", "journal")) == journal
