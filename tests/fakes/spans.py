"""Keeps the spans that it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.tracing.spans import Span


class FakeSpans:
    """See `shared.tracing.spans.Spans`."""

    def __init__(self) -> None:
        self.told: list[Span] = []

    def tell(self, one: Span) -> None:
        """Keep it."""
        self.told.append(one)

    async def stop(self) -> None:
        """Send nothing."""

    def named(self, name: str) -> list[Span]:
        """Those of a name."""
        return [one for one in self.told if one.name == name]
