"""Offsets and store on a real Kafka, its topics handled by another maker's client."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from aiokafka.admin import NewTopic
from confluent_kafka.admin import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from shared.kafka.connection import Connection
from shared.kafka.group import Group, GroupIsActive
from shared.pipeline.continuity import Continuity, MustNotRead
from shared.pipeline.installation import Installation
from tests.integration.installations import INBOX, PATIENCE, Here, halted, here, is_halted, may_read
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.parts import Parts


@pytest.fixture
async def place(parts: Parts) -> AsyncIterator[Here]:
    async with here(parts) as made:
        yield made


async def test_a_new_installation_claims_its_group_and_reads_from_the_beginning(
    place: Here,
) -> None:
    tp = await place.produce(5)
    service = await place.service()
    await may_read(service)
    committed = await place.committed()
    assert set(committed.values()) == {(0, service.metadata)}
    await place.decided()
    await place.read(service, tp, 5)
    await may_read(await place.service())
    assert (await place.committed())[tp] == (5, service.metadata)


async def test_instances_of_one_service_share_an_id(place: Here) -> None:
    first, second = await asyncio.gather(place.service(), place.service())
    assert first.metadata == second.metadata
    assert (await place.service(1)).metadata != first.metadata


async def test_another_installation_with_its_own_store_stays_out_of_the_group(
    place: Here,
) -> None:
    production = await place.service()
    await may_read(production)
    other = await place.service(1)
    async with halted(other, "other-installation"):
        assert await production.assigned(place.partitions) is None
        assert {owner for _, owner in (await place.committed()).values()} == {production.metadata}
        await other.skip_unread()
    assert await production.assigned(place.partitions)
    with pytest.raises(MustNotRead, match="other-installation"):
        await production.watch(asyncio.Event())


async def test_a_group_with_members_skips_nothing(place: Here) -> None:
    await may_read(await place.service())
    other = await place.service(1)
    settling = asyncio.create_task(other.settle(PATIENCE))
    await eventually(lambda: is_halted(other))
    async with place.kafka.consumer(group_id=place.group, auto_offset_reset="earliest") as member:
        member.subscribe([place.inbox])
        await eventually(lambda: _has_partitions(member))
        for act in (other.skip_unread, other.reread):
            with pytest.raises(GroupIsActive):
                await act()
    settling.cancel()


async def _has_partitions(consumer: Any) -> bool:
    return bool(consumer.assignment())


async def test_offsets_from_before_there_were_ids_go_on(place: Here) -> None:
    tp = await place.produce(5)
    await place.move(tp, 4)
    await place.decided()
    service = await place.service()
    await may_read(service)
    assert (await place.committed())[tp] == (4, service.metadata)


async def test_an_empty_store_beside_offsets_at_the_end(place: Here) -> None:
    tp = await place.produce(5)
    await place.move(tp, 5)
    service = await place.service()
    async with halted(service, "store-behind"):
        assert await service.reread() == {**dict.fromkeys(place.partitions, 0)}
    assert (await place.committed())[tp] == (0, service.metadata)


async def test_a_restored_store_reads_again_what_it_missed(place: Here) -> None:
    tp = await place.produce(9)
    service = await place.service()
    await may_read(service)
    await place.decided()
    await place.read(service, tp, 3)
    backup = [one async for one in place.store(0)["offsets"].find()]
    await place.read(service, tp, 9)
    await place.store(0)["offsets"].drop()
    await place.store(0)["offsets"].insert_many(backup)

    restored = await place.service()
    async with halted(restored, "store-behind"):
        assert restored.halt
        assert f"{tp.topic}/{tp.partition} is committed up to 9" in restored.halt.reason
        assert (await restored.reread())[tp] == 3
    assert (await place.committed())[tp] == (3, service.metadata)


@pytest.mark.parametrize("how", ["skip_unread", "reread"])
async def test_offsets_that_another_tool_moved_ahead(place: Here, how: str) -> None:
    tp = await place.produce(9)
    service = await place.service()
    await may_read(service)
    await place.decided()
    await place.move(tp, 7)
    again = await place.service()
    async with halted(again, "store-behind"):
        read_on = await getattr(again, how)()
        assert read_on[tp] == (7 if how == "skip_unread" else 0)


async def test_offsets_set_to_zero_are_read_again_without_a_word(place: Here) -> None:
    tp = await place.produce(9)
    service = await place.service()
    await may_read(service)
    await place.decided()
    await place.read(service, tp, 9)
    await place.move(tp, 0)
    again = await place.service()
    await may_read(again)
    assert (await place.committed())[tp] == (0, service.metadata)
    await place.read(again, tp, 4)
    await place.move(tp, 6)
    await may_read(await place.service())


async def test_unread_records_that_were_deleted(place: Here) -> None:
    tp = await place.produce(20)
    service = await place.service()
    await may_read(service)
    await place.decided()
    await place.read(service, tp, 10)
    await place.delete_before(tp, 10)
    await may_read(await place.service())

    await place.delete_before(tp, 15)
    again = await place.service()
    async with halted(again, "records-deleted"):
        assert again.halt
        assert "begins at 15, but the next to be read was 10" in again.halt.reason
        assert (await again.skip_unread())[tp] == 15


async def test_a_topic_that_was_made_anew(place: Here) -> None:
    tp = await place.produce(9)
    service = await place.service()
    await may_read(service)
    await place.decided()
    await place.read(service, tp, 9)
    await place.make_anew()
    again = await place.service()
    async with halted(again, "topic-replaced"):
        assert again.generation == 0
        assert await again.skip_unread() == dict.fromkeys(place.partitions, 0)
    third = await place.service()
    await may_read(third)
    assert third.generation == 1, "its offsets mean other records than before"


async def test_a_process_that_was_frozen_over_it_has_no_record_of_the_new_one_passed_over(
    place: Here,
) -> None:
    """What it has still to note is of the old topic; the new one may be as long by then."""
    tp = await place.produce(9)
    frozen = await place.service()
    await may_read(frozen)
    await place.decided()
    await place.read(frozen, tp, 5)
    await place.make_anew()
    again = await place.service()
    async with halted(again, "topic-replaced"):
        await again.skip_unread()
    assert await place.produce(12) == tp
    await place.read(again, tp, 2)
    await frozen.advanced({tp: 9})
    third = await place.service()
    await may_read(third)
    assert (await place.committed())[tp] == (2, third.metadata)
    assert (await third.reread())[tp] == 2
    with pytest.raises(MustNotRead, match="made anew, under this process"):
        await frozen.assigned(place.partitions)


async def test_a_topic_made_beforehand_is_not_taken_as_it_is(parts: Parts) -> None:
    name = f"c{uuid.uuid4().hex[:8]}"
    kafka = Connection(parts.kafka, prefix=name)
    odd = {"retention.ms": str(7 * 24 * 3600 * 1000), "cleanup.policy": "compact"}
    async with kafka.admin() as admin:
        await admin.create_topics([NewTopic(kafka.topic(INBOX), 1, 1, topic_configs=odd)])
    async with here(parts) as made:
        made.kafka, made.inbox = kafka, kafka.topic(INBOX)
        service = await made.service()
        async with halted(service, "topic-settings"):
            assert service.halt
            for difference in ("1 partitions, not 3", "retention.ms=604800000", "compact"):
                assert difference in service.halt.reason
            await service.skip_unread()
        await may_read(await made.service())


async def test_a_topic_that_is_put_right_is_read_at_once(place: Here) -> None:
    async def set_retention(value: str) -> None:
        entry = ConfigEntry("retention.ms", value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, place.inbox, incremental_configs=[entry])
        for future in place.other_maker.incremental_alter_configs([resource]).values():
            await asyncio.to_thread(future.result, 30)

    await set_retention("1000")
    service = await place.service()
    async with halted(service, "topic-settings"):
        await set_retention("-1")


async def test_kafka_that_is_away_for_too_long_ends_the_wait(place: Here) -> None:
    installation = Installation(place.store(0))
    await installation.prepare()
    nowhere = Connection("127.0.0.1:9")
    service = Continuity("plans", Group(nowhere, "g", ["t"]), installation)
    began = time.monotonic()
    with pytest.raises(Exception, match="Unable to bootstrap"):
        await service.settle(patience=1)
    assert time.monotonic() - began < PATIENCE
    assert service.halt is None
