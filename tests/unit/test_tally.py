"""Counting members beside the engine takes a twentieth of its processor at most."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

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


@pytest.mark.parametrize(("took", "rest"), [(0.0, 5), (0.25, 5), (3.5, 70)])
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
