"""What a chapter of the bench finds out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Aim:
    """A ratio that is to be reached, or with `at_most` not to be passed."""

    what: str
    wanted: float
    reached: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        return self.reached <= self.wanted if self.at_most else self.reached >= self.wanted


@dataclass(frozen=True, slots=True)
class Findings:
    """A table, and the aims that it speaks of.

    Attributes:
        bars: what the plot shows, by name.
        note: what a reader of the table should know, or why it is empty.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    aims: tuple[Aim, ...] = ()
    bars: tuple[tuple[str, float], ...] = ()
    note: str = ""
