"""The table of a run, in docs/kubernetes.md between two marks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tests.faults import figures

PAGE: Final = Path(__file__).parents[2] / "docs" / "kubernetes.md"
BEGIN: Final = "<!-- make kube writes from here -->"
END: Final = "<!-- to here -->"
_HEAD: Final = (
    "| Scenario | Events | Done to it | Lost | Repeated | Duplicates | Rejected | E-mails | s |",
    "|---|---|---|---|---|---|---|---|---|",
)


def write() -> None:
    """Put the table into the page; to be asked after a run in which all was done and held."""
    rows = figures.rows()
    if not rows:
        return
    text = PAGE.read_text()
    table = "\n".join([BEGIN, *_HEAD, *map(_line, rows), END])
    PAGE.write_text(re.sub(f"{BEGIN}.*{END}", lambda _: table, text, flags=re.DOTALL))


def _line(row: figures.Row) -> str:
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
