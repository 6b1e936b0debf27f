"""Counting members beside the engine takes a fiftieth of its processor at most."""

from __future__ import annotations

import asyncio
from array import array
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest

from shared.domain.state import State
from shared.domain.stream import Stream
from shared.pipeline.snapshots import BUCKETS
from shared.pipeline.tally import DailyTally, Numbers, rest_after

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class NoMarks:
    """A store in which nothing was marked."""

    def __getitem__(self, name: str) -> NoMarks:
        return self

    async def find_one(self, where: object) -> None:
        del where


@pytest.mark.parametrize(("took", "rest"), [(0.0, 5), (0.1, 5), (3.5, 175)])
def test_the_longer_it_has_counted_the_longer_it_rests(took: float, rest: float) -> None:
    assert rest_after(took) == rest


async def test_numbers_of_a_day_are_counted_again_on_another_one() -> None:
    now = [datetime(2015, 2, 28, 23, tzinfo=UTC)]
    asked: list[int] = []

    async def counted(buckets: Collection[int]) -> Mapping[int, Numbers]:
        asked.extend(buckets)
        return {}

    store: Any = NoMarks()
    tally = DailyTally("numbers", store, (), 1, counted)
    tally.clock = lambda: now[0]
    await tally.sums()
    await tally.sums()
    assert len(asked) == BUCKETS
    now[0] = datetime(2015, 3, 1, tzinfo=UTC)
    await tally.sums()
    assert (len(asked), tally.today()) == (2 * BUCKETS, "2015-03-01")


async def test_sums_are_those_of_the_buckets_however_often_and_whatever_was_counted_again() -> None:
    now, turn = [datetime(2015, 2, 28, tzinfo=UTC)], [0]

    async def counted(buckets: Collection[int]) -> Mapping[int, Numbers]:
        """In each turn some groups are as before, some are others, some come and some go."""
        return {
            bucket: {
                group: array("i", [1, group * turn[0] % 3])
                for group in range(7)
                if (bucket + group) % (turn[0] + 2)
            }
            for bucket in buckets
        }

    store: Any = NoMarks()
    tally = DailyTally("numbers", store, (), 2, counted)
    tally.clock = lambda: now[0]
    for turn[0] in range(5):
        now[0] += timedelta(days=1)
        expected = dict[Any, list[int]]()
        for numbers in (await counted(range(BUCKETS))).values():
            for group, (one, other) in numbers.items():
                before = expected.setdefault(group, [0, 0])
                expected[group] = [before[0] + one, before[1] + other]
        assert {group: list(found) for group, found in (await tally.sums()).items()} == expected


async def test_others_have_their_turn_between_buckets() -> None:
    """With 200,000 members the buckets that are counted together have 100,000 groups."""
    turns = 0

    async def counted(_: Collection[int]) -> Mapping[int, Numbers]:
        return {}

    async def else_() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    store: Any = NoMarks()
    tally = DailyTally("numbers", store, (), 1, counted)
    tally.clock = lambda: datetime(2015, 2, 28, tzinfo=UTC)
    other = asyncio.create_task(else_())
    await tally.sums()
    other.cancel()
    assert turns >= BUCKETS


async def test_a_backlog_is_worked_off_before_members_are_counted_but_for_a_minute_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seconds = [0.0]
    counts: list[float] = []

    async def counted(_: Collection[int]) -> Mapping[int, Numbers]:
        return {}

    async def sums() -> None:
        counts.append(seconds[0])

    store: Any = NoMarks()
    tally = DailyTally("numbers", store, {"members"}, 1, counted)
    monkeypatch.setattr(tally, "sums", sums)
    many = {Stream("members", str(number)): State() for number in range(2000)}
    few = {Stream("members", "0"): State()}

    async def rest(_: asyncio.Event, length: float) -> bool:
        seconds[0] += length
        await tally.rebuild(many if seconds[0] < 100 else few)
        return seconds[0] > 120

    monkeypatch.setattr("shared.pipeline.tally.monotonic", lambda: seconds[0])
    monkeypatch.setattr("shared.pipeline.tally.is_set_within", rest)
    monkeypatch.setattr("shared.mongo.upsert", Mock(side_effect=lambda *_: asyncio.sleep(0)))
    await tally.run(asyncio.Event())
    assert counts == [60, 100, 105, 110, 115, 120]
