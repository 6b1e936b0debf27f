"""The figures of a run: one table in its end, which stands in a page of the docs, too."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

DOCS: Final = Path(__file__).parents[2] / "docs"
PAGES: Final = {"make faults": DOCS / "faults.md", "make kube": DOCS / "kubernetes.md"}
"""By the recipe that writes its table there."""
BEGIN: Final = "<!-- {recipe} writes from here -->"
END: Final = "<!-- to here -->"
_HEAD: Final = (
    "| Scenario | Events | Done to it | Lost | Repeated | Duplicates | Rejected | E-mails | s |",
    "|---|---|---|---|---|---|---|---|---|",
)
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


def write(recipe: str, page: Path | None = None) -> None:
    """Put the table into its page; to be asked after a run in which all was done and held."""
    if not _rows:
        return
    page = page or PAGES[recipe]
    begin = BEGIN.format(recipe=recipe)
    table = "\n".join([begin, *_HEAD, *map(_line, _rows), END])
    text = re.sub(f"{begin}.*?{END}", lambda _: table, page.read_text(), flags=re.DOTALL)
    page.write_text(text)


def _line(row: Row) -> str:
    counts = (row.lost, row.repeated, row.duplicates, row.rejected)
    cells = (
        row.scenario,
        f"{row.events:,}",
        row.faults,
        *(f"{count:,}" for count in counts),
        row.emails,
        f"{row.seconds:.0f}",
    )
    return f"| {' | '.join(cells)} |"
