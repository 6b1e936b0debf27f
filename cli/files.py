"""`export` and `import`: tables out to files, and in from them."""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final

import httpx
import typer
from rich.console import Console

from cli import endpoints, tables
from cli.local_plans import LOCAL_PLANS
from cli.offices import OFFICES
from cli.reading import ALL, COALITIONS, AsJson, AsOf, Resource
from cli.running import failures, reason_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


console = Console()
PARTNERS: Final = Resource(
    "partners", "membership", "Members' civil-society partners, as a table.", {}, ""
)
ACTIONS: Final = Resource("actions", "plans", "Members' actions, as a table.", {}, "")
"""What is looked at under its members, and has tables of its own."""

_MEDIA: Final = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".jsonl": "application/jsonl",
    ".ndjson": "application/jsonl",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_WRITTEN: Final = {
    ".csv": ("csv", None),
    ".tsv": ("csv", "tab"),
    ".jsonl": ("jsonl", None),
    ".xlsx": ("xlsx", None),
}
"""The form of an export by the file's name, and what separates its cells where nobody says."""
_SECONDS: Final = 120
_BROKEN_OFF: Final = (
    "broke off; the log of the service says why. A workbook has at most 1,048,575 rows: "
    "export as CSV what has more."
)
_NEWS: Final = {"new": "New", "changed": "Changed"}
_COLUMNS: Final = {
    "new": {"Row": "row", "Name": "name", "Id": "id", "May be one with": "like"},
    "changed": {"Row": "row", "Name": "name", "Id": "id", "Columns": "columns"},
}
_ERRORS: Final = {"Row": "row", "Column": "column", "Reason": "reason"}

File = Annotated[Path, typer.Argument(help="FILE.xlsx, FILE.csv, FILE.tsv or FILE.jsonl")]
Target = Annotated[
    Path | None,
    typer.Argument(help="FILE.xlsx, FILE.csv, FILE.tsv or FILE.jsonl; left out: CSV here"),
]
Separator = Annotated[
    str | None,
    typer.Option(help="comma, tab, or semicolon, as much of Europe opens it"),
]
OnlyGood = Annotated[bool, typer.Option(help="leave out the rows with errors, take the others")]
DryRun = Annotated[bool, typer.Option(help="check only")]
Only = Annotated[
    list[str] | None,
    typer.Option(help="NAME=VALUE, such as country=DE or population_from=100000; several times"),
]
Bom = Annotated[bool, typer.Option(help="have Excel see that the CSV is UTF-8")]


def register(app: typer.Typer) -> None:
    """Add the commands to those of each resource."""
    for resource in (PARTNERS, ACTIONS):
        app.add_typer(resource.app, name=resource.kind, help=resource.help)
    for resource in (*ALL, OFFICES, LOCAL_PLANS, PARTNERS, ACTIONS):
        _export(resource)
        if resource is not COALITIONS:
            _import(resource)


def _export(resource: Resource) -> None:
    @resource.app.command("export")
    def export(
        file: Target = None,
        *,
        bom: Bom = False,
        separator: Separator = None,
        as_of: AsOf = None,
        only: Only = None,
    ) -> None:
        """Write all as open data, as it is or, with --as-of, as it was; with --only, some of it."""
        form, usual = _WRITTEN[_suffix(file or Path("all.csv"), _WRITTEN)]
        query = {"bom": bom, "separator": separator or usual or "comma"}
        query |= {"as_of": as_of} if as_of else {}
        query |= dict(map(_filter, only or ()))
        with failures():
            _save(resource.url(f"/{resource.kind}/export.{form}"), file, query)


def _filter(text: str) -> tuple[str, str]:
    """A filter of an export as the query has it; which there are, the service says."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise typer.BadParameter(f"{text!r}: give NAME=VALUE, such as country=DE")
    return name.strip().replace("-", "_"), value.strip()


def _save(url: str, file: Path | None, query: dict[str, Any]) -> None:
    with httpx.stream("GET", url, params=query, timeout=_SECONDS) as answer:
        if answer.is_error:
            answer.read()
        answer.raise_for_status()
        with _whole(file) if file else nullcontext(sys.stdout.buffer) as out:
            try:
                for piece in answer.iter_bytes():
                    out.write(piece)
            except httpx.RemoteProtocolError:
                raise OSError(f"{url} {_BROKEN_OFF}") from None


@contextmanager
def _whole(file: Path) -> Iterator[BinaryIO]:
    """A file that has its name once all of it is there: one that broke off looks like a whole."""
    beside = file.with_name(f"{file.name}.part")
    try:
        with beside.open("wb") as out:
            yield out
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def _import(resource: Resource) -> None:
    @resource.app.command("import")
    def import_(
        file: File, *, only_good: OnlyGood = False, dry_run: DryRun = False, as_json: AsJson = False
    ) -> None:
        """Check every row of a file, then take all rows, or none if one has an error."""
        query = {"only_good": only_good, "dry_run": dry_run}
        with failures():
            report = _send(resource, file, query)
        if as_json:
            tables.as_json(report)
        else:
            _print(report, dry_run=dry_run)
        if report["bad"] and not (only_good and not dry_run):
            raise typer.Exit(1)


def _send(resource: Resource, file: Path, query: dict[str, bool]) -> dict[str, Any]:
    headers = {"Content-Type": _MEDIA[_suffix(file, _MEDIA)], **endpoints.load().bearer()}
    with file.open("rb") as content:
        url = resource.url(f"/{resource.kind}/import")
        answer = httpx.post(url, params=query, content=content, headers=headers, timeout=_SECONDS)
    report: dict[str, Any] = answer.json() if _has_report(answer) else {}
    if not report:
        raise httpx.HTTPStatusError(reason_of(answer), request=answer.request, response=answer)
    return report


def _has_report(answer: httpx.Response) -> bool:
    return answer.is_success or (
        answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY and "rows" in answer.json()
    )


def _print(report: dict[str, Any], *, dry_run: bool) -> None:
    for what, title in _NEWS.items():
        if news := [_line(one) for one in report["news"] if one["what"] == what]:
            console.print(tables.table(_COLUMNS[what], news, title=title))
    if report["errors"]:
        console.print(tables.table(_ERRORS, report["errors"]))
    if report["bad"] > len(report["errors"]):
        console.print(f"and more: {report['bad']} rows have errors")
    summary = ", ".join(f"{report[c]} {c}" for c in ("new", "changed", "unchanged", "bad"))
    taken = "Only checked." if dry_run else f"{report['events']} events on their way."
    rows = "1 row" if report["rows"] == 1 else f"{report['rows']} rows"
    console.print(f"{rows}: {summary}. {taken}")


def _line(news: dict[str, Any]) -> dict[str, Any]:
    return {**news, "columns": ", ".join(news["columns"]), "like": ", ".join(news["like"])}


def _suffix(file: Path, suffixes: Iterable[str]) -> str:
    """How a file's name ends, in small letters."""
    if (suffix := file.suffix.lower()) in suffixes:
        return suffix
    raise typer.BadParameter(f"{file} ends with none of {', '.join(suffixes)}")
