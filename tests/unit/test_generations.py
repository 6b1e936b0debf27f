"""Topics that were made anew have a generation of their own, whatever is looked up meanwhile."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from aiokafka import TopicPartition

from shared.pipeline.installation import Installation

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

PARTITIONS = [TopicPartition("coalition.plans.inbox.v1", n) for n in range(3)]


class Collection:
    """Documents by id; before each write something else may happen."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}
        self.meanwhile: Callable[[], Awaitable[object]] | None = None

    async def find_one(self, where: Mapping[str, Any], *_: object) -> dict[str, Any] | None:
        return self.documents.get(where["_id"])

    async def update_one(
        self, where: Mapping[str, Any], change: Mapping[str, Any], *, upsert: bool
    ) -> None:
        assert upsert
        if self.meanwhile:
            await self.meanwhile()
        found = self.documents.setdefault(where["_id"], {})
        found |= {**change.get("$setOnInsert", {}), **found, **change.get("$set", {})}


async def test_what_is_looked_up_while_it_is_raised_does_not_take_it_back() -> None:
    """A halted process looks every few seconds, also while an operator has it skip some."""
    store = defaultdict[str, Any](Collection)
    here = Installation(store)  # type: ignore[arg-type]
    await here.prepare()
    await here.reset(dict.fromkeys(PARTITIONS, 9))
    store["offsets"].meanwhile = here.accepted
    await here.raise_generation(dict.fromkeys(PARTITIONS, 0))
    assert here.generation == 1
    assert not await here.is_replaced()
    noted = {name: one["next"] for name, one in store["offsets"].documents.items()}
    topic = PARTITIONS[0].topic
    assert noted == {f"{topic}/{n}": 9 for n in range(3)} | {f"{topic}@1/{n}": 0 for n in range(3)}
