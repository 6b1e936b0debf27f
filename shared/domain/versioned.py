"""An aggregate as it is read: its state, the version of the journal that it reflects, its size."""

from __future__ import annotations

from typing import Generic, NamedTuple

from shared.domain.decider import S


class Versioned(NamedTuple, Generic[S]):
    """One aggregate.

    Attributes:
        version: of its last journal entry; 0 where there is none.
        state: None where nothing of it was accepted yet, and where it is unreadable.
        size: at most about how many bytes the state takes as JSON; 0 where nobody has measured.
        unreadable: why its state cannot be read from the journal; empty where it can. What is
            decided about it, or by looking at it, is rejected as a defect.
        written: its size when its snapshot was written or read last; 0 where there was none.
    """

    version: int = 0
    state: S | None = None
    size: int = 0
    unreadable: str = ""
    written: int = 0

    @property
    def weight(self) -> int:
        """About how much of the memory is its, in bytes of JSON."""
        return self.written or self.size
