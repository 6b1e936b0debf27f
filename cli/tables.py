"""What commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from rich.table import Column, Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console


def table(columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]], title: str = "") -> Table:
    """A table of documents.

    Args:
        columns: the heading of each column, and the path in a document to what stands there.
        rows: the documents.
        title: stands above it.
    """
    # A link or an id that is cut is of no use.
    made = Table(*(Column(name, overflow="fold") for name in columns), title=title or None)
    for row in rows:
        # A text of its own is no markup, whatever brackets a name has.
        made.add_row(*(Text(text_of(_at(row, path))) for path in columns.values()))
    return made


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
            return "-"
        case bool():
            return "yes" if value else "no"
        case list():
            return "\n".join(text_of(one) for one in value)
        case dict():
            parts = (f"{name} {text_of(one)}" for name, one in value.items() if one is not None)
            return ", ".join(parts) or "-"
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
