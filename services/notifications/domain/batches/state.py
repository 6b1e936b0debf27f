"""A batch of e-mails that have ended."""

from __future__ import annotations

from typing import Final

from shared.domain.state import State

KIND: Final = "batches"


class EndedBatch(State):
    """E-mails that have ended. Nothing is folded: what became of each was published."""

    id: str
