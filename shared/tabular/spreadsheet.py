"""CSV as spreadsheets have it: safe to open, and read back as it was."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

BOM: Final = "\ufeff"
"""Tells a spreadsheet that a file is UTF-8."""
_SEPARATORS: Final = ",;\t"
_DANGEROUS: Final = r"[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]"
# A spreadsheet takes text that begins so for a formula (OWASP, CSV injection; the last four are
# the full-width signs); one that separates by semicolons sees a beginning behind each of them.
# The apostrophe in front makes it text.
_FORMULA: Final = re.compile(rf"((?:^|;)\s*'*)(?={_DANGEROUS})")
_MADE_SAFE: Final = re.compile(rf"((?:^|;)\s*'*)'(?={_DANGEROUS})")


def safe(text: str) -> str:
    """A text that no spreadsheet runs; `unsafe` gives back what it was."""
    return _FORMULA.sub(r"\1'", text)


def unsafe(text: str) -> str:
    """The text that was made `safe`."""
    return _MADE_SAFE.sub(r"\1", text)


def line(cells: Iterable[Any]) -> str:
    """One line of CSV (RFC 4180), each cell in quotes."""
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerow([_cell(cell) for cell in cells])
    return written.getvalue()


def lines(text: str) -> Iterator[Sequence[str]]:
    """The lines of a file, whatever separates its cells: comma, semicolon or tabulator.

    Raises:
        csv.Error: it is no CSV from here on.
    """
    text = text.removeprefix(BOM)
    header = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=header.count)
    for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
        yield [unsafe(cell) for cell in cells]


def value(cell: str, type_: str) -> Any:  # noqa: ANN401 - JSON
    """What a cell says; lists of links stand with blanks between, other lists and maps as JSON.

    Raises:
        ValueError: it is not JSON where it should be.
    """
    cell = cell.strip()
    if type_ == "array" and not cell.startswith("["):
        return cell.split()
    return from_json(cell) if type_ in {"array", "object"} else cell


def _cell(value: Any) -> str | int | float:  # noqa: ANN401 - JSON
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, list) and not any(isinstance(item, dict) for item in value):
        texts = [str(item) for item in value]
        if not any(re.search(r"\s", text) for text in texts):
            return safe(" ".join(texts))
    return safe(to_json(value).decode())
