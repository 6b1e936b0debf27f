"""The course of a commitment: how far it had come, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shared.contracts.base import EdtfDate
from shared.contracts.plans import Basis, Percent, Status
from shared.domain.dates import is_older
from shared.domain.state import State

if TYPE_CHECKING:
    from shared.contracts.plans import CommitmentUpdated

MAX_COURSE: Final = 40
"""Dates of one commitment that are kept; the oldest leave, and stay in the history."""


class DatedProgress(State):
    """How far a commitment had come on a date, as it was reported or derived."""

    status: Status
    as_of: EdtfDate
    percent: Percent | None = None
    basis: Basis = "reported"

    @classmethod
    def of(cls, event: CommitmentUpdated) -> DatedProgress:
        """What an update says of it."""
        return cls(
            status=event.status,
            as_of=event.as_of,
            percent=event.percent,
            basis=event.basis or "reported",
        )


Course = tuple[DatedProgress, ...]


def with_progress(course: Course, new: DatedProgress) -> Course:
    """With one more, in the place of one of its date, and before all that is certainly later."""
    others = [one for one in course if one.as_of != new.as_of]
    place = len(others)
    while place and is_older(new.as_of, others[place - 1].as_of):
        place -= 1
    return (*others[:place], new, *others[place:])[-MAX_COURSE:]


def without(course: Course, as_of: str, basis: Basis) -> Course:
    """Without what was found in one way on a date."""
    return tuple(one for one in course if (one.as_of, one.basis) != (as_of, basis))


def find(course: Course, as_of: str | None) -> DatedProgress | None:
    """What was recorded as of a date."""
    return next((one for one in course if one.as_of == as_of), None)
