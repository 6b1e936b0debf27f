"""Step 7: brings the snapshots forward. It hides when they are written.

Under a backlog one write does for all that several batches did to an aggregate. The offsets of
those batches are held until then, so what is committed is the checkpoint of what was written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic

from shared.domain.decider import S
from shared.pipeline.batch import Batch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiokafka import TopicPartition

    from shared.pipeline.progress import Progress
    from shared.pipeline.repository import Repository
    from shared.pipeline.snapshots import Views

_SECONDS: Final = 5
_RECORDS: Final = 50_000
_STATES: Final = 3_000
"""How long, how many records and how many snapshots may be behind under a backlog."""


class Projector(Generic[S]):
    """Writes snapshots behind the journal.

    Args:
        progress: is told how much is behind.
    """

    def __init__(self, repository: Repository[S], snapshots: Views[S], progress: Progress) -> None:
        self._repository = repository
        self._snapshots = snapshots
        self._progress = progress
        self._elapsed = progress.elapsed
        self._behind = Batch[S]()
        self._since = progress.elapsed()

    def add(self, batch: Batch[S]) -> None:
        """Take over what is left of a batch that was published."""
        self._behind.add(batch)
        self._progress.behind = len(self._behind.states)

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
        if len(behind.states) >= _STATES or behind.records >= _RECORDS:
            return False
        if is_busy:
            return True
        return self._elapsed() - self._since <= _SECONDS and has_more(behind.offsets)

    def take(self) -> Batch[S]:
        """What is behind; whoever takes it is to write and commit it."""
        behind, self._behind, self._since = self._behind, Batch(), self._elapsed()
        self._progress.behind = 0
        return behind

    async def project(self, batch: Batch[S]) -> None:
        """Write the snapshots of all that a batch has touched."""
        unsure = {stream for stream, known in batch.states.items() if known is None}
        states = batch.states | (await self._repository.current(unsure) if unsure else {})
        there = {s: (k.version, k.state) for s, k in states.items() if k and k.state is not None}
        if there:
            await self._snapshots.project(there)
        self._repository.written(batch.states)
