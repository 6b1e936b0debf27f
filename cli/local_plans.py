"""`coalition local-plans`: cities' own plans, now or on a day."""

from __future__ import annotations

from typing import Annotated, Final

import typer
from rich.console import Console

from cli import client, tables
from cli.reading import AsJson, AsOf, Coalition, Country, Resource, State, show_and_history
from cli.running import run

console = Console()
LOCAL_PLANS: Final = Resource(
    "local-plans",
    "plans",
    "Cities' own plans: adopted, renewed, reviewed, ended.",
    {
        "Id": "id",
        "Title": "title",
        "Of": "holders.name",
        "Coalition": "coalition",
        "Adopted": "adopted",
        "Ends": "ends",
        "State": "state",
    },
    "/local-plans/{id}",
)


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    show_and_history(LOCAL_PLANS)
    app.add_typer(LOCAL_PLANS.app, name=LOCAL_PLANS.kind, help=LOCAL_PLANS.help)


@LOCAL_PLANS.app.command("list")
def list_local_plans(  # noqa: PLR0913 - each filter is an option
    *,
    coalition: Coalition = None,
    country: Country = None,
    member: Annotated[str | None, typer.Option(help="a member's id")] = None,
    state: State = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List cities' own plans; --state expired has those whose period is over."""
    where = {"coalition": coalition, "country": country, "member": member, "state": state}
    found = run(client.all_of(LOCAL_PLANS.url("/local-plans"), **where, as_of=as_of))
    if as_json:
        tables.as_json(found)
        return
    console.print(tables.table(LOCAL_PLANS.columns, found))
    console.print(f"{len(found)} in all")
