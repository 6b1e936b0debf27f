"""`coalition members|coalitions|plans|commitments|reports|practices`: look at what there is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console

from cli import client, endpoints, tables
from cli.leading import leading, today
from cli.running import run

if TYPE_CHECKING:
    from collections.abc import Mapping

console = Console()

Id = Annotated[str, typer.Argument(help="as `list` shows it")]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]
AsOf = Annotated[str | None, typer.Option(help="YYYY, YYYY-MM or YYYY-MM-DD: as it was then")]
Coalition = Annotated[str | None, typer.Option(help="a coalition's id")]
Country = Annotated[str | None, typer.Option(help="two letters, as DE")]
State = Annotated[str | None, typer.Option(help="only those in this state")]
Name = Annotated[str | None, typer.Option(help="beginnings of its words, in any script")]
Qualifier = Annotated[str | None, typer.Option(help="DE-NW, Q2742, geonames:2867543")]
Kind = Annotated[str | None, typer.Option(help="city, district, canton, …")]
PlanVersion = Annotated[int | None, typer.Option(help="a version of the plan")]
People = Annotated[int | None, typer.Option(help="how many people live in the member")]
Point = Annotated[int | None, typer.Option(help="a commitment's number, 1 to 10")]


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of thing that a service tells about.

    Attributes:
        kind: its name; the path of its list.
        service: who tells.
        help: what it is.
        columns: the table of its list, as `tables.table` takes it.
        one: the path of one, with its id in it.
    """

    kind: str
    service: str
    help: str
    columns: Mapping[str, str]
    one: str
    app: typer.Typer = field(default_factory=lambda: typer.Typer(no_args_is_help=True))

    def url(self, path: str) -> str:
        """Where something of it is."""
        return f"{endpoints.load().url(self.service)}{path}"


COALITIONS: Final = Resource(
    "coalitions",
    "membership",
    "Coalitions: names, timeline, lead cities, numbers.",
    {
        "Id": "id",
        "Name": "name",
        "State": "state",
        "Launched": "launched",
        "Lead cities now": "leading",
    },
    "/coalitions/{id}",
)
MEMBERS: Final = Resource(
    "members",
    "membership",
    "Members and those on their way, with their dated steps.",
    {
        "Id": "id",
        "Name": "name",
        "Own name": "local_name",
        "Country": "country",
        "Coalition": "coalition",
        "State": "state",
    },
    "/members/{id}",
)
PLANS: Final = Resource(
    "plans",
    "plans",
    "The coalitions' Ten-Point Plans.",
    {"Coalition": "id", "Version": "plan_version", "Versions": "versions.#"},
    "/plans/{id}",
)
COMMITMENTS: Final = Resource(
    "commitments",
    "plans",
    "Members' commitments, and the actions under them.",
    {
        "Member": "id",
        "Name": "member.name",
        "Coalition": "coalition",
        "State": "state",
        "Plan": "plan_version",
        "Status of 1 to 10": "commitments.status",
    },
    "/members/{id}/commitments",
)
REPORTS: Final = Resource(
    "reports",
    "plans",
    "Members' reports: due, overdue, submitted, accepted.",
    {
        "Member": "id",
        "Name": "member.name",
        "Coalition": "coalition",
        "Due": "reports.due",
        "State": "reports.state",
    },
    "/members/{id}/reports",
)
PRACTICES: Final = Resource(
    "practices",
    "plans",
    "Good practices, and who adopted them.",
    {
        "Id": "id",
        "Title": "title",
        "Member": "member.name",
        "Points": "points",
        "Adopted by": "adoptions.member.name",
    },
    "/practices/{id}",
)
CONFERENCES: Final = Resource(
    "conferences",
    "membership",
    "Conferences, and who took part.",
    {"Id": "id", "Title": "title", "Coalition": "coalition", "Begins": "begins", "Place": "place"}
    | {"Cancelled": "cancelled"},
    "/conferences/{id}",
)
ALL: Final = (COALITIONS, MEMBERS, CONFERENCES, PLANS, COMMITMENTS, REPORTS, PRACTICES)

_HISTORY: Final = {
    "Recorded": "recorded",
    "Event": "type",
    "Outcome": "outcome",
    "Said by": "source",
    "Id": "id",
    "Reason": "reason",
}


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for resource in ALL:
        show_and_history(resource)
        app.add_typer(resource.app, name=resource.kind, help=resource.help)


