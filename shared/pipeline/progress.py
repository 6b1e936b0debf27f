"""What the parts of the pipeline report of their work: the one place to read it from.

It costs a few additions for a batch, none for a record. `/readyz` and `/metrics` show it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from shared.journal.entry import Outcome

if TYPE_CHECKING:
    from datetime import datetime

    from shared.pipeline.breaker import Halt

Elapsed = Callable[[], float]
"""A clock for durations: seconds from any moment on, never put back."""


@dataclass(slots=True)
class StageTime:
    """How often batches were in a stage, and for how many seconds in all.

    Attributes:
        waited: seconds in all that they waited for the batch before them to leave it.
    """

    times: int = 0
    seconds: float = 0.0
    waited: float = 0.0


@dataclass(frozen=True, slots=True)
class Lag:
    """What is left to read of a partition, as of the last poll.

    Attributes:
        records: how many.
        newest: when the last record that was taken was produced, in seconds since 1970 by the
            clock of whoever produced it; None where none was taken yet.
    """

    records: int
    newest: float | None


@dataclass(frozen=True, slots=True)
class Behind:
    """Snapshots that are behind the journal.

    Attributes:
        count: how many.
        since: since when the first of them is, by the clock for durations.
    """

    count: int = 0
    since: float = 0.0


NOTHING: Final = Behind()


@dataclass(slots=True)
class Progress:
    """What an operator wants to know of a running engine.

    Attributes:
        assigned: whether the consumer has its partitions.
        halted: why nothing is read, if so.
        inboxes: those of which too much was rejected, by topic; each says whether it is read.
        polled: when Kafka was last heard, for people; `age` is for decisions.
        lags: what is still to be read, by topic and partition.
        waiting: snapshots that are behind the journal, and wait to be written.
        writing: those that are being written.
        undecodable: records that the client could not decode.
        stages: how long each stage of the pipeline takes.
    """

    elapsed: Elapsed = time.monotonic
    assigned: bool = False
    halted: Halt | None = None
    inboxes: Mapping[str, Halt] = field(default_factory=dict)
    polled: datetime | None = None
    lags: dict[tuple[str, int], Lag] = field(default_factory=dict)
    waiting: Behind = NOTHING
    writing: Behind = NOTHING
    records: int = 0
    batches: int = 0
    duplicates: int = 0
    redelivered: int = 0
    undecodable: int = 0
    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    stages: dict[str, StageTime] = field(default_factory=dict)
    _heard: float | None = None
    _turned: float | None = None

    def heard(self, now: datetime) -> None:
        """Note that Kafka has just answered."""
        self.polled, self._heard = now, self.elapsed()

    def age(self) -> float:
        """Seconds since Kafka was last heard; infinite where it never was.

        The clock on the wall has no say in it: it may be put back by an hour.
        """
        return float("inf") if self._heard is None else self.elapsed() - self._heard

    def turn(self) -> None:
        """Note that the engine's loop takes another turn."""
        self._turned = self.elapsed()

    def turn_age(self) -> float:
        """Seconds since the loop last took a turn; none where it has not begun."""
        return 0.0 if self._turned is None else self.elapsed() - self._turned

    @property
    def behind(self) -> int:
        """How many snapshots are behind the journal."""
        return self.waiting.count + self.writing.count

    def behind_age(self) -> float:
        """For how many seconds the snapshot has been behind that has been so longest."""
        times = [one.since for one in (self.waiting, self.writing) if one.count]
        return self.elapsed() - min(times) if times else 0.0

    def fell_behind(self, count: int) -> None:
        """Note how many snapshots wait to be written."""
        if count:
            since = self.waiting.since if self.waiting.count else self.elapsed()
            self.waiting = Behind(count, since)

    def being_written(self) -> None:
        """Note that what waits is being written."""
        self.writing, self.waiting = self.waiting, NOTHING

    def written(self) -> None:
        """Note that what was being written is."""
        self.writing = NOTHING

    def spent(self, stage: str, seconds: float) -> None:
        """Note that a batch has left a stage."""
        time_ = self.stages.setdefault(stage, StageTime())
        time_.times += 1
        time_.seconds += seconds

    def waited(self, stage: str, seconds: float) -> None:
        """Note that a batch has waited to enter a stage."""
        self.stages.setdefault(stage, StageTime()).waited += seconds
