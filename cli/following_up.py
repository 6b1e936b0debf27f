"""`coalition owed` and `coalition commitments progress`: what staff follow up."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer
from rich.console import Console

from cli import client, tables
from cli.reading import COMMITMENTS, AsJson, AsOf, Coalition, Country, Id
from cli.running import run
from services.plans.domain import ADVANCE

console = Console()

Month = Annotated[str | None, typer.Option(help="YYYY-MM")]

_OWED: Final = {
    "Coalition": "coalition",
    "Member": "name",
    "What": "what",
    "Owed by": "by",
    "Since": "since",
    "About": "about",
}
_COMMITMENTS: Final = {
    "Point": "point",
    "Commitment": "title",
    "Status": "status",
    "Percent": "percent",
    "As of": "as_of",
    "Taken up": "taken_up",
}
_TREND: Final = {"Until": "day", "Members": "members", "Percent": "percent"}
_REPORTS: Final = {"Due": "due", "State": "state"}


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(owed)
    COMMITMENTS.app.command()(progress)
    COMMITMENTS.app.command()(trend)


def owed(
    *,
    coalition: Coalition = None,
    what: Annotated[str | None, typer.Option(help="plan, choice, report, local plan, …")] = None,
    as_json: AsJson = False,
) -> None:
    """List who owes what today: members, coalitions, and the secretariat."""
    url = COMMITMENTS.url("/owed")
    found = run(client.all_of(url, coalition=coalition, what=what))
    found.sort(key=lambda one: (one["coalition"], one["name"] or one["member"], one["what"]))
    if as_json:
        tables.as_json(found)
        return
    shown = [{**one, "name": one["name"] or one["member"]} for one in found]
    console.print(tables.table(_OWED, shown))
    console.print(f"{len(found)} in all")


def progress(id_: Id, *, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Show how far a member has come, in percent too, now or as it was on a day."""
    found = run(client.get(COMMITMENTS.url(f"/members/{id_}/progress"), as_of=as_of))
    if as_json:
        tables.as_json(found)
        return
    _show("commitments", "Commitments", _COMMITMENTS, found)
    _show("reports", "Reports", _REPORTS, found)


def trend(
    *,
    coalition: Coalition = None,
    country: Country = None,
    since: Month = None,
    until: Month = None,
    as_json: AsJson = False,
) -> None:
    """Show how commitments advance from month to month."""
    where = {"coalition": coalition, "country": country, "since": since, "until": until}
    found = run(client.get(COMMITMENTS.url("/trends"), **where))
    if as_json:
        tables.as_json(found)
        return
    console.print(tables.table(_TREND | {s.capitalize(): f"by_status.{s}" for s in ADVANCE}, found))


def _show(field: str, title: str, columns: dict[str, str], found: dict[str, Any]) -> None:
    if (there := found[field]) is None:
        console.print(f"{title}: none on that day.")
        return
    percent = "not known" if there["percent"] is None else f"{there['percent']} %"
    heading = f"{title} on {there['day']}: {percent}"
    console.print(tables.table(columns, there[field], title=heading))
