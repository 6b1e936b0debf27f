"""CSV as spreadsheets have it: safe to open, and read back as it was."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import from_json, to_json

from shared.contracts import patterns
from shared.contracts.dates import PATTERNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

BOM: Final = "\ufeff"
"""Tells a spreadsheet that a file is UTF-8."""
SEPARATORS: Final = ",;\t"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The media type of a workbook."""
MAX_ROW: Final = 1_048_576
"""Rows of a sheet of a workbook at most."""
MAX_CELL: Final = 32_767
"""Characters of a cell of a workbook at most."""
TOO_LONG: Final = "[too long for a cell: it is in the CSV and in JSON Lines]"
"""Stands in a workbook for what is longer; an import passes it over, as an empty cell."""
# A link may have commas and semicolons; what is behind them is another where it begins like one.
_BETWEEN_LINKS: Final = re.compile(r"\s*[,;|]\s*(?=https?://)|\s+")
_BETWEEN: Final = re.compile(r"[\s,;|]+")
_BETWEEN_TEXTS: Final = re.compile(r"[;\n]")
_NOT_IN_A_LIST: Final = re.compile(r"[;\n]|^\[|^\s|\s$|^$")
_SUCH_AS: Final = {"array": '[{"…": "…"}]', "object": '{"de": "…", "fr": "…"}'}
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


def line(values: Iterable[Any], separator: str = ",") -> str:
    """One line of CSV (RFC 4180), each cell in quotes."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, delimiter=separator)
    writer.writerow([cell(value) for value in values])
    return written.getvalue()


def lines(text: str, separator: str = ",") -> Iterator[Sequence[str]]:
    """The rows of a file.

    Raises:
        csv.Error: it is no CSV from here on.
    """
    for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
        yield [unsafe(text) for text in cells]


def value(text: str, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """What a cell says.

    Lists stand with semicolons between, those of objects, and maps, as JSON. Between links, ids
    and numbers there may be commas or blanks as well, between texts line breaks. A year in a
    column of numbers with gaps is written `2006.0` by what has only fractions.

    Args:
        text: as it stands in the sheet.
        schema: the JSON Schema of its column.

    Raises:
        ValueError: it is not JSON where it should be.
    """
    text, type_ = text.strip(), schema.get("type", "string")
    if type_ == "array" and is_of_texts(schema) and not text.startswith("["):
        return [one.strip() for one in _BETWEEN_TEXTS.split(text) if one.strip()]
    if type_ == "array" and not text.startswith("["):
        between = _BETWEEN_LINKS if "://" in text else _BETWEEN
        return [one for part in between.split(text) if (one := part.strip(",;|"))]
    if type_ not in {"array", "object"}:
        return text.removesuffix(".0") if schema.get("pattern") in PATTERNS else text
    try:
        return from_json(text)
    except ValueError:
        msg = f"not JSON, such as {_SUCH_AS[type_]}"
        raise ValueError(msg) from None


def is_of_texts(schema: Mapping[str, Any]) -> bool:
    """Whether a column has lists of texts, in which there are blanks and commas."""
    items = schema.get("items", {})
    is_text = items.get("pattern", patterns.LINE) in {patterns.LINE, patterns.LINES}
    return items.get("type") == "string" and is_text and not {"enum", "format"} & items.keys()


def cell(value: Any) -> str | int | float:  # noqa: ANN401 - JSON
    """What stands in a cell: a number, or a text that no spreadsheet runs."""
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
        if not any(_NOT_IN_A_LIST.search(text) for text in texts):
            return safe("; ".join(texts))
    return safe(to_json(value).decode())
