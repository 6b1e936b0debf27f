"""`coalition conferences|publications|conventions`: who took part, papers and news, who acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import quote

import typer
from rich.console import Console

from cli import client, tables
from cli.reading import (
    CONFERENCES,
    PLANS,
    AsJson,
    AsOf,
    Coalition,
    Id,
    Resource,
    list_all,
    show_and_history,
)
from cli.running import run

if TYPE_CHECKING:
    from collections.abc import Iterator

console = Console()

PUBLICATIONS: Final = Resource(
    "publications",
    "plans",
    "Discussion papers and news.",
    {
        "Id": "id",
        "Announced": "announced",
        "Kind": "kind",
        "Title": "title",
        "Coalition": "coalition",
        "Link": "link",
    },
    "/publications/{id}",
)
_PARTICIPANTS: Final = {
    "Id": "id",
    "Name": "name",
    "Registered": "registered",
    "Attended": "attended",
}
_CONVENTIONS: Final = {
    "Convention": "name",
    "Provision": "provision",
    "Coalition": "coalition",
    "Version": "version",
    "Point": "point",
    "Commitment": "title",
}
_ACTING: Final = {
    "Member": "member.id",
    "Name": "member.name",
    "Coalition": "coalition",
    "Points": "commitments.point",
    "Status": "commitments.status",
}

conventions = typer.Typer(
    no_args_is_help=True, help="Conventions, and the members that act on one."
)
PublicationKind = Annotated[str | None, typer.Option(help="paper or news")]
Convention = Annotated[str, typer.Argument(help="all of its name, or a part: ICERD")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    show_and_history(PUBLICATIONS)
    app.add_typer(PUBLICATIONS.app, name=PUBLICATIONS.kind, help=PUBLICATIONS.help)
    app.add_typer(conventions, name="conventions")


@CONFERENCES.app.command("list")
def list_conferences(
    *, coalition: Coalition = None, as_of: AsOf = None, as_json: AsJson = False
) -> None:
    """List conferences, those that were cancelled as well."""
    list_all(CONFERENCES, {"coalition": coalition, "as_of": as_of}, as_json=as_json)


@CONFERENCES.app.command()
def participants(id_: Id, *, as_json: AsJson = False) -> None:
    """Show who registered for a conference, and who took part."""
    found = list(taking_part(run(client.get(CONFERENCES.url(f"/conferences/{id_}")))))
    _print(found, _PARTICIPANTS, as_json=as_json)


@PUBLICATIONS.app.command("list")
def list_publications(
    *, coalition: Coalition = None, kind: PublicationKind = None, as_json: AsJson = False
) -> None:
    """List papers and news."""
    list_all(PUBLICATIONS, {"coalition": coalition, "kind": kind}, as_json=as_json)


@conventions.command("list")
def list_conventions(*, coalition: Coalition = None, as_json: AsJson = False) -> None:
    """List the conventions that plans put into practice, and by which points."""
    found = run(client.get(PLANS.url("/conventions"), coalition=coalition))["items"]
    _print(found, _CONVENTIONS, as_json=as_json)


@conventions.command()
def members(name: Convention, *, coalition: Coalition = None, as_json: AsJson = False) -> None:
    """List the members that act on a convention: they have begun a point that names it."""
    url = PLANS.url(f"/conventions/{quote(name, safe='')}/members")
    _print(run(client.all_of(url, coalition=coalition)), _ACTING, as_json=as_json)


def taking_part(conference: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Who registered for a conference or attended it, each once."""
    lists = {
        "registered": ("registered_members", "registered_organisations"),
        "attended": ("members", "organisations"),
    }
    found: dict[tuple[str | None, str], dict[str, Any]] = {}
    for part, fields in lists.items():
        for one in (one for field in fields for one in conference[field]):
            id_, name = (one["id"], one["name"]) if isinstance(one, dict) else (None, one)
            who = {"id": id_, "name": name, "registered": False, "attended": False}
            found.setdefault((id_, id_ or name), who)[part] = True
    yield from found.values()


def _print(found: list[dict[str, Any]], columns: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        tables.as_json(found)
        return
    console.print(tables.table(columns, found))
    console.print(f"{len(found)} in all", highlight=False)
