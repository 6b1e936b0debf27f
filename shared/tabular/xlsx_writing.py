"""A table as a workbook that is written while it is sent, so that its size costs no memory.

What is around the rows is made once by `openpyxl`; its own writer would keep all rows in a file
until the last one is there.
"""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from html import escape
from typing import TYPE_CHECKING, Any, Final

from shared.tabular import spreadsheet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from shared.pipeline.snapshots import Document
    from shared.tabular.rows import Table
    from shared.tabular.xlsx_frame import Frame

_PIECE: Final = 64 * 1024
_MAX_CELL: Final = spreadsheet.MAX_CELL
_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


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
        ValueError: there are more than a sheet takes; what was sent until then is no workbook.
    """
    frame = await asyncio.to_thread(_frame, table)
    sink, number = _Sink(), 1
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in frame.parts.items():
            archive.writestr(name, part)
        with archive.open(frame.sheet, "w") as sheet:
            sheet.write(frame.before)
            async for row in rows:
                number += 1
                if number > spreadsheet.MAX_ROW:
                    raise ValueError(f"{table.name}: more rows than a sheet takes; ask for fewer")
                sheet.write(_row(number, list(row.values()), frame))
                if len(sink) > _PIECE:
                    yield sink.take()
            sheet.write(frame.after)
    yield sink.take()


def _frame(table: Table) -> Frame:
    """The workbook without rows, made in a thread: the first one imports what makes it."""
    from shared.tabular import xlsx_frame  # noqa: PLC0415 - it takes a third of a second

    return xlsx_frame.of(table.title, table.row)


def _row(number: int, values: Sequence[Any], frame: Frame) -> bytes:
    cells = "".join(
        _cell(f"{letters}{number}", cell, frame.style)
        for letters, value in zip(frame.letters, values, strict=True)
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
