"""A process that a restore went on under knows nothing of it, so it does not read on."""

from __future__ import annotations

from typing import Any

import pytest
from aiokafka import TopicPartition

from shared.kafka.group import Committed, Extent
from shared.pipeline.continuity import Continuity, MustNotRead


class Store:
    """An installation whose store was restored."""

    id = "prepared"
    generation = 0

    def __init__(self, now: str) -> None:
        self.now = now
        self.restored = self
        self.pending = True
        self.reset_to: object = None

    async def accepted(self) -> list[str]:
        return []

    async def is_pending(self) -> bool:
        return self.pending

    async def is_replaced(self) -> bool:
        return self.now != self.id

    async def expected(self, _: object) -> dict[Any, int]:
        return {}

    async def is_empty(self) -> bool:
        return False

    async def reset(self, offsets: object) -> None:
        self.reset_to = offsets

    async def raise_generation(self, offsets: object) -> None:
        self.generation, self.reset_to = self.generation + 1, offsets

    async def settle(self) -> None:
        self.pending = False


class Group:
    """A consumer group that reads nothing, or one partition that ends before what was read."""

    name = "coalition.plans"

    def __init__(self, *read: TopicPartition) -> None:
        self.read = read

    async def partitions(self) -> list[Any]:
        return [*self.read]

    async def differences(self) -> list[str]:
        return []

    async def committed(self, _: object) -> dict[Any, Any]:
        return dict.fromkeys(self.read, Committed(None, ""))

    async def extents(self, _: object) -> dict[Any, Any]:
        return dict.fromkeys(self.read, Extent(0, 2))

    async def commit(self, *_: object) -> None:
        pass


def service(store: Any, *read: TopicPartition) -> Continuity:
    group: Any = Group(*read)
    return Continuity("plans", group, store)


async def test_one_that_was_started_before_the_restore_ends() -> None:
    store = Store("of the backup")
    with pytest.raises(MustNotRead, match="start anew"):
        await service(store).settle(1)
    assert store.pending
    assert store.reset_to is None


async def test_one_that_was_started_after_it_reads_on() -> None:
    store = Store(Store.id)
    await service(store).settle(1)
    assert not store.pending
    assert store.reset_to == {}


async def test_a_restore_beside_topics_that_were_made_anew_raises_the_generation() -> None:
    """From then on their offsets mean other records than those that the backup has read."""
    store, here = Store(Store.id), TopicPartition("coalition.plans.inbox.v1", 0)

    async def read_further(_: object) -> dict[Any, int]:
        return {here: 9}

    store.expected = read_further  # type: ignore[method-assign]  # what a backup knows
    await service(store, here).settle(1)
    assert (store.generation, store.reset_to) == (1, {here: 0})


async def test_a_process_that_is_assigned_partitions_of_another_generation_ends() -> None:
    with pytest.raises(MustNotRead, match="made anew, under this process"):
        await service(Store("of the backup")).assigned([])
