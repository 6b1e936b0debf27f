"""A workbook's one table, row by row, as the texts that a CSV of it would have."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, time
from itertools import islice, repeat
from typing import TYPE_CHECKING, Any, Final

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from shared.tabular import headings, spreadsheet
from shared.tabular.errors import BadCell, BadFile, RowError
from shared.tabular.xlsx_limits import inspected

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from openpyxl.workbook import Workbook

    from shared.tabular.xlsx_limits import Part

_OLE: Final = b"\xd0\xcf\x11\xe0"
_UNREADABLE: Final = "this is no workbook that can be read: open it, and save it as .xlsx again"
_OLD: Final = "this is an old .xls, or has a password: save it as .xlsx, without a password"
_NO_RESULT: Final = "a formula without a result: open the file, and save it again"
_MAX_SHEETS: Final = 50
_MAX_MERGED: Final = 20
_MAX_TEXT: Final = 32 * 1024 * 1024
"""Characters of all cells together: a workbook keeps a text that comes again only once."""
_ESCAPED: Final = re.compile(r"_x(005F|000[9AD])_")
_QUOTED: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
"""What in a number's format is only shown."""

Numbered = tuple[int, Sequence[str]]


def rows(content: bytes, columns: Collection[str]) -> Iterator[Numbered]:
    """The rows of the sheet that has the table, each with its number in the sheet.

    Raises:
        BadFile: it is no workbook, has not one table, or is larger than it may be.
    """
    if content.startswith(_OLE):
        raise BadFile(_OLD)
    try:
        yield from _rows(content, columns)
    except (BadFile, MemoryError):
        raise
    except Exception as error:
        # The library raises whatever a broken file makes of it.
        raise BadFile(_UNREADABLE) from error


def _rows(content: bytes, columns: Collection[str]) -> Iterator[Numbered]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = inspected(archive)
    with closing(_opened(content, computed=True)) as book:
        number = _chosen(book, parts, columns)
        part = _part(_visible(book)[number], parts)
        cells = _cells(book, number, part.width)
        if not part.has_formulas:
            yield from _texts(zip(cells, repeat(()), strict=False))
            return
        with closing(_opened(content, computed=False)) as formulas:
            yield from _texts(zip(cells, _cells(formulas, number, part.width), strict=True))


def _opened(content: bytes, *, computed: bool) -> Workbook:
    return load_workbook(io.BytesIO(content), read_only=True, data_only=computed, keep_links=False)


def _visible(book: Workbook) -> list[Any]:
    return [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]


def _part(sheet: Any, parts: dict[str, Part]) -> Part:  # noqa: ANN401 - openpyxl's sheet
    return parts[sheet._worksheet_path]  # noqa: SLF001 - there is no public way to it


def _cells(book: Workbook, number: int, width: int) -> Iterator[Sequence[Any]]:
    sheet = _visible(book)[number]
    # What a sheet declares of its size may be anything.
    sheet.reset_dimensions()
    return iter(sheet.iter_rows(max_col=width))


# --- which sheet -------------------------------------------------------------------------------


def _chosen(book: Workbook, parts: dict[str, Part], columns: Collection[str]) -> int:
    """The one visible sheet that has the headings; the first one where none has.

    Raises:
        BadFile: there is no sheet, several have the headings, or cells of the table are merged.
    """
    sheets = _visible(book)
    if not sheets or len(sheets) > _MAX_SHEETS:
        raise BadFile(f"a workbook has from 1 to {_MAX_SHEETS} sheets that are not hidden")
    found = dict[int, int]()
    for number, sheet in enumerate(sheets):
        cells = _cells(book, number, _part(sheet, parts).width)
        first = islice(_texts(zip(cells, repeat(()), strict=False)), headings.FIRST)
        row, heading = headings.header(first, columns)
        if headings.fits(heading, columns):
            found[number] = row
    if len(found) > 1:
        named = ", ".join(repr(sheets[number].title) for number in found)
        raise BadFile(f"several sheets have the headings: {named}; leave one, or hide the others")
    for number, row in found.items():
        _refuse_merged(_part(sheets[number], parts), row)
        return number
    return 0


def _refuse_merged(part: Part, header: int) -> None:
    """Of merged cells only the first one has what all of them show."""
    within = [(range_boundaries(one), one) for one in part.merged]
    errors = [
        RowError(row=top, reason=f"the cells {one} are merged: unmerge them, and fill in each")
        for (_, top, _, bottom), one in within
        if top and bottom and bottom > header
    ]
    if errors:
        raise BadFile.of(errors[:_MAX_MERGED])


# --- what a cell says --------------------------------------------------------------------------


def _texts(pairs: Iterable[tuple[Sequence[Any], Sequence[Any]]]) -> Iterator[Numbered]:
    """The rows that say something; the formulas of each, where there are any, are beside it."""
    taken = 0
    for number, (cells, formulas) in enumerate(pairs, 1):
        texts = [_text(cell) for cell in cells]
        for place, formula in enumerate(formulas):
            if formula.data_type == "f" and _is_not_computed(cells[place]):
                texts[place] = BadCell(_NO_RESULT)
        if any(texts):
            taken += sum(map(len, texts))
            if taken > _MAX_TEXT:
                raise BadFile("the workbook has too much text: send it in parts", number)
            yield number, texts


def _is_not_computed(cell: Any) -> bool:  # noqa: ANN401 - openpyxl's cell
    # A result that is an empty text has the type of a text.
    return cell.value is None and cell.data_type != "str"


def _text(cell: Any) -> str:  # noqa: ANN401 - openpyxl's cell
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return _string(value, is_error=cell.data_type == "e")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return _number(value, cell.number_format or "")
    return _date(value, cell.number_format or "")


def _string(value: str, *, is_error: bool) -> str:
    if is_error:
        return BadCell(f"the cell shows the error {value}")
    if len(value) > spreadsheet.MAX_CELL:
        return BadCell(f"a cell has at most {spreadsheet.MAX_CELL} characters")
    return spreadsheet.unsafe(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), value))


def _number(value: float, shown: str) -> str:
    if "%" in _QUOTED.sub("", shown):
        value = round(value * 100, 10)
    return str(int(value)) if float(value).is_integer() else repr(value)


def _date(value: object, shown: str) -> str:
    """A date as precise as the sheet shows it: a made-up day is nobody's."""
    if not isinstance(value, date) or isinstance(value, time):
        return str(value)
    if isinstance(value, datetime) and value.time() != time.min:
        return value.isoformat()
    shown = _QUOTED.sub("", shown).lower()
    if "y" in shown and "d" not in shown:
        return value.strftime("%Y-%m" if "m" in shown else "%Y").zfill(4)
    return value.strftime("%Y-%m-%d")
