"""`export` and `import`: tables out to files, and in from them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import httpx
import typer
from rich.console import Console

from cli import endpoints, tables
from cli.reading import (
    COALITIONS,
    COMMITMENTS,
    CONFERENCES,
    MEMBERS,
    PRACTICES,
    REPORTS,
    AsJson,
)
from cli.running import failures, reason_of

if TYPE_CHECKING:
    from cli.reading import Resource

console = Console()

_MEDIA: Final = {".csv": "text/csv", ".jsonl": "application/jsonl", ".ndjson": "application/jsonl"}
_SECONDS: Final = 120
_ERRORS: Final = {"Row": "row", "Column": "column", "Reason": "reason"}

File = Annotated[Path, typer.Argument(help="FILE.csv or FILE.jsonl")]
Target = Annotated[Path | None, typer.Argument(help="FILE.csv or FILE.jsonl; left out: CSV here")]
OnlyGood = Annotated[bool, typer.Option(help="leave out the rows with errors, take the others")]
DryRun = Annotated[bool, typer.Option(help="check only")]
Bom = Annotated[bool, typer.Option(help="have Excel see that the CSV is UTF-8")]


def register() -> None:
    """Add the commands to those of each resource."""
    for resource in (COALITIONS, MEMBERS, CONFERENCES, COMMITMENTS, REPORTS, PRACTICES):
        _export(resource)
    for resource in (MEMBERS, CONFERENCES, COMMITMENTS):
        _import(resource)


def _export(resource: Resource) -> None:
    @resource.app.command("export")
    def export(file: Target = None, *, bom: Bom = False) -> None:
        """Write all as open data."""
        form = _form(file or Path("all.csv"))
        with failures():
            _save(resource.url(f"/{resource.kind}/export{form}"), file, bom=bom)


def _save(url: str, file: Path | None, *, bom: bool) -> None:
    with httpx.stream("GET", url, params={"bom": bom}, timeout=_SECONDS) as answer:
        if answer.is_error:
            answer.read()
        answer.raise_for_status()
        with file.open("wb") if file else sys.stdout.buffer as out:
            for piece in answer.iter_bytes():
                out.write(piece)


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
    headers = {"Content-Type": _MEDIA[_form(file, *_MEDIA)], **endpoints.load().bearer()}
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
    if report["errors"]:
        console.print(tables.table(_ERRORS, report["errors"]))
    if report["bad"] > len(report["errors"]):
        console.print(f"and more: {report['bad']} rows have errors")
    said = f"{report['changed']} new or changed, {report['unchanged']} known, {report['bad']} bad"
    taken = "Only checked." if dry_run else f"{report['events']} events on their way."
    console.print(f"{report['rows']} rows: {said}. {taken}")


def _form(file: Path, *forms: str) -> str:
    if file.suffix not in (forms or (".csv", ".jsonl")):
        raise typer.BadParameter(f"{file} is neither .csv nor .jsonl")
    return file.suffix
