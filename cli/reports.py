"""`coalition reports draft|document|write|submit`: a report that a member writes of its work."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import httpx
import typer
from rich.console import Console

from cli import client, endpoints, report_files, tables
from cli.leading import today
from cli.reading import REPORTS, AsJson
from cli.report_files import NoReport
from cli.running import failures, run
from cli.saying import sending
from shared.contracts.plans import ReportDrafted, ReportSubmitted

if TYPE_CHECKING:
    from shared.contracts.plans import ReportEvent
    from shared.journal.entry import Document

console = Console()

_SECONDS: Final = 40
Member = Annotated[str, typer.Argument(help="a member's id")]
Due = Annotated[str, typer.Argument(help="when the report is due, YYYY-MM-DD")]
Edited = Annotated[Path, typer.Argument(help="what `draft` has written, and you have edited")]
Target = Annotated[Path | None, typer.Argument(help="a file to write; left out: here")]


def register() -> None:
    """Add the commands to those of reports."""
    for command in (draft, document, write, submit):
        REPORTS.app.command()(command)


def draft(member: Member, due: Due, file: Target = None, *, as_json: AsJson = False) -> None:
    """Write a report as it would be today, as a text to edit; --json shows all that is in it."""
    found = _draft(member, due)
    if as_json:
        tables.as_json(found)
    else:
        _out(report_files.written(found).encode(), file)


def document(
    member: Member,
    due: Due,
    file: Target = None,
    *,
    form: Annotated[str, typer.Option("--format", help="markdown or html")] = "markdown",
) -> None:
    """Write a report for people to read, as it was submitted or else as a draft."""
    url = REPORTS.url(f"/members/{member}/reports/{due}/document")
    with failures():
        answer = httpx.get(url, params={"format": form}, timeout=_SECONDS)
        answer.raise_for_status()
        _out(answer.content, file)


def write(member: Member, due: Due, file: Edited) -> None:
    """Keep a draft that was edited, so that it can be gone on with elsewhere."""
    found = _draft(member, due)
    said = {**_read(file, found), "drafted": today().isoformat()}
    _say(ReportDrafted, found, said)
    console.print(f"The draft is kept, with {len(said['texts'])} texts of its own.")


def submit(
    member: Member,
    due: Due,
    file: Annotated[Path | None, typer.Argument(help="as of `write`; left out: the draft")] = None,
    *,
    title: Annotated[str | None, typer.Option(help="of the report")] = None,
    submitted: Annotated[str | None, typer.Option(help="when; left out: today")] = None,
) -> None:
    """Submit a report; from then on it stays as it is."""
    found = _draft(member, due)
    said = _read(file, found) if file else {}
    said |= {"submitted": submitted or today().isoformat(), "title": title}
    _say(ReportSubmitted, found, said)
    console.print(
        f"Submitted. `coalition reports document {member} {due}` shows it.", soft_wrap=True
    )


def _draft(member: str, due: str) -> Document:
    found: Document = run(client.get(REPORTS.url(f"/members/{member}/reports/{due}/draft")))
    if not found["contents"]:
        raise typer.BadParameter(f"{member} waits for its plan: there is nothing to write of yet")
    return found


def _read(file: Path, found: Document) -> dict[str, Any]:
    with failures():
        try:
            return report_files.read(file.read_text(encoding="utf-8"), found)
        except (NoReport, UnicodeDecodeError) as error:
            raise typer.BadParameter(f"{file}: {error}") from None


def _say(model: type[ReportEvent], found: Document, said: dict[str, Any]) -> None:
    about = {"coalition": found["coalition"], "due": found["due"]}
    data = {**about, "member": {"id": found["member"]["id"]}, **said}
    given = {name: value for name, value in data.items() if value is not None}
    try:
        run(sending.send(endpoints.load(), "plans", model, given, str(uuid.uuid4()), None))
    except sending.NotAccepted as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


def _out(content: bytes, file: Path | None) -> None:
    with failures():
        if file:
            file.write_bytes(content)
        else:
            sys.stdout.buffer.write(content)