def show_and_history(resource: Resource) -> None:
    """`show` and `history`, which are alike for all."""
    dated = resource.kind in {"coalitions", "members", "local-plans", "conferences"}

    def show(id_: Id, *, as_json: AsJson = False) -> None:
        _show(resource, id_, {}, as_json=as_json)

    def show_as_of(id_: Id, *, as_of: AsOf = None, as_json: AsJson = False) -> None:
        _show(resource, id_, {"as_of": as_of}, as_json=as_json)

    @resource.app.command()
    def history(id_: Id, *, as_json: AsJson = False) -> None:
        """Who said what of it, when, by which event, and what became of it."""
        found = run(client.all_of(resource.url(f"/{resource.kind}/{id_}/history")))
        _print(found, _HISTORY, as_json=as_json)

    resource.app.command("show", help="Show one.")(show_as_of if dated else show)


@COALITIONS.app.command("list")
def list_coalitions(*, as_json: AsJson = False) -> None:
    """List all coalitions, with the cities that lead them now; `show` has all terms."""
    found = run(client.all_of(COALITIONS.url("/coalitions")))
    if not as_json:
        found = [{**one, "leading": leading(one["lead_cities"], today())} for one in found]
    _print(found, COALITIONS.columns, as_json=as_json)


@COALITIONS.app.command()
def statistics(id_: Id, *, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Show how many members a coalition has, from how many countries, now or on a date."""
    found = run(client.get(COALITIONS.url(f"/coalitions/{id_}/statistics"), as_of=as_of))
    tables.as_json(found) if as_json else tables.show(console, found)


@MEMBERS.app.command("list")
def list_members(  # noqa: PLR0913 - each filter is an option
    *,
    coalition: Coalition = None,
    country: Country = None,
    kind: Kind = None,
    state: State = None,
    name: Name = None,
    qualifier: Qualifier = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """List members; --name nurn finds Nürnberg."""
    where = {"coalition": coalition, "country": country, "kind": kind, "state": state}
    where |= {"name": name, "qualifier": qualifier, "as_of": as_of}
    list_all(MEMBERS, where, as_json=as_json)


@PLANS.app.command("list")
def list_plans(*, as_json: AsJson = False) -> None:
    """List the plans of all coalitions."""
    list_all(PLANS, {}, as_json=as_json)


@COMMITMENTS.app.command("list")
def list_commitments(
    *,
    coalition: Coalition = None,
    country: Country = None,
    state: State = None,
    as_json: AsJson = False,
) -> None:
    """List members with their commitments; --state awaiting has those that wait for a plan."""
    where = {"coalition": coalition, "country": country, "state": state}
    list_all(COMMITMENTS, where, as_json=as_json)


@REPORTS.app.command("list")
def list_reports(
    *, coalition: Coalition = None, state: State = None, as_json: AsJson = False
) -> None:
    """List members with their reports; --state overdue has those that owe one."""
    list_all(REPORTS, {"coalition": coalition, "state": state}, as_json=as_json)


@PRACTICES.app.command("list")
def list_practices(
    *,
    coalition: Coalition = None,
    point: Point = None,
    population_from: People = None,
    population_to: People = None,
    as_json: AsJson = False,
) -> None:
    """List good practices; --population-from and --population-to have those of like size."""
    size = {"population_from": population_from, "population_to": population_to}
    list_all(PRACTICES, {"coalition": coalition, "point": point, **size}, as_json=as_json)


def list_all(resource: Resource, where: dict[str, Any], *, as_json: bool) -> None:
    """Print the table of what a service lists."""
    found = run(client.all_of(resource.url(f"/{resource.kind}"), **where))
    _print(found, resource.columns, as_json=as_json)


def _show(resource: Resource, id_: str, where: dict[str, Any], *, as_json: bool) -> None:
    found = run(client.get(resource.url(resource.one.format(id=id_)), **where))
    tables.as_json(found) if as_json else tables.show(console, found)


def _print(found: list[dict[str, Any]], columns: Mapping[str, str], *, as_json: bool) -> None:
    if as_json:
        tables.as_json(found)
        return
    console.print(tables.table(columns, found))
    console.print(f"{len(found)} in all")
