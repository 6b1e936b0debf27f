"""Corrections: what was recorded and does not stand; it is kept beside what does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from shared.contracts.base import EdtfDate, Text
from shared.domain.state import State

if TYPE_CHECKING:
    from shared.contracts.plans import Correction

MAX_CORRECTIONS: Final = 100
"""Corrections that are kept with an aggregate; the oldest leave, and stay in the history."""


class Corrected(State):
    """A fact as it was recorded, and its right date; without one it never happened."""

    fact: Text
    recorded: EdtfDate
    correct: EdtfDate | None = None
    reason: Text


Corrections = tuple[Corrected, ...]


class Change(NamedTuple):
    """What a correction changes.

    Attributes:
        now: the date under which the fact is found; None where it was corrected away.
        correct: the date that it has afterwards; None where it is to go.
        corrections: all of them afterwards.
    """

    now: str | None
    correct: str | None
    corrections: Corrections


def find_corrected(corrections: Corrections, fact: str, recorded: str) -> Corrected | None:
    """The last correction of a fact that was recorded with a date."""
    found = (c for c in reversed(corrections) if (c.fact, c.recorded) == (fact, recorded))
    return next(found, None)


def takes_back(corrections: Corrections, fact: str, event: Correction) -> bool:
    """Whether an event takes a correction back."""
    return event.correct == event.recorded and bool(
        find_corrected(corrections, fact, event.recorded)
    )


def change(corrections: Corrections, fact: str, event: Correction) -> Change:
    """What an event corrects; what takes a correction back has it forgotten."""
    last = find_corrected(corrections, fact, event.recorded)
    if last and event.correct == event.recorded:
        return Change(last.correct, event.correct, tuple(c for c in corrections if c is not last))
    new = Corrected(fact=fact, recorded=event.recorded, correct=event.correct, reason=event.reason)
    return Change(event.recorded, event.correct, (*corrections, new)[-MAX_CORRECTIONS:])
