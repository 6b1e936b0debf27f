"""The figures of a run, shown as one table in its end."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

_rows: list[Row] = []


@dataclass(frozen=True, slots=True)
class Row:
    """What one scenario came to.

    Attributes:
        faults: what was done, and how often.
        lost: records or events that are missing or wrong.
        repeated: events published again under the same id.
        rejected: records parked on `rejected`, each counted once.
    """

    scenario: str
    events: int
    faults: str
    lost: int
    repeated: int = 0
    duplicates: int = 0
    rejected: int = 0
    emails: str = ""
    seconds: float = 0


def note(row: Row) -> None:
    """Keep a row for the table."""
    _rows.append(row)


def rows() -> tuple[Row, ...]:
    """The rows that were kept."""
    return tuple(_rows)


def show() -> None:
    """Print the table, if there is anything to show."""
    if not _rows:
        return
    table = Table(*(name.capitalize() for name in Row.__dataclass_fields__), title="Faults")
    for row in _rows:
        values = asdict(row) | {"seconds": f"{row.seconds:.0f}"}
        table.add_row(*map(str, values.values()))
    Console(width=160).print(table)
