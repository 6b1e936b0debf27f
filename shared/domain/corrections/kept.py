"""What is kept of a correction, in every aggregate that can be corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pydantic import Field, JsonValue

from shared.contracts.base import Text
from shared.contracts.text import Recorded
from shared.domain.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable


class Corrects(Protocol):
    """An event that corrects what is recorded."""

    @property
    def recorded(self) -> str:
        """What the record has."""

    @property
    def correct(self) -> str | None:
        """What is right; None where it never happened."""

    @property
    def reason(self) -> str:
        """Why."""


class Correction(State):
    """What was recorded and does not stand.

    Attributes:
        of: which of several facts it is, such as the city that has an office.
        correct: what stands instead; None where it never happened.
        was: all that was recorded with it, where that is needed to take the correction back.
    """

    fact: Text
    of: str | None = None
    recorded: Recorded
    correct: Recorded | None = None
    reason: Text
    was: dict[str, JsonValue] = Field(default_factory=dict)


Corrections = tuple[Correction, ...]


def of_fact(corrections: Iterable[Correction], fact: str, recorded: str | None) -> Corrections:
    """The corrections of what was recorded of a fact, the last one last."""
    return tuple(c for c in corrections if (c.fact, c.recorded) == (fact, recorded))
