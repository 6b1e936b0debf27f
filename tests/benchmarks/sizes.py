"""How much each chapter of the bench does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """The whole bench; a smoke run does less of each."""

    events: int = 30_000
    members: int = 3_000
    batches: tuple[int, ...] = (500, 1000, 2000, 4000)
    rounds: int = 3
    naive: int = 2_000
    few: int = 100
    many: int = 100_000
    long: int = 150_000
    backlog: int = 1_000_000
    latency_events: int = 1_000
    mails: int = 10_000
    requests: int = 10_000
    questions: int = 200
    wide: int = 200_000
