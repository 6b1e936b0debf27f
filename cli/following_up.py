"""`coalition owed`, and how commitments advance: what staff follow up."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer
from rich.console import Console

from cli import client, tables
from cli.reading import (
    COMMITMENTS,
    AsJson,
    AsOf,
    Coalition,
    Country,
    Id,
    PlanVersion,
    Point,
)
from cli.running import run
from services.plans.domain import ADVANCE
from services.plans.domain.commitments.size import SIZES

console = Console()

Month = Annotated[str | None, typer.Option(help="YYYY-MM")]
OfSize = Annotated[str | None, typer.Option(help=f"members of a size: {', '.join(SIZES)}")]

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
_POINTS: Final = {
    "Coalition": "coalition",
    "Version": "plan_version",
    "Point": "point",
    "Commitment": "title",
    "Statuses": "by_status",
}
_COMPARED: Final = {
    "Member": "name",
    "Country": "country",
    "Version": "plan_version",
    "Point": "point",
    "Commitment": "title",
    "Status": "status",
    "As of": "as_of",
    "Owes a report": "overdue",
}


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(owed)
    COMMITMENTS.app.command()(progress)
    COMMITMENTS.app.command()(trend)
    COMMITMENTS.app.command()(compare)


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
    found = run(client.get(COMMITMENTS.url("/trends"), **where))["items"]
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


def compare(  # noqa: PLR0913 - each is an option
    *,
    coalition: Coalition = None,
    country: Country = None,
    plan_version: PlanVersion = None,
    point: Point = None,
    size: OfSize = None,
    as_json: AsJson = False,
) -> None:
    """Show how many commitments have which status, and those to look at first."""
    where = {"coalition": coalition, "country": country, "plan_version": plan_version}
    where |= {"point": point, "size": size}
    found = run(client.get(COMMITMENTS.url("/comparison"), **where))
    if as_json:
        tables.as_json(found)
        return
    first, points = found.pop("first"), found.pop("by_point")
    tables.show(console, found)
    console.print(tables.table(_POINTS, points, title="By point"))
    console.print(tables.table(_COMPARED, first, title="To look at first"))
