"""The circuit breaker, in its own words; what it does to a service is shown in tests/faults."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.pipeline.breaker import Breaker

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Notes:
    """The one document that a breaker keeps."""

    def __init__(self) -> None:
        self.document: dict[str, Any] | None = None

    async def update_one(self, where: Any, change: Any, *, upsert: bool) -> None:
        assert upsert
        self.document = {**where, **change["$set"]}

    async def find_one(self, _: Any) -> dict[str, Any] | None:
        return self.document


def breaker(notes: Notes, share: float = 0.5) -> Breaker:
    return Breaker(notes, window=10, share=share)  # type: ignore[arg-type]  # it asks no more of it


@pytest.mark.parametrize(("rejected", "halts"), [(5, False), (6, True), (10, True)])
async def test_more_than_the_share_of_a_full_window_halts(rejected: int, halts: bool) -> None:  # noqa: FBT001 - a case of the table
    notes = Notes()
    own = breaker(notes)
    own.count(number < rejected for number in range(10))
    assert bool(await own.trip(NOW)) is halts
    assert bool(notes.document) is halts


async def test_a_window_that_is_not_full_never_halts() -> None:
    own = breaker(Notes())
    own.count([True] * 9)
    assert await own.trip(NOW) is None


async def test_all_of_it_never_halts_where_the_share_is_one() -> None:
    own = breaker(Notes(), share=1)
    own.count([True] * 20)
    assert await own.trip(NOW) is None


async def test_another_process_hears_of_the_halt_and_a_fresh_window_is_counted_after_it() -> None:
    notes = Notes()
    own = breaker(notes)
    own.count([True] * 10)
    assert await own.trip(NOW) == await breaker(notes).halted()
    assert await own.trip(NOW) is None
