"""Whose turn it is to be reminded of what is overdue: one after the other, and each once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from shared.contracts.plans import CHASED, Chased

if TYPE_CHECKING:
    from shared.contracts.plans import ChaseDays


class Turn(NamedTuple):
    """Whose turn it is, and since when it is overdue."""

    to: Chased
    since: date


def turn(chase: ChaseDays, late: int, before: Chased | None, today: date) -> Turn | None:
    """Whose turn has come and was not said yet; None where that is nobody's.

    After downtime it is the last one's alone: those before are reminded with them.

    Args:
        chase: after how many days overdue each has their turn.
        late: for how many days it has been overdue.
        before: whose turn was said last.
        today: the day that it is.
    """
    came = sum(days <= late for days in chase)
    if came <= _place(before):
        return None
    return Turn(CHASED[came - 1], today - timedelta(days=late))


def _place(before: Chased | None) -> int:
    return CHASED.index(before) + 1 if before else 0
