"""`coalition announcements`: what offices announce, to whom, and how far it is."""

from __future__ import annotations

from typing import Annotated, Any, Final

import httpx
import typer
from rich.console import Console

from cli import client, endpoints, mail, tables
from cli.running import failures, run
from services.notifications import previews
from services.notifications.domain import known
from shared.contracts.notifications import AnnouncementDrafted

app = typer.Typer(
    no_args_is_help=True,
    help="What offices announce. `say AnnouncementDrafted` writes one, `AnnouncementTested` sends"
    " it to one subscription, `AnnouncementReleased` to all whom it is for, ten minutes later;"
    " `AnnouncementCancelled` takes it back until then.",
)
console = Console()

_COLUMNS: Final = {
    "Id": "id",
    "Office": "office",
    "State": "state",
    "Edition": "edition",
    "Goes out": "goes_out",
    "Sent to": "recipients",
}
Id = Annotated[str, typer.Argument(help="as `list` shows it")]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List all announcements; needs a token that may publish, or read people's data."""
    found = run(client.listed(endpoints.load(), "announcements"))
    if as_json:
        tables.as_json(found)
        return
    console.print(tables.table(_COLUMNS, found))


@app.command()
def show(id_: Id, *, as_json: AsJson = False) -> None:
    """Show what an announcement says in each language, and how many it would go to now."""
    found = _one(id_)
    if as_json:
        tables.as_json(found)
        return
    for line in _lines(found):
        console.print(line, markup=False, highlight=False)


@app.command()
def preview(id_: Id, *, language: mail.InLanguage = "en", out: mail.Out = None) -> None:
    """Show the e-mail that an announcement would be now, as who reads a language gets it."""
    event = AnnouncementDrafted.model_validate({**_one(id_), "announcement": id_})
    mail.show(*previews.announced(event, known(language)), out)


def _one(id_: str) -> dict[str, Any]:
    here = endpoints.load()
    with failures():
        url = f"{here.url('notifications')}/announcements/{id_}"
        answer = httpx.get(url, headers=here.bearer(), timeout=10).raise_for_status()
    return dict(answer.json())


def _lines(found: dict[str, Any]) -> list[str]:
    """An announcement as a text."""
    whom = ", ".join((*found["coalitions"], *found["roles"])) or "everybody"
    head = [
        f"{found['id']}, edition {found['edition']}: {found['state']}",
        f"From: {found['office']}",
        f"For: {whom} ({found['audience']} subscriptions now)",
    ]
    if found["goes_out"]:
        head.append(f"Goes out: {found['goes_out']}")
    return head + [
        f"\n[{language}] {title}\n{found['texts'][language]}"
        for language, title in found["titles"].items()
    ]
