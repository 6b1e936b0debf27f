"""Step 7: brings snapshots and projections forward. It hides when they are written.

Under a backlog one write does for all that several batches did to an aggregate. The offsets of
those batches are held until then, so what is committed is the checkpoint of what was written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic

from shared.domain.decider import S
from shared.pipeline.batch import Batch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aiokafka import TopicPartition

    from shared.domain.stream import Stream
    from shared.domain.versioned import Versioned
    from shared.pipeline.progress import Progress
    from shared.pipeline.projections import Projection
    from shared.pipeline.repository import Repository
    from shared.pipeline.snapshots import Snapshots
    from shared.pipeline.writer import Watcher

_SECONDS: Final = 5
_RECORDS: Final = 50_000
_STATES: Final = 3_000
_BYTES: Final = 16_000_000
"""How long, how many records and how many snapshots may be behind under a backlog, and how large
the states are, as JSON."""


class Projector(Generic[S]):
    """Writes snapshots behind the journal, and then has the projections follow.

    Args:
        progress: shows how much is behind, and for how long.
        watcher: hears of what was written, and may have somebody who waits for it.
    """

    def __init__(
        self,
        repository: Repository[S],
        snapshots: Snapshots[S],
        projections: Sequence[Projection[S]],
        progress: Progress,
        watcher: Watcher | None = None,
    ) -> None:
        self._repository = repository
        self._snapshots = snapshots
        self._projections = projections
        self._progress = progress
        self._watcher = watcher
        self._elapsed = progress.elapsed
        self._behind = Batch[S]()
        self._since = progress.elapsed()

    def add(self, batch: Batch[S]) -> None:
        """Take over what is left of a batch that was published."""
        self._behind.add(batch)
        self._progress.fell_behind(len(self._behind.states))

    def may_wait(
        self,
        is_busy: bool,  # noqa: FBT001 - has its say once
        has_more: Callable[[Mapping[TopicPartition, int]], bool],
    ) -> bool:
        """Whether the next batch can share one write of the snapshots.

        Args:
            is_busy: whether snapshots are being written in this moment.
            has_more: whether there is a backlog behind offsets.
        """
        behind = self._behind
        if len(behind.states) >= _STATES or behind.records >= _RECORDS or behind.bytes > _BYTES:
            return False
        if self._watcher and self._watcher.is_eager:
            return False
        if is_busy:
            return True
        return self._elapsed() - self._since <= _SECONDS and has_more(behind.offsets)

    def take(self) -> Batch[S]:
        """What is behind; whoever takes it is to write and commit it."""
        behind, self._behind, self._since = self._behind, Batch(), self._elapsed()
        self._progress.being_written()
        return behind

    async def project(self, batch: Batch[S]) -> None:
        """Write the snapshots of all that a batch has touched, then what follows from them."""
        unsure = {stream for stream, aggregate in batch.states.items() if aggregate is None}
        states = batch.states | (await self._repository.current(unsure) if unsure else {})
        there = {s: one for s, one in states.items() if one and one.state is not None}
        sizes: Mapping[Stream, int] = {}
        if there:
            sizes = await self._snapshots.project(there)
            await self._follow(batch, there)
        self._repository.written(batch.states, sizes)
        self._progress.written()
        if self._watcher:
            self._watcher.written(batch.offsets)

    async def _follow(self, batch: Batch[S], there: Mapping[Stream, Versioned[S]]) -> None:
        states = {s: one.state for s, one in there.items() if one.state is not None}
        events = [one.event for entry in batch.followed for one in entry.events if one.event]
        traces = {entry.stream: entry.trace for entry in batch.followed if entry.trace}
        for projection in self._projections:
            of_it = [event for event in events if type(event) in projection.of]
            await projection.project(states, of_it, traces)
