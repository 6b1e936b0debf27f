"""What is around the rows of a workbook: styles, widths, lists to choose from; made by `openpyxl`.

It takes a third of a second to import, so this module is imported by the first workbook.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from shared.tabular import spreadsheet
from shared.tabular.rows import columns, schemas

if TYPE_CHECKING:
    from shared.pipeline.snapshots import Document
    from shared.tabular.rows import Row

_SHEET: Final = "xl/worksheets/sheet1.xml"
_DIMENSION: Final = re.compile(rb"<dimension [^>]*>")
_END: Final = b"</sheetData>"
_TEXT: Final = "@"
"""The format of a cell in which a spreadsheet leaves as it is what somebody types."""
_MAX_LIST: Final = 255
"""Characters of a list to choose from."""
_WIDTHS: Final = (10, 40)


@dataclass(frozen=True, slots=True)
class Frame:
    """A workbook without rows.

    Attributes:
        parts: all but the sheet, by name.
        sheet: the name of the sheet.
        before: the sheet up to where its rows come.
        after: what comes behind them.
        style: the number of the style of texts.
        letters: what its columns are called.
    """

    parts: dict[str, bytes]
    sheet: str
    before: bytes
    after: bytes
    style: int
    letters: tuple[str, ...]


@lru_cache(20)
def of(title: str, row: type[Row]) -> Frame:
    """The workbook of a table, as it is without rows."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has a sheet
    sheet.title = re.sub(r"[\[\]:*?/\\]", " ", title)[:31]
    sheet.freeze_panes = "A2"
    sheet.append(list(columns(row)))
    sheet["A2"].number_format = _TEXT
    style = int(sheet["A2"].style_id)
    for place, (name, schema) in enumerate(schemas(row).items(), 1):
        sheet.cell(1, place).font = Font(bold=True)
        _format(sheet, get_column_letter(place), name, schema)
    sheet.delete_rows(2)
    with io.BytesIO() as saved:
        book.save(saved)
        with zipfile.ZipFile(saved) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    # Its size is of the frame, and readers go by it.
    before, after = _DIMENSION.sub(b"", parts.pop(_SHEET)).split(_END)
    letters = tuple(map(get_column_letter, range(1, len(columns(row)) + 1)))
    return Frame(parts, _SHEET, before, _END + after, style, letters)


def _format(sheet: Any, letter: str, name: str, schema: Document) -> None:  # noqa: ANN401 - openpyxl's sheet
    """A column as it is typed into: texts as texts, and a list where there are a few values."""
    least, most = _WIDTHS
    sheet.column_dimensions[letter].width = min(max(len(name) + 3, least), most)
    if schema.get("type") not in {"integer", "number"}:
        sheet.column_dimensions[letter].number_format = _TEXT
    choices = ",".join(map(str, schema.get("enum", ())))
    if choices and len(choices) <= _MAX_LIST:
        validation = DataValidation(type="list", formula1=f'"{choices}"', allow_blank=True)
        validation.add(f"{letter}2:{letter}{spreadsheet.MAX_ROW}")
        sheet.add_data_validation(validation)
