"""Writes down what was found: raw figures, a page of tables, a plot."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import matplotlib as mpl
from matplotlib.figure import Figure
from pydantic import TypeAdapter

from tests.benchmarks.findings import Aim, Findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes

RAW: Final = Path(".coalition/bench.json")
PAGES: Final = Path("docs/benchmarks")
_FOUND: Final = TypeAdapter(dict[str, Findings])
_OURS, _OTHERS, _MISSED = "#1f6f8b", "#b8c4c9", "#c0563b"


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of the bench found, by chapter, and on what."""

    machine: dict[str, str]
    findings: dict[str, Findings]

    @property
    def aims(self) -> list[Aim]:
        return [aim for findings in self.findings.values() for aim in findings.aims]


def write(run: Run, raw: Path = RAW, pages: Path = PAGES) -> None:
    """Write all three."""
    for folder in (raw.parent, pages):
        folder.mkdir(parents=True, exist_ok=True)
    raw.write_text(json.dumps(asdict(run), indent=2) + "\n")
    (pages / "results.md").write_text(page(run))
    plot(run, pages / "results.svg")


def page(run: Run) -> str:
    """The page of tables, in Markdown."""
    when = datetime.now(UTC).date().isoformat()
    facts = [(name, fact) for name, fact in run.machine.items()]
    aims = [(a.what, _wanted(a), f"{a.reached:.2f}", "yes" if a.met else "no") for a in run.aims]
    parts = [
        "# Results",
        f"Written by `make bench` on {when}; [what it means](README.md).",
        "![What was reached](results.svg)",
        "## Aims",
        _table(("", "aim", "reached", "met"), aims),
        *(text for findings in run.findings.values() for text in _section(findings)),
        "## On what",
        _table(("", ""), facts),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _wanted(aim: Aim) -> str:
    return f"{'≤' if aim.at_most else '≥'} {aim.wanted:g}"


def _section(findings: Findings) -> tuple[str, ...]:
    return (f"## {findings.title}", _table(findings.head, findings.rows), findings.note)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def plot(run: Run, out: Path) -> None:
    """Rates on the left, aims on the right."""
    # The same figures give the same file, so that a diff of it means something.
    mpl.rcParams["svg.hashsalt"] = "bench"
    bars = [bar for findings in run.findings.values() for bar in findings.bars]
    figure = Figure(figsize=(12, 1 + 0.36 * max(len(bars), len(run.aims), 3)), layout="constrained")
    left, right = figure.subplots(1, 2)
    _rates(left, bars)
    _aims(right, run.aims)
    figure.savefig(out, metadata={"Date": None})


def _rates(axes: Axes, bars: Sequence[tuple[str, float]]) -> None:
    colours = [_OURS if name.startswith("ours") else _OTHERS for name, _ in bars]
    drawn = axes.barh([name for name, _ in bars], [rate for _, rate in bars], color=colours)
    axes.bar_label(drawn, [f"{rate:,.0f}" for _, rate in bars], padding=3)
    axes.margins(x=0.15)
    axes.set_title("Events a second")
    _tidy(axes)


def _aims(axes: Axes, aims: Sequence[Aim]) -> None:
    shares = [_share(aim) for aim in aims]
    colours = [_OURS if aim.met else _MISSED for aim in aims]
    drawn = axes.barh([f"{a.what} ({_wanted(a)})" for a in aims], shares, color=colours)
    axes.bar_label(drawn, [f"{aim.reached:.2f}" for aim in aims], padding=3)
    axes.axvline(1, color="black", linewidth=1, zorder=0)
    axes.margins(x=0.15)
    axes.set_title("Reached, as a share of the aim (line)")
    _tidy(axes)


def _share(aim: Aim) -> float:
    """How much of the aim is reached; 1 is the aim itself, more is better."""
    return aim.wanted / aim.reached if aim.at_most else aim.reached / aim.wanted


def _tidy(axes: Axes) -> None:
    axes.invert_yaxis()
    axes.xaxis.set_visible(False)
    axes.spines[["top", "right", "bottom"]].set_visible(False)


def earlier(raw: Path = RAW) -> dict[str, Findings]:
    """What chapters found in earlier runs, by name."""
    if not raw.exists():
        return {}
    return _FOUND.validate_python(json.loads(raw.read_text())["findings"])
