"""How batches overlap and stay in order: stages that they pass, one batch at a time in each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Self

    from shared.pipeline.progress import Progress

log = structlog.get_logger()


class Stages:
    """Stages in a row; a batch leaves one only into the next, so that none overtakes another.

    When a batch has failed, no other gets any further: what comes behind it must not be committed.

    Args:
        names: of the stages, in order.
        seconds: how long a batch may be in a stage behind its first one; then something hangs, and
            it fails.
        progress: counts how long each stage took.

    Attributes:
        failure: what a batch has failed with.
    """

    def __init__(self, names: Sequence[str], seconds: float, progress: Progress) -> None:
        self.names = tuple(names)
        self.seconds = seconds
        self.progress = progress
        self.failure: Exception | None = None
        self.locks = [asyncio.Lock() for _ in names]

    def is_busy(self, name: str) -> bool:
        """Whether a batch is in a stage."""
        return self.locks[self.names.index(name)].locked()

    async def enter(self, name: str) -> Passage:
        """Enter at a stage, when those who came before have left it.

        Raises:
            Exception: what another batch has failed with.
        """
        at = self.names.index(name)
        await self.locks[at].acquire()
        if self.failure:
            self.locks[at].release()
            raise self.failure
        return Passage(self, at)


class Passage:
    """The way of one batch through the stages; at the end of the block it leaves them.

    Attributes:
        origins: says of which records the batch is, for whoever has to find the one that fails.
    """

    def __init__(self, stages: Stages, at: int) -> None:
        self._stages = stages
        self._at = at
        self._since = stages.progress.elapsed()
        self._limit = asyncio.timeout(None)
        self.origins: Callable[[], Sequence[str]] = tuple

    @property
    def stage(self) -> str:
        """Where the batch is."""
        return self._stages.names[self._at]

    async def on(self) -> None:
        """Go on to the next stage, when the batch before has left it.

        Raises:
            Exception: what another batch has failed with.
        """
        locks, at = self._stages.locks, self._at
        self._spent()
        left = self._stages.progress.elapsed()
        await locks[at + 1].acquire()
        self._at = at + 1
        locks[at].release()
        self._since = self._stages.progress.elapsed()
        self._stages.progress.waited(self.stage, self._since - left)
        self._limit.reschedule(asyncio.get_running_loop().time() + self._stages.seconds)
        if self._stages.failure:
            raise self._stages.failure

    def leave(self) -> None:
        """Let others into the stage where the batch is."""
        self._stages.locks[self._at].release()

    def _spent(self) -> None:
        progress = self._stages.progress
        progress.spent(self.stage, progress.elapsed() - self._since)

    async def __aenter__(self) -> Self:
        await self._limit.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        try:
            await self._limit.__aexit__(kind, error, at)
        except TimeoutError as late:
            why = f"a batch has been in {self.stage!r} for {self._stages.seconds} s"
            self._fail(TimeoutError(why))
            raise self._stages.failure or late from late
        finally:
            self._spent()
            if isinstance(error, Exception):
                self._fail(error)
            self.leave()

    def _fail(self, error: Exception) -> None:
        if self._stages.failure is None:
            self._stages.failure = error
            what = {"stage": self.stage, "origins": self.origins(), "error": f"{error!r:.500}"}
            log.error("batch_failed", **what)
