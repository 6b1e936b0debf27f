"""Files of people: a list with all their rules as JSON, or a table as a secretariat keeps it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import typer

from services.notifications.subscription_rows import PersonRow
from shared.tabular.errors import BadFile, RowError
from shared.tabular.reading import read

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from pathlib import Path

    from shared.tabular.reading import Form, Read

_TABLES: Final[Mapping[str, Form]] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


class Listed(NamedTuple):
    """A person of a file.

    Attributes:
        says: what it says of their subscription.
        row: where it stands, in a table.
    """

    says: Mapping[str, Any]
    row: int | None = None

    @property
    def where(self) -> str:
        """How a message calls them."""
        of_it = f"row {self.row}, " if self.row else ""
        return f"{of_it}{self.says.get('address')}"


class Faulty(Exception):
    """A table with errors: nobody of it is taken.

    Attributes:
        errors: all of them, by row.
    """

    def __init__(self, errors: Sequence[RowError]) -> None:
        super().__init__("errors in the file")
        self.errors = errors


def people(file: Path) -> list[Listed]:
    """The people of a file, by its name: FILE.json, or a table.

    Raises:
        Faulty: a table has errors.
        typer.BadParameter: it is no list of people.
    """
    form = _TABLES.get(file.suffix.lower())
    return _of_table(file.read_bytes(), form) if form else _of_json(file)


def _of_table(content: bytes, form: Form) -> list[Listed]:
    try:
        lines = [*read(content, form, PersonRow)]
    except BadFile as error:
        raise Faulty(error.errors) from None
    errors = [*(error for line in lines for error in line.errors), *_twice(lines)]
    if errors:
        raise Faulty(sorted(errors, key=lambda error: error.row))
    rows = [(line.number, cast("PersonRow", line.row)) for line in lines]
    return [Listed(row.subscription, number) for number, row in rows]


def _twice(lines: Iterable[Read]) -> Iterable[RowError]:
    seen: dict[Hashable, int] = {}
    for line in lines:
        if line.row is None:
            continue
        first = seen.setdefault(line.row.key, line.number)
        if first != line.number:
            reason = f"row {first} has the same address: leave one of them out"
            yield RowError(row=line.number, column="address", reason=reason)


def _of_json(file: Path) -> list[Listed]:
    try:
        found = json.loads(file.read_bytes())  # in whatever Unicode, with a mark or without
    except ValueError as error:
        msg = f"{file} is no JSON ({error}); a table's name ends with {', '.join(_TABLES)}"
        raise typer.BadParameter(msg) from None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise typer.BadParameter(f"{file} is to hold a list of people, each in braces")
    return [Listed(one) for one in found]
