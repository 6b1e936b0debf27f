"""A process that a restore went on under knows nothing of it, so it does not read on."""

from __future__ import annotations

from typing import Any

import pytest

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

    async def reset(self, offsets: object) -> None:
        self.reset_to = offsets

    async def settle(self) -> None:
        self.pending = False


class Group:
    """A consumer group that reads nothing."""

    name = "coalition.plans"

    async def partitions(self) -> list[Any]:
        return []

    async def differences(self) -> list[str]:
        return []

    async def committed(self, _: object) -> dict[Any, Any]:
        return {}

    async def extents(self, _: object) -> dict[Any, Any]:
        return {}

    async def commit(self, *_: object) -> None:
        pass


def service(store: Any) -> Continuity:
    group: Any = Group()
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
