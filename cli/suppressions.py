"""`coalition suppressions`: whose address is written to no more, why, and to lift it."""

from __future__ import annotations

from typing import Annotated, Final

import httpx
import typer
from rich.console import Console

from cli import client, endpoints, tables
from cli.running import failures, run

app = typer.Typer(no_args_is_help=True, help="Addresses to which nothing is sent any more.")
console = Console()

_COLUMNS: Final = {
    "Subscription": "id",
    "Why": "suppressed",
    "Status": "status",
    "Received": "received",
    "E-mail": "delivery",
}


@app.command("list")
def list_(*, as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False) -> None:
    """List them, each with the bounce by which it came to that."""
    found = run(client.listed(endpoints.load(), "suppressions"))
    if as_json:
        tables.as_json(found)
        return
    rows = [{**one, **(one.get("bounce") or {})} for one in found]
    console.print(tables.table(_COLUMNS, rows))
    console.print(f"{len(found)} in all")


@app.command()
def lift(id_: Annotated[str, typer.Argument(help="as `list` shows it")]) -> None:
    """Have an address written to again; needs a token that may operate."""
    here = endpoints.load()
    with failures():
        url = f"{here.url('notifications')}/suppressions/{id_}"
        httpx.delete(url, headers=here.bearer(), timeout=10).raise_for_status()
    console.print(f"{id_} is written to again.", highlight=False)
