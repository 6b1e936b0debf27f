"""A table as a workbook that is written while it is sent, so that its size costs no memory.

What is around the rows (styles, widths, lists to choose from) is made once by `openpyxl`; its own
writer would keep all rows in a file until the last one is there.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any, Final

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from shared.tabular import spreadsheet
from shared.tabular.rows import columns, schemas

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from shared.pipeline.snapshots import Document
    from shared.tabular.rows import Row, Table

MEDIA: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHEET: Final = "xl/worksheets/sheet1.xml"
_DIMENSION: Final = re.compile(rb"<dimension [^>]*>")
_END: Final = b"</sheetData>"
_TEXT: Final = "@"
"""The format of a cell in which a spreadsheet leaves as it is what somebody types."""
_PIECE: Final = 64 * 1024
_MAX_LIST: Final = 255
"""Characters of a list to choose from."""
_MAX_CELL: Final = spreadsheet.MAX_CELL
_MAX_ROW: Final = 1_048_576
_WIDTHS: Final = (10, 40)
_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True, slots=True)
class _Frame:
    """A workbook without rows.

    Attributes:
        parts: all but the sheet, by name.
        before: the sheet up to where its rows come.
        after: what comes behind them.
        style: the number of the style of texts.
    """

    parts: dict[str, bytes]
    before: bytes
    after: bytes
    style: int


class _Sink(io.RawIOBase):
    """What a ZIP archive is written to, piece by piece."""

    def __init__(self) -> None:
        self._written = bytearray()

    def __len__(self) -> int:
        return len(self._written)

    def write(self, data: bytes) -> int:  # type: ignore[override]  # only zipfile writes
        """Keep some bytes until they are taken."""
        self._written += data
        return len(data)

    def take(self) -> bytes:
        """What was written since it was last taken."""
        taken = bytes(self._written)
        self._written.clear()
        return taken


async def workbook(rows: AsyncIterator[Document], table: Table) -> AsyncIterator[bytes]:
    """Rows as a workbook, read no sooner than they are wanted.

    Raises:
        ValueError: there are more than a sheet takes; what was sent is no workbook.
    """
    frame, sink, number = _frame(table.title, table.row), _Sink(), 1
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in frame.parts.items():
            archive.writestr(name, part)
        with archive.open(_SHEET, "w") as sheet:
            sheet.write(frame.before)
            async for row in rows:
                number += 1
                if number > _MAX_ROW:
                    raise ValueError(f"more than {_MAX_ROW} rows: a sheet takes no more")
                sheet.write(_row(number, list(row.values()), frame.style))
                if len(sink) > _PIECE:
                    yield sink.take()
            sheet.write(frame.after)
    yield sink.take()


def _row(number: int, values: Sequence[Any], style: int) -> bytes:
    cells = "".join(
        _cell(f"{get_column_letter(place)}{number}", cell, style)
        for place, value in enumerate(values, 1)
        if (cell := spreadsheet.cell(value)) != ""
    )
    return f'<row r="{number}">{cells}</row>'.encode()


def _cell(where: str, value: str | float, style: int) -> str:
    if not isinstance(value, str):
        return f'<c r="{where}"><v>{value!r}</v></c>'
    # A character of most scripts counts as one, of an emoji as two.
    if 2 * len(value) > _MAX_CELL and len(value.encode("utf-16-le")) > 2 * _MAX_CELL:
        value = spreadsheet.TOO_LONG
    text = escape(_ESCAPED.sub("_x005F_", value), quote=False).replace("\r", "&#13;")
    preserved = f'<is><t xml:space="preserve">{text}</t></is>'
    return f'<c r="{where}" s="{style}" t="inlineStr">{preserved}</c>'


@lru_cache(20)
def _frame(title: str, row: type[Row]) -> _Frame:
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
    return _Frame(parts, before, _END + after, style)


def _format(sheet: Any, letter: str, name: str, schema: Document) -> None:  # noqa: ANN401 - openpyxl's sheet
    """A column as it is typed into: texts as texts, and a list where there are a few values."""
    least, most = _WIDTHS
    sheet.column_dimensions[letter].width = min(max(len(name) + 3, least), most)
    if schema.get("type") not in {"integer", "number"}:
        sheet.column_dimensions[letter].number_format = _TEXT
    choices = ",".join(map(str, schema.get("enum", ())))
    if choices and len(choices) <= _MAX_LIST:
        validation = DataValidation(type="list", formula1=f'"{choices}"', allow_blank=True)
        validation.add(f"{letter}2:{letter}{_MAX_ROW}")
        sheet.add_data_validation(validation)
