"""What is refused of corrections, and because of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.domain.corrections.dated import Change, change, find_corrected
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Collection

    from shared.domain.corrections.kept import Corrections, Corrects


def checked(
    corrections: Corrections,
    fact: str,
    event: Corrects,
    dates: Collection[str | None],
) -> Change | None:
    """What an event corrects; None where it is corrected so already.

    Args:
        corrections: of the aggregate.
        fact: what is corrected.
        event: the correction.
        dates: those on which such a fact is recorded.

    Raises:
        Refused: no such fact is recorded, or another one has the right date already.
    """
    last = find_corrected(corrections, fact, event.recorded)
    if last and last.correct == event.correct:
        return None
    change_ = change(corrections, fact, event)
    if event.correct == event.recorded and not last:
        _refuse_unknown(fact, event.recorded, dates)
        return None
    if change_.now is not None:
        _refuse_unknown(fact, change_.now, dates)
    if event.correct in dates:
        raise Refused(f"{fact} is recorded as of {event.correct}, too: correct that one away first")
    return change_


def _refuse_unknown(fact: str, recorded: str, dates: Collection[str | None]) -> None:
    if recorded in dates:
        return
    there = ", ".join(sorted(date for date in dates if date)[-5:])
    raise Refused(f"{fact} is not recorded as of {recorded}, but of: {there or 'no date'}")


def refuse_corrected(
    corrections: Corrections, fact: str, recorded: str, dates: Collection[str | None]
) -> None:
    """Refuse what is recorded once more, and was found to be wrong.

    Raises:
        Refused: it was corrected, and nothing else is recorded with that date.
    """
    last = find_corrected(corrections, fact, recorded)
    if last and recorded not in dates:
        raise Refused(
            f"{fact} as of {recorded} was corrected: {last.reason}; take that back first, by a"
            f" correction with {recorded} as the right date"
        )
