"""What commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len
from rich.table import Column, Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult

NONE: Final = "-"
"""Stands where there is nothing."""
_FEW: Final = 2
"""Columns that stand side by side, however narrow."""
_LONG: Final = 30
"""Letters of a word that is broken in any table: a link."""
_BORDER: Final = 3
"""What a column needs besides its words."""


class Listing:
    """Rows under headings, as wide as the terminal is.

    Where words would have to be broken for it, columns in which no row says anything are left out;
    where that is not enough, each row stands by itself, a line for each of its cells.
    """

    def __init__(self, headings: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
        self.headings = headings
        self.rows = rows
        self.title = title or None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The widest form that fits."""
        del console
        headings, rows, width = self.headings, self.rows, options.max_width
        widths = _widths(headings, rows, width)
        if widths is None:
            said = [n for n in range(len(headings)) if any(row[n] != NONE for row in rows)]
            headings = [headings[n] for n in said]
            rows = [[row[n] for n in said] for row in rows]
            widths = _widths(headings, rows, width)
        if widths or len(headings) <= _FEW:
            yield self._table(headings, rows, widths or [None] * len(headings))
            return
        if self.title:
            yield Text(self.title, style="italic", justify="center")
        for row in rows:
            yield _one_by_one(headings, row)

    def _table(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[str]],
        widths: Sequence[int | None],
    ) -> Table:
        # A link or an id that is cut is of no use.
        columns = (
            Column(name, overflow="fold", width=width)
            for name, width in zip(headings, widths, strict=True)
        )
        made = Table(*columns, title=self.title)
        for row in rows:
            # A text of its own is no markup, whatever brackets a name has.
            made.add_row(*map(Text, row))
        return made


def _widths(
    headings: Sequence[str], rows: Sequence[Sequence[str]], most: int
) -> Sequence[int] | None:
    """How wide each column is, so that no word is broken but for long ones; None: it cannot be."""
    columns = [list(cells) for cells in zip(headings, *rows, strict=True)]
    least = [
        min(_LONG, max(cell_len(word) for cell in cells for word in cell.split() or [""]))
        for cells in columns
    ]
    wanted = [
        max(cell_len(line) for cell in cells for line in cell.splitlines() or [""])
        for cells in columns
    ]
    room = most - 1 - _BORDER * len(columns) - sum(least)
    if room < 0:
        return None
    more = [max(0, one - word) for one, word in zip(wanted, least, strict=True)]
    share = min(1.0, room / (sum(more) or 1))
    return [word + int(one * share) for word, one in zip(least, more, strict=True)]


def _one_by_one(headings: Sequence[str], row: Sequence[str]) -> Table:
    """What a row says, under the first of its cells."""
    made = Table(Column(headings[0]), Column(Text(row[0]), overflow="fold"))
    for heading, cell in zip(headings[1:], row[1:], strict=True):
        if cell != NONE:
            made.add_row(heading, Text(cell))
    return made


def table(
    columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]], title: str = ""
) -> Listing:
    """A table of documents.

    Args:
        columns: the heading of each column, and the path in a document to what stands there.
        rows: the documents.
        title: stands above it.
    """
    cells = [[text_of(_at(row, path)) for path in columns.values()] for row in rows]
    return Listing(list(columns), cells, title)


def show(console: Console, document: Mapping[str, Any]) -> None:
    """Print one document, a line for each of its fields that says anything."""
    parts = ({"what": k, "now": v} for k, v in document.items() if v not in (None, [], {}))
    console.print(table({"What": "what", "Now": "now"}, parts))


def as_json(found: Any) -> None:  # noqa: ANN401 - whatever was found
    """Print what was found for programs."""
    sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def text_of(value: Any) -> str:  # noqa: ANN401 - JSON
    """A value as people read it: what is in a list stands line by line."""
    match value:
        case None | []:
            return NONE
        case bool():
            return "yes" if value else "no"
        case list():
            return "\n".join(text_of(one) for one in value)
        case dict():
            parts = (f"{name} {text_of(one)}" for name, one in value.items() if one is not None)
            return ", ".join(parts) or NONE
        case _:
            return str(value)


def _at(row: Any, path: str) -> Any:  # noqa: ANN401 - JSON
    """What stands at a path; of a list, `#` is how many there are."""
    for name in path.split("."):
        if name == "#":
            return len(row or ())
        if isinstance(row, list):
            row = [one.get(name) for one in row]
        else:
            row = row.get(name) if row else None
    return row
