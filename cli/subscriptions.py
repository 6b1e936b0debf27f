"""`coalition subscriptions`: who is told of what; from a file, changed, and forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import httpx
import typer
from rich.console import Console

from cli import client, endpoints, staff_files, tables
from cli.running import failures, reason_of, run
from cli.saying.fields import Field
from cli.saying.options import Unclear, data_of
from services.notifications.subscription import SubscriptionChange

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cli.staff_files import Listed

app = typer.Typer(no_args_is_help=True, help="Who is told of what; `subscribe` adds somebody.")
console = Console()

_COLUMNS: Final = {
    "Id": "id",
    "Name": "name",
    "Address": "address",
    "Role": "role",
    "Coalitions": "coalitions",
    "Members": "members",
    "Language": "language",
    "Zone": "zone",
}
_ANY_FIELD: Final = {"allow_extra_args": True, "ignore_unknown_options": True}
_SECONDS: Final = 30
Who = Annotated[str, typer.Argument(help="an id as `list` shows it, or an address")]
_ERRORS: Final = {"Row": "row", "Column": "column", "Reason": "reason"}
File = Annotated[
    Path,
    typer.Argument(
        exists=True,
        dir_okay=False,
        help="FILE.csv, .tsv, .xlsx or .jsonl, or FILE.json with rules, as data/staff.json",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List who is told of what; needs a token that may read people's data."""
    found = run(client.listed(endpoints.load(), "subscriptions"))
    if as_json:
        tables.as_json(found)
        return
    console.print(tables.table(_COLUMNS, found))
    console.print(f"{len(found)} in all")


@app.command()
def show(who: Who, *, as_json: AsJson = False) -> None:
    """Show one subscription, with all its rules."""
    found = run(_one(who))
    tables.as_json(found) if as_json else tables.show(console, found)


@app.command("import")
def import_(file: File) -> None:
    """Subscribe all people of a file; who is there already gets what the file says.

    A table's columns are name, address, role, and what else somebody needs of coalitions, members,
    language, zone, digest_hour, digest_weekdays, quiet_from, quiet_until. If a row of it has an
    error, nobody is taken. Empty cells, and rules that somebody has, stay as they are.
    """
    with failures():
        people = _people(file)
        done = [(person, *_put(person)) for person in people]
    for person, _, reason in done:
        if reason:
            why = f"{person.where}: {reason}"
            console.print(why, style="red", markup=False, highlight=False, soft_wrap=True)
    counts = {word: sum(o == word for _, o, _ in done) for word in ("new", "changed", "refused")}
    console.print(", ".join(f"{count} {word}" for word, count in counts.items()) + ".")
    if counts["refused"]:
        console.print("Mend those in the file, and import it again: the others stay as they are.")
        raise typer.Exit(1)


@app.command(context_settings=_ANY_FIELD)
def change(context: typer.Context, who: Who, *, as_json: AsJson = False) -> None:
    """Change what is given, and nothing else: --language fr, --zone Africa/Dakar, --digest-hour 8.

    Rules are given whole, with `import`.
    """
    try:
        wanted = data_of(Field.of(SubscriptionChange), context.args, "Subscription")
    except Unclear as error:
        raise typer.BadParameter(str(error)) from None
    before = run(_one(who))
    with failures():
        answer = _send("PATCH", f"/{before['id']}", wanted, f'"{before["version"]}"')
        answer.raise_for_status()
    tables.as_json(answer.json()) if as_json else tables.show(console, answer.json())


@app.command()
def remove(who: Who) -> None:
    """Forget a subscription, with the name and address."""
    id_ = run(_one(who))["id"]
    with failures():
        _send("DELETE", f"/{id_}").raise_for_status()
    console.print(f"{id_} is forgotten.", highlight=False)


@app.command()
def digest(who: Who) -> None:
    """Send now what waits for somebody's digests; those of the clock come besides."""
    id_ = run(_one(who))["id"]
    with failures():
        _send("POST", f"/{id_}/digest").raise_for_status()
    console.print("What waits is on its way, if anything does.", highlight=False)


def _people(file: Path) -> Sequence[Listed]:
    try:
        return staff_files.people(file)
    except staff_files.Faulty as faulty:
        console.print(tables.table(_ERRORS, [error.model_dump() for error in faulty.errors]))
        console.print("Nobody was taken: mend these, and import the file again.")
        raise typer.Exit(1) from None


def _put(person: Listed) -> tuple[str, str]:
    """Subscribe somebody, or have their subscription say what the file does; and why not.

    A table says no rules: whoever is there keeps theirs.
    """
    answer, outcome = _send("POST", "", person.says), "new"
    if answer.status_code == httpx.codes.CONFLICT and (id_ := answer.json().get("subscription")):
        method = "PATCH" if person.row else "PUT"
        answer, outcome = _send(method, f"/{id_}", person.says, "*"), "changed"
    if answer.status_code in {httpx.codes.CONFLICT, httpx.codes.UNPROCESSABLE_ENTITY}:
        return "refused", reason_of(answer)
    answer.raise_for_status()
    return outcome, ""


def _send(
    method: str, path: str, body: Mapping[str, Any] | None = None, if_match: str = ""
) -> httpx.Response:
    here = endpoints.load()
    headers = {**here.bearer(), **({"If-Match": if_match} if if_match else {})}
    url = f"{here.url('notifications')}/subscriptions{path}"
    return httpx.request(method, url, json=body, headers=headers, timeout=_SECONDS)


async def _one(who: str) -> dict[str, Any]:
    """The subscription with an id or an address."""
    for one in await client.listed(endpoints.load(), "subscriptions"):
        if one["id"] == who or one["address"].casefold() == who.casefold():
            return one
    raise typer.BadParameter(f"there is no subscription {who!r}; `list` shows those there are")
