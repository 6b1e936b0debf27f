"""`make bench`: the services beside what their parts allow, on the same parts, in one run."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from tests.benchmarks import machine, report
from tests.benchmarks.chapters import CHAPTERS, bench
from tests.benchmarks.sizes import Sizes
from tests.conftest import embedded_parts, on_docker
from tests.containers import start

if TYPE_CHECKING:
    from tests.benchmarks.findings import Findings

_ON_REQUEST = "backlog"


def main() -> None:
    """Read the arguments, run the chapters that are asked for, show and write what they found."""
    words = argparse.ArgumentParser(prog="make bench", description=__doc__)
    words.add_argument("--only", nargs="*", choices=list(CHAPTERS), help="chapters to run")
    words.add_argument("--backlog", action="store_true", help="also a backlog of 1,000,000 events")
    words.add_argument("--rounds", type=int, default=Sizes().rounds, help="of each short race")
    asked = words.parse_args()
    chosen = asked.only or [name for name in CHAPTERS if name != _ON_REQUEST or asked.backlog]
    containers = on_docker()
    with (
        tempfile.TemporaryDirectory() as folder,
        start() if containers else embedded_parts(Path(folder) / "lane") as parts,
    ):
        sizes = Sizes(rounds=asked.rounds)
        found = asyncio.run(bench(parts, Path(folder), chosen, sizes, show))
    everything = {**report.earlier(), **found}
    ordered = {name: everything[name] for name in CHAPTERS if name in everything}
    report.write(report.Run(machine.described(containers=containers), ordered))


def show(findings: Findings) -> None:
    """Print a chapter's table as soon as it is there."""
    table = Table(*findings.head, title=findings.title, caption=findings.note)
    for row in findings.rows:
        table.add_row(*row)
    console = Console()
    console.print(table)
    for aim in findings.aims:
        console.print(f"{aim.what}: {aim.reached:.2f} (aim {aim.wanted:g})")


if __name__ == "__main__":
    main()
