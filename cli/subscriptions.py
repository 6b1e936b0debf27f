"""`coalition subscriptions`: who is notified of what, and to forget somebody."""

from __future__ import annotations

from typing import Annotated, Any, Final

import httpx
import typer
from rich.console import Console

from cli import client, endpoints, tables
from cli.running import failures, run

app = typer.Typer(no_args_is_help=True, help="Who is notified of what; `subscribe` adds somebody.")
console = Console()

_COLUMNS: Final = {
    "Id": "id",
    "Name": "name",
    "Address": "address",
    "Language": "language",
    "Regions": "regions",
    "Kinds": "kinds",
}
Id = Annotated[str, typer.Argument(help="as `list` shows it")]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List who is notified of what; needs a token that may read people's data."""
    found = run(_all())
    if as_json:
        tables.as_json(found)
        return
    console.print(tables.table(_COLUMNS, found))
    console.print(f"{len(found)} in all; without regions or kinds, of all of them")


@app.command()
def remove(id_: Id) -> None:
    """Forget a subscription, with the name and address."""
    here = endpoints.load()
    with failures():
        url = f"{here.url('notifications')}/subscriptions/{id_}"
        httpx.delete(url, headers=here.bearer(), timeout=10).raise_for_status()
    console.print(f"{id_} is forgotten.", highlight=False)


async def _all() -> list[dict[str, Any]]:
    here = endpoints.load()
    url = f"{here.url('notifications')}/subscriptions"
    return await client.all_of(url, headers=here.bearer())
