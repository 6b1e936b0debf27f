"""Commands read a topic up to its end, and do not wait for ever for what does not come."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiokafka import TopicPartition

from cli import kafka

HERE = TopicPartition("topic", 0)


@dataclass
class Consumer:
    """A consumer that gets so much at each poll; a transaction marker is a place and no record."""

    polls: list[list[str]]
    marked: set[int] = field(default_factory=set)
    at: int = 0

    async def position(self, tp: TopicPartition) -> int:
        assert tp == HERE
        return self.at

    async def getmany(self, tp: TopicPartition, **_: Any) -> dict[TopicPartition, list[str]]:
        await asyncio.sleep(0)
        if not self.polls:
            return {}
        found = self.polls.pop(0)
        self.at += len(found)
        while self.at in self.marked:
            self.at += 1
        return {tp: found}


async def read(consumer: Any, end: int) -> list[Any]:
    return [one async for part in kafka.up_to(consumer, HERE, end) for one in part]


async def test_all_up_to_the_end_is_read_though_polls_bring_nothing_and_markers_lie_between() -> (
    None
):
    consumer = Consumer([["a", "b"], [], ["c"], []], marked={3, 4})
    assert await read(consumer, 5) == ["a", "b", "c"]


async def test_what_never_comes_is_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kafka, "_SILENT_SECONDS", 0.01)
    async with asyncio.timeout(10):
        with pytest.raises(TimeoutError):
            await read(Consumer([["a"]]), 2)
