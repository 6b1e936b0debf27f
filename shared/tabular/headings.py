"""Where in a sheet the headings are, by what its cells are separated, and which column each is."""

from __future__ import annotations

import csv
import re
import unicodedata
from typing import TYPE_CHECKING, Final

from shared.nearest import meant
from shared.tabular import spreadsheet

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

FIRST: Final = 10
"""Lines among which the headings stand; a title and notes may stand above them."""
_HINT: Final = re.compile(r'"?sep=(?P<separator>[,;\t|])"?\r?(\n|$)', re.IGNORECASE)


def column(heading: str) -> str:
    """The column that a heading names, whatever its capitals, blanks and invisible characters."""
    text = unicodedata.normalize("NFKC", heading)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return re.sub(r"[\s\-]+", "_", text.strip()).casefold()


def split(text: str, columns: Collection[str]) -> tuple[str, str, int]:
    """The text without its hint, by what its cells are separated, and how many lines the hint took.

    A first line `sep=;` says it to Excel, and to us; else it is what makes the most headings known.
    """
    if hint := _HINT.match(text):
        return text[hint.end() :], hint["separator"], 1
    first = text.splitlines()[:FIRST]

    def score(separator: str) -> tuple[int, int]:
        recognised = (_recognised(_cells(line, separator), columns) for line in first)
        return max(recognised, default=0), first[0].count(separator) if first else 0

    return text, max(spreadsheet.SEPARATORS, key=score), 0


def header(
    rows: Iterator[tuple[int, Sequence[str]]], columns: Collection[str]
) -> tuple[int, Sequence[str]]:
    """The row that has the headings, and its number; the first one where none looks like it.

    It is the first row of which most cells name columns. `rows` goes on behind it.
    """
    first: tuple[int, Sequence[str]] | None = None
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        first = first or (number, cells)
        if fits(cells, columns):
            return number, cells
        if number >= FIRST:
            break
    return first or (1, ())


def fits(cells: Sequence[str], columns: Collection[str]) -> bool:
    """Whether a row looks like that of the headings: most of its cells name columns."""
    named = [cell for cell in cells if cell.strip()]
    return bool(named) and 2 * _recognised(named, columns) >= len(named)


def unknown(heading: str, columns: Sequence[str]) -> str:
    """What is said of a heading that names no column."""
    return f"there is no such column; {meant(column(heading), columns)}"


def _recognised(cells: Sequence[str], columns: Collection[str]) -> int:
    return sum(column(cell) in columns for cell in cells)


def _cells(line: str, separator: str) -> Sequence[str]:
    return next(csv.reader([line], delimiter=separator), [])
