"""What a sheet of members says and the record does not: whether it differs, and what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from shared.contracts.base import is_called
from shared.domain.dates import agree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.contracts.base import Model

_NAMES: Final = frozenset({"name", "local_name"})
_LISTS: Final = frozenset({"further_steps", "called", "moves", "partners"})
_DATES: Final = frozenset(
    {
        "applied",
        "decided",
        "condition_met",
        "signed",
        "acceded",
        "under_examination",
        "deferred",
        "deferred_until",
        "declined",
        "dropped",
        "admitted",
        "on_hold",
        "on_hold_until",
        "suspended",
        "overdue_report",
        "population_as_of",
        "reinstated",
        "withdrawn",
    }
)
_DATED: Final = frozenset({"date", "since", "joined", "left", "moved", "overdue_report", "until"})
"""Dates within the lists."""
_BY_A_DATE: Final = "StepCorrected mends a wrong date, and takes away a step that never happened"
_MENDED_BY: Final = {
    "id": "MembersMerged makes two one",
    "coalition": "MemberCorrected mends a wrong coalition; that it moved to another one says"
    " MemberMoved, or the coalition before with its date in `moves`",
    "name": "a new name has its date, in MemberRenamed or in `called`; one in another language"
    " belongs in `names`; MemberCorrected mends a wrong one",
    "local_name": "MemberRenamed gives it one, with its date",
    "country": "MemberCorrected mends a wrong country",
    "kind": "MemberRenamed gives it another kind, with its date; MemberCorrected mends a wrong one",
    "state": "it follows from the dates: give the one that makes it so, or leave the cell empty",
    "step_order": "dates tell the order: StepCorrected gives a finer one",
    "called": "MemberRenamed says what it was called, and since when",
    "moves": "MemberMoved says when it came to its coalition; MemberCorrected mends a wrong date",
    "partners": "PartnerJoined and PartnerLeft say since when, and until when; MemberCorrected"
    " mends a wrong date",
}


def mended_by(column: str) -> str:
    """What mends a column that no event of its row has changed."""
    return _MENDED_BY.get(column, _BY_A_DATE)


def is_recorded(column: str, given: Any, there: Any, names: Iterable[str | None]) -> bool:  # noqa: ANN401 - cells
    """Whether the record says what a cell says, or more.

    Args:
        column: where it stands.
        given: the cell.
        there: the cell as it is exported.
        names: all that the member is and was called.
    """
    if column in _NAMES:
        return is_called(given, names)
    if column in _LISTS:
        return all(any(_covers(one, other) for other in there) for one in given)
    return _agrees("date" if column in _DATES else column, given, there)


def _covers(given: Model, there: Model) -> bool:
    mine, its = given.model_dump(exclude_none=True), there.model_dump(exclude_none=True)
    return all(_agrees(field, value, its.get(field)) for field, value in mine.items())


def _agrees(field: str, given: Any, there: Any) -> bool:  # noqa: ANN401 - a cell, or a field in it
    if there is None:
        return not given
    if field == "organisation":
        return bool(given.casefold() == there.casefold())
    if field in _DATED:
        return agree(given, there)
    if isinstance(given, dict):
        return bool(given.items() <= there.items())
    return bool(given == there)
