"""What was uploaded, row by row: a row of the table, or why it is none."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from shared.contracts.base import Model
from shared.tabular import spreadsheet
from shared.tabular.rows import columns, schemas

if TYPE_CHECKING:
    from shared.tabular.rows import ImportedRow

Form = Literal["csv", "jsonl"]
MAX_ROWS: Final = 50_000
"""Rows of one file at most."""


class RowError(Model):
    """What is wrong in a file.

    Attributes:
        row: as a spreadsheet counts, the header being 1; in JSON Lines the line.
        column: where it is one column that is wrong.
    """

    row: int
    column: str | None = None
    reason: str


class BadFile(Exception):
    """The file as a whole cannot be read; `error` says where it stops to make sense."""

    def __init__(self, reason: str, row: int = 1, column: str | None = None) -> None:
        super().__init__(reason)
        self.error = RowError(row=row, column=column, reason=reason)


@dataclass(frozen=True, slots=True)
class Read:
    """What one line of a file holds: a row, or errors."""

    number: int
    row: ImportedRow | None = None
    errors: Sequence[RowError] = ()


def read(content: bytes, form: Form, row: type[ImportedRow]) -> Iterator[Read]:
    """Read a file row by row; empty rows are passed over.

    Raises:
        BadFile: it is not text, has not the right columns, or has too many rows.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise BadFile("the file is not UTF-8: save it as 'CSV UTF-8'") from None
    found = _of_csv(text, row) if form == "csv" else _of_json(text, row)
    for count, one in enumerate(found):
        if count == MAX_ROWS:
            raise BadFile(f"a file has at most {MAX_ROWS} rows", one.number)
        yield one


def _explained(number: int, error: ValidationError) -> list[RowError]:
    """Why a row is none, column by column; the input is not repeated."""
    return [
        RowError(row=number, column=str(p["loc"][0]) if p["loc"] else None, reason=_reason(p))
        for p in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def _reason(problem: ErrorDetails) -> str:
    return problem["msg"].removeprefix("Value error, ")


def _of_json(text: str, row: type[ImportedRow]) -> Iterator[Read]:
    for number, line in enumerate(text.removeprefix(spreadsheet.BOM).split("\n"), 1):
        if not line.strip():
            continue
        try:
            said = from_json(line)
        except ValueError:
            said = None
        if isinstance(said, dict):
            yield _checked(number, row, {k: v for k, v in said.items() if v is not None})
        else:
            yield Read(number, errors=[RowError(row=number, reason="not a JSON object")])


def _of_csv(text: str, row: type[ImportedRow]) -> Iterator[Read]:
    found, number = spreadsheet.lines(text), 1
    try:
        header = [name.strip() for name in next(found, ())]
        _check_header(header, row)
        for number, cells in enumerate(found, 2):
            if any(cell.strip() for cell in cells):
                yield _of_cells(number, header, cells, row)
    except csv.Error as error:
        raise BadFile(f"no CSV from here on: {error}", number + 1) from None


def _check_header(header: Sequence[str], row: type[ImportedRow]) -> None:
    known = columns(row)
    for name in header:
        if name not in known:
            raise BadFile(f"there is no such column; known are {', '.join(known)}", column=name)
        if header.count(name) > 1:
            raise BadFile("the column stands there twice", column=name)
    for name, field in row.model_fields.items():
        if field.is_required() and name not in header:
            raise BadFile("the column is missing", column=name)


def _of_cells(
    number: int, header: Sequence[str], cells: Sequence[str], row: type[ImportedRow]
) -> Read:
    if any(cell.strip() for cell in cells[len(header) :]):
        reason = f"{len(cells)} cells, where the header has {len(header)}"
        return Read(number, errors=[RowError(row=number, reason=reason)])
    said: dict[str, Any] = {}
    types = schemas(row)
    for name, cell in zip(header, cells, strict=False):
        try:
            if cell.strip():
                said[name] = spreadsheet.value(cell, types[name].get("type", "string"))
        except ValueError:
            return Read(number, errors=[RowError(row=number, column=name, reason="not JSON")])
    return _checked(number, row, said)


def _checked(number: int, row: type[ImportedRow], said: dict[str, Any]) -> Read:
    try:
        return Read(number, row.model_validate(said))
    except ValidationError as error:
        return Read(number, errors=_explained(number, error))
