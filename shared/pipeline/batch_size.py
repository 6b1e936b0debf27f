"""How many records a batch has: as many as the memory has room for what they concern."""

from __future__ import annotations

from typing import Final

_FIRST: Final = 64
_BYTES: Final = 2_500_000
"""How large the states of one batch may be, as JSON."""


class BatchSize:
    """Begins small: a process that was killed for its memory would else be so again.

    Args:
        highest: records that a batch may have at most.

    Attributes:
        most: those that the next one may have.
    """

    def __init__(self, highest: int) -> None:
        self._highest = highest
        self.most = min(_FIRST, highest)

    def fit(self, records: int, size: int) -> None:
        """Learn from a batch: halve where its states were too large, else double when it was full.

        Args:
            records: that it had.
            size: of the states that they concern, as JSON.
        """
        if size > _BYTES:
            self.most = max(1, min(self.most, records) // 2)
        elif 2 * size <= _BYTES and records >= self.most:
            self.most = min(self._highest, 2 * self.most)
