"""What is wrong in a file: in a cell, in one of its rows, or in the file as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.contracts.base import Model

if TYPE_CHECKING:
    from collections.abc import Sequence


class RowError(Model):
    """What is wrong in a file.

    Attributes:
        row: as a spreadsheet counts, the header being 1; in JSON Lines the line.
        column: where it is one column that is wrong.
    """

    row: int
    column: str | None = None
    reason: str


class BadCell(str):
    """A cell that cannot be read; the text is the reason."""

    __slots__ = ()


class BadFile(Exception):
    """The file as a whole cannot be read; `errors` say where it stops to make sense."""

    def __init__(self, reason: str, row: int = 1, column: str | None = None) -> None:
        super().__init__(reason)
        self.errors = [RowError(row=row, column=column, reason=reason)]

    @classmethod
    def of(cls, errors: Sequence[RowError]) -> BadFile:
        """All that is wrong at once."""
        bad = cls(errors[0].reason)
        bad.errors = list(errors)
        return bad
