"""`coalition offices`: who has which office, on a day, and whose term ends soon."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer
from rich.console import Console

from cli import client, endpoints, tables
from cli.reading import AsJson, AsOf, Coalition, Resource
from cli.running import run

console = Console()
OFFICES: Final = Resource(
    "offices",
    "membership",
    "Who has which office, and until when.",
    {},
    "",
    typer.Typer(no_args_is_help=True),
)
app: Final = OFFICES.app

_COLUMNS: Final = {
    "Coalition": "coalition",
    "Office": "office",
    "Organ": "organ_name",
    "Area": "area",
    "City": "city.name",
    "Organisation": "organisation",
    "Since": "since",
    "Until": "until",
    "Seen": "seen",
    "Ends": "ends",
}


@app.command("list")
def list_offices(
    *,
    coalition: Coalition = None,
    office: Annotated[str | None, typer.Option(help="president, secretariat, …")] = None,
    city: Annotated[str | None, typer.Option(help="a member's id")] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List offices, now and before; with --as-of, those of that day."""
    where = {"coalition": coalition, "office": office, "city": city, "as_of": as_of}
    _print("/offices", where, as_json=as_json)


@app.command()
def ending(
    *,
    coalition: Coalition = None,
    within_days: Annotated[int, typer.Option(help="from today")] = 120,
    as_json: AsJson = False,
) -> None:
    """List the terms that end soon."""
    where = {"coalition": coalition, "within_days": within_days}
    _print("/offices/ending", where, as_json=as_json)


def _print(path: str, where: dict[str, Any], *, as_json: bool) -> None:
    listed = run(client.all_of(f"{endpoints.load().url('membership')}{path}", **where))
    if as_json:
        tables.as_json(listed)
        return
    console.print(tables.table(_COLUMNS, listed))
    console.print(f"{len(listed)} in all")
