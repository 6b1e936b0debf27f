"""What was uploaded, row by row: a row of the table, or why it is none."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from shared.contracts.placeholders import is_placeholder
from shared.contracts.reasons import problems, reason
from shared.tabular import headings, spreadsheet
from shared.tabular.errors import BadCell, BadFile, RowError
from shared.tabular.rows import columns, schemas

if TYPE_CHECKING:
    from shared.tabular.rows import ImportedRow

Form = Literal["csv", "jsonl", "xlsx"]
_NAMES: Final = frozenset({"name", "local_name"})
_NOTHING: Final = "this only says that something is missing: leave the cell empty"
_ZIP: Final = b"PK\x03\x04"
MAX_ROWS: Final = 50_000
"""Rows of one file at most."""


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
    for count, one in enumerate(_found(content, form, row)):
        if count == MAX_ROWS:
            raise BadFile(f"a file has at most {MAX_ROWS} rows", one.number)
        yield one


def _found(content: bytes, form: Form, row: type[ImportedRow]) -> Iterator[Read]:
    if form == "xlsx":
        from shared.tabular import xlsx_reading  # noqa: PLC0415 - see `xlsx_frame`

        return _of_sheet(xlsx_reading.rows(content, columns(row)), row)
    text = _decoded(content)
    return _of_json(text, row) if form == "jsonl" else _of_sheet(_lines(text, columns(row)), row)


def _decoded(content: bytes) -> str:
    if content.startswith(_ZIP):
        raise BadFile("this is a workbook: send it as what it is, with a name that ends with .xlsx")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise BadFile("the file is not UTF-8: save it as 'CSV UTF-8'") from None


def _explained(number: int, error: ValidationError, row: type[ImportedRow]) -> list[RowError]:
    """Why a row is none, column by column; the input is not repeated."""
    return [
        RowError(row=number, column=str(p["loc"][0]) if p["loc"] else None, reason=_reason(p, row))
        for p in problems(error)
    ]


def _reason(problem: ErrorDetails, row: type[ImportedRow]) -> str:
    column, *within = problem["loc"] or ("",)
    if problem["type"] == "extra_forbidden" and not within:
        return headings.unknown(str(column), columns(row))
    where = f"{'.'.join(map(str, within))}: " if within else ""
    return where + reason(problem)


def _of_json(text: str, row: type[ImportedRow]) -> Iterator[Read]:
    for number, line in enumerate(text.removeprefix(spreadsheet.BOM).split("\n"), 1):
        if not line.strip():
            continue
        try:
            values = from_json(line)
        except ValueError:
            values = None
        if isinstance(values, dict):
            yield _checked(number, row, {k: v for k, v in values.items() if v is not None})
        else:
            yield Read(number, errors=[RowError(row=number, reason="not a JSON object")])


def _lines(text: str, names: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows of a CSV file, each with its number."""
    text, separator, number = headings.split(text.removeprefix(spreadsheet.BOM), names)
    try:
        for cells in spreadsheet.lines(text, separator):
            number += 1
            yield number, cells
    except csv.Error as error:
        raise BadFile(f"no CSV from here on: {error}", number + 1) from None


def _of_sheet(rows: Iterator[tuple[int, Sequence[str]]], row: type[ImportedRow]) -> Iterator[Read]:
    number, cells = headings.header(rows, columns(row))
    header = _header(number, cells, row)
    for number, cells in rows:
        if any(cell.strip() for cell in cells):
            yield _of_cells(number, header, cells, row)


def _header(number: int, cells: Sequence[str], row: type[ImportedRow]) -> list[str]:
    """The column of each heading, empty where there is none.

    Raises:
        BadFile: some are unknown, stand there twice, or are missing; all of them are named.
    """
    names, header = columns(row), [headings.column(cell) for cell in cells]
    errors: list[tuple[str, str]] = []
    for name, count in Counter(filter(None, header)).items():
        if name not in names:
            errors.append((name, headings.unknown(name, names)))
        elif count > 1:
            errors.append((name, f"the column stands there {count} times"))
    for name, field in row.model_fields.items():
        if field.is_required() and name not in header:
            errors.append((name, "the column is missing"))
    if errors:
        raise BadFile.of([RowError(row=number, column=c, reason=r) for c, r in errors])
    return header


def _of_cells(
    number: int, header: Sequence[str], cells: Sequence[str], row: type[ImportedRow]
) -> Read:
    values: dict[str, Any] = {}
    errors: list[RowError] = []
    for place, (name, cell) in enumerate(zip_longest(header, cells, fillvalue=""), 1):
        if cell.strip() and not name:
            text = f"cell {place} has no heading: {len(cells)} cells under {len(header)} headings"
            errors.append(RowError(row=number, reason=text))
        elif cell == spreadsheet.TOO_LONG:
            continue
        elif isinstance(cell, BadCell):
            errors.append(RowError(row=number, column=name, reason=cell))
        elif _says_nothing(name, cell):
            errors.append(RowError(row=number, column=name, reason=_NOTHING))
        elif cell.strip():
            try:
                values[name] = spreadsheet.value(cell, schemas(row)[name])
            except ValueError as error:
                errors.append(RowError(row=number, column=name, reason=str(error)))
    return _checked(number, row, values, errors)


def _checked(
    number: int, row: type[ImportedRow], values: dict[str, Any], errors: Sequence[RowError] = ()
) -> Read:
    nothing = [name for name, value in values.items() if _says_nothing(name, value)]
    found = [*errors, *(RowError(row=number, column=n, reason=_NOTHING) for n in nothing)]
    wrong = {error.column for error in found}
    try:
        checked = row.model_validate(values)
    except ValidationError as error:
        found += [e for e in _explained(number, error, row) if e.column not in wrong - {None}]
        return Read(number, errors=found)
    return Read(number, errors=found) if found else Read(number, checked)


def _says_nothing(column: str, value: object) -> bool:
    return isinstance(value, str) and is_placeholder(value, of_name=column in _NAMES)
