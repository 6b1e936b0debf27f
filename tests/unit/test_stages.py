"""Batches pass the stages in order, and behind a failed one nobody gets any further."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import pytest

from shared.pipeline.progress import Progress
from shared.pipeline.stages import Passage, Stages

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES: Final = ("consume", "decide", "publish")


class Broken(Exception):
    """Something that nobody knows how to handle."""


def stages(seconds: float = 60) -> Stages:
    return Stages(NAMES, seconds, Progress())


async def go_through(
    passage: Passage, seen: list[tuple[int, str]], number: int, fails_in: str = ""
) -> None:
    async with passage:
        for name in NAMES:
            for _ in range(number % 3):
                await asyncio.sleep(0)
            seen.append((number, name))
            if name == fails_in:
                raise Broken
            if name != NAMES[-1]:
                await passage.on()


async def test_none_overtakes_another_and_they_overlap() -> None:
    line, seen = stages(), list[tuple[int, str]]()
    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(go_through(await line.enter("consume"), seen, number))
    for name in NAMES:
        assert [number for number, stage in seen if stage == name] == list(range(20))
    assert seen != sorted(seen), "they overlap"
    assert {name: time.times for name, time in line.progress.stages.items()} == dict.fromkeys(
        NAMES, 20
    )


@pytest.mark.parametrize("where", NAMES)
async def test_behind_a_failed_batch_nobody_gets_further(where: str) -> None:
    line, seen = stages(), list[tuple[int, str]]()
    tasks = []
    for number in range(20):
        try:
            passage = await line.enter("consume")
        except Broken:
            break
        fails_in = where if number == 3 else ""
        tasks.append(asyncio.create_task(go_through(passage, seen, number, fails_in)))
    await asyncio.wait(tasks)
    assert {type(task.exception()) for task in tasks[3:]} == {Broken}
    assert isinstance(line.failure, Broken)
    assert [number for number, stage in seen if stage == "publish" and number > 3] == []
    with pytest.raises(Broken):
        await line.enter("decide")
    assert not any(map(line.is_busy, NAMES))


async def test_a_batch_that_hangs_fails_and_names_the_stage() -> None:
    line = stages(seconds=0.01)

    async def hang() -> None:
        async with await line.enter("consume") as passage:
            await passage.on()
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError, match=r"'decide' for 0\.01 s"):
        await hang()
    assert isinstance(line.failure, TimeoutError)


async def test_to_wait_for_records_is_not_to_hang() -> None:
    line = stages(seconds=0)
    async with await line.enter("consume"):
        await asyncio.sleep(0.01)
    assert line.failure is None


@pytest.mark.parametrize("leave", [Passage.leave, None])
async def test_a_cancelled_batch_is_no_failure(leave: Callable[[Passage], None] | None) -> None:
    line = stages()
    if leave:
        leave(await line.enter("consume"))
    else:
        entered = asyncio.create_task(go_through(await line.enter("consume"), [], 1))
        await asyncio.sleep(0)
        entered.cancel()
        await asyncio.wait({entered})
        assert entered.cancelled()
    assert line.failure is None
    assert not line.is_busy("consume")
