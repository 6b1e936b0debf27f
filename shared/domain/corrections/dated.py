"""Corrections of dates that the aggregate itself finds; what was recorded is kept beside them."""

from __future__ import annotations

from typing import Final, NamedTuple

from shared.domain.corrections.kept import Correction, Corrections, Corrects, of_fact

MAX_CORRECTIONS: Final = 100
"""Corrections that are kept with an aggregate; the oldest leave, and stay in the history."""


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


def find_corrected(corrections: Corrections, fact: str, recorded: str) -> Correction | None:
    """The last correction of a fact that was recorded with a date."""
    same = of_fact(corrections, fact, recorded)
    return same[-1] if same else None


def change(corrections: Corrections, fact: str, event: Corrects) -> Change:
    """What an event corrects; what takes a correction back has it forgotten."""
    last = find_corrected(corrections, fact, event.recorded)
    if last and event.correct == event.recorded:
        return Change(last.correct, event.correct, tuple(c for c in corrections if c is not last))
    new = Correction(fact=fact, recorded=event.recorded, correct=event.correct, reason=event.reason)
    return Change(event.recorded, event.correct, (*corrections, new)[-MAX_CORRECTIONS:])
