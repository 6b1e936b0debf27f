"""What a workbook holds, looked at before it is opened: a small file can unpack to anything.

Every part is read through once without keeping it. That bounds what `openpyxl` will have in memory
(it keeps what lies between two rows, and each declared row and column), and tells what it does
not: where the last cell with content is, whether there are formulas, and which cells are merged.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from openpyxl.utils import column_index_from_string, get_column_letter

from shared.tabular import spreadsheet
from shared.tabular.errors import BadFile

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_UNPACKED: Final = 64 * 1024 * 1024
"""Bytes of a workbook's parts, unpacked, at most."""
MAX_COLUMN: Final = 1024
"""The last column that may have content."""
_MAX_PARTS: Final = 1000
_MAX_ELEMENTS: Final = 100_000
"""Elements that one row may have, and all that is not in rows."""
_PIECE: Final = 64 * 1024
_UNITS: Final = frozenset({"row", "si"})
"""What is read one after another and not kept."""
_CONTENT: Final = frozenset({"v", "f", "t"})
_LETTERS: Final = re.compile(r"[A-Z]{1,3}")


@dataclass(slots=True)
class Part:
    """What one part of a workbook holds, as far as a sheet is concerned.

    Attributes:
        width: the last column with content.
        has_formulas: whether a cell is computed.
        merged: ranges of merged cells, such as `A3:A5`.
    """

    width: int = 1
    has_formulas: bool = False
    merged: list[str] = field(default_factory=list)
    _elements: int = 0
    _row: int = 0
    _column: int = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take in the beginning of an element.

        Raises:
            BadFile: there is more than a workbook may hold.
        """
        name = tag.rpartition(":")[2]
        self._elements = 0 if name in _UNITS else self._elements + 1
        if self._elements > _MAX_ELEMENTS:
            raise BadFile(f"the workbook has a row, or styles, of more than {_MAX_ELEMENTS} parts")
        if name == "row":
            self._begin_row(attributes.get("r"))
        elif name == "c":
            letters = _LETTERS.match(attributes.get("r", ""))
            self._column = column_index_from_string(letters[0]) if letters else self._column + 1
        elif name in _CONTENT:
            self._fill(name)
        elif name == "mergeCell":
            self.merged.append(attributes.get("ref", ""))

    def _begin_row(self, number: str | None) -> None:
        before, self._column = self._row, 0
        self._row = int(number) if number and number.isdecimal() else before + 1
        if not before < self._row <= spreadsheet.MAX_ROW:
            last = spreadsheet.MAX_ROW
            raise BadFile(f"the workbook's rows are not in order from 1 to {last}", before + 1)

    def _fill(self, name: str) -> None:
        self.width = max(self.width, self._column)
        self.has_formulas |= name == "f"
        if self.width > MAX_COLUMN:
            where = get_column_letter(self.width)
            raise BadFile(f"there is content in column {where}: a table is less wide", self._row)


def inspected(archive: zipfile.ZipFile) -> dict[str, Part]:
    """What the parts of a workbook hold, by their names.

    Raises:
        BadFile: there is more than a workbook may hold, or entities are declared.
    """
    entries = archive.infolist()
    if len(entries) > _MAX_PARTS or sum(one.file_size for one in entries) > MAX_UNPACKED:
        limit = f"{MAX_UNPACKED >> 20} MiB"
        raise BadFile(f"the workbook is too large: at most {limit} unpacked; send it in parts")
    return {one.filename: _looked_through(archive, one) for one in entries}


def _looked_through(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Part:
    part, parser = Part(), expat.ParserCreate()
    parser.StartElementHandler = part.start
    parser.StartDoctypeDeclHandler = _refuse_declarations
    with archive.open(entry) as content:
        try:
            while piece := content.read(_PIECE):
                parser.Parse(piece)
        except expat.ExpatError:
            # A picture, say. Whoever takes it for XML gets no further than we did.
            return part
    return part


def _refuse_declarations(*_: object) -> None:
    raise BadFile("the workbook declares XML entities, which no spreadsheet does")
