"""`coalition webhooks`: where events are sent by HTTP, how that fares, and what operators do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Final

import httpx
import typer
from rich.console import Console

from cli import client, endpoints, tables
from cli.running import failures, run

app = typer.Typer(
    no_args_is_help=True,
    help="Events sent by HTTP to systems without Kafka; needs a token that may operate.",
)
console = Console()

_COLUMNS: Final = {
    "Id": "id",
    "State": "state",
    "Reason": "reason",
    "Waiting": "waiting",
    "Failing since": "failing",
    "Last failure": "last",
    "Address": "url",
}
_SECONDS: Final = 90
"""More than a test waits for its receiver."""
Id = Annotated[str, typer.Argument(help="as `list` shows it")]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]
Many = list[str] | None


def _moment(text: str) -> str:
    """A day, or a moment with its zone, as HTTP takes it."""
    try:
        if len(text) == len("2026-11-20"):
            return datetime.combine(date.fromisoformat(text), time(), UTC).isoformat()
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("a day, 2026-11-20, or a moment, 2026-11-20T09:00Z") from None
    if found.tzinfo is None:
        raise typer.BadParameter("a moment says its zone, as in 2026-11-20T09:00Z")
    return found.isoformat()


@app.command()
def add(  # noqa: PLR0913 - what a webhook may say
    id_: Annotated[str, typer.Argument(metavar="ID", help="a name of yours, as city-hall")],
    url: Annotated[str, typer.Argument(help="https://…")],
    *,
    kind: Annotated[Many, typer.Option(help="of events, as CitySigned; else all")] = None,
    coalition: Annotated[Many, typer.Option(help="the id of a coalition; else all")] = None,
    member: Annotated[Many, typer.Option(help="the id of a member; else all")] = None,
    connections: Annotated[int, typer.Option(help="requests at a time")] = 4,
    per_second: Annotated[float, typer.Option(help="requests a second at most")] = 50.0,
    as_json: AsJson = False,
) -> None:
    """Have events sent to an address from now on; shows the secret, once."""
    new = {
        "id": id_,
        "url": url,
        "kinds": kind or [],
        "coalitions": coalition or [],
        "members": member or [],
        "connections": connections,
        "per_second": per_second,
    }
    found = _ask("POST", "", new)
    if as_json:
        tables.as_json(found)
        return
    console.print(f"Events are sent to {id_} from now on. Its secret, shown this once:")
    console.print(found["secret"], markup=False, highlight=False, soft_wrap=True)


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List all webhooks, and how each fares."""
    found = run(client.listed(endpoints.load(), "webhooks"))
    if as_json:
        tables.as_json(found)
        return
    console.print(tables.table(_COLUMNS, found))
    console.print(f"{len(found)} in all")


@app.command()
def show(id_: Id, *, as_json: AsJson = False) -> None:
    """Show one webhook: what is sent, and how it fares."""
    found = _ask("GET", f"/{id_}")
    tables.as_json(found) if as_json else tables.show(console, found)


@app.command("test")
def try_(id_: Id, *, as_json: AsJson = False) -> None:
    """Send an event that was made for a test, and say how the receiver answers."""
    found = _ask("POST", f"/{id_}/test")
    if as_json:
        tables.as_json(found)
    else:
        word = "took it" if found["taken"] else "did not take it"
        line = f"{id_} {word}: {found['reason']}, after {found['milliseconds']} ms"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if not found["taken"]:
        raise typer.Exit(1)


@app.command()
def pause(id_: Id) -> None:
    """Have nothing sent for now; what is to be sent waits."""
    _ask("POST", f"/{id_}/pause")
    console.print(f"Nothing is sent to {id_} for now: `resume` has what waits sent.")


@app.command()
def resume(id_: Id) -> None:
    """Have what waits sent, after a pause or since it was stopped."""
    _ask("POST", f"/{id_}/resume")
    console.print(f"What waits is sent to {id_}.")


@app.command()
def rotate(
    id_: Id,
    *,
    overlap_hours: Annotated[int, typer.Option(help="so long the secret before is used, too")] = 24,
    as_json: AsJson = False,
) -> None:
    """Sign with a new secret, and for a while with the one before; shows the new one, once."""
    found = _ask("POST", f"/{id_}/rotate", {"overlap_hours": overlap_hours})
    if as_json:
        tables.as_json(found)
        return
    console.print(f"Until {found['until']} both verify; the new secret, shown this once:")
    console.print(found["secret"], markup=False, highlight=False, soft_wrap=True)


@app.command()
def replay(
    id_: Id,
    *,
    since: Annotated[str, typer.Option(callback=_moment, help="a day or a moment")],
    until: Annotated[
        str | None,
        typer.Option(callback=lambda one: one and _moment(one), help="likewise; else now"),
    ] = None,
) -> None:
    """Have the events sent once more that were recorded since then, under the same ids."""
    found = _ask("POST", f"/{id_}/replay", {"since": since, "until": until})
    line = f"What was recorded from {found['since']} to {found['until']} is sent to {id_} again."
    console.print(line, highlight=False, soft_wrap=True)


@app.command()
def remove(id_: Id) -> None:
    """Have nothing sent there any more; its address and secrets are forgotten."""
    _ask("DELETE", f"/{id_}")
    console.print(f"Nothing is sent to {id_} any more.")


def _ask(method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    here = endpoints.load()
    url = f"{here.url('notifications')}/webhooks{path}"
    with failures():
        answer = httpx.request(method, url, json=body, headers=here.bearer(), timeout=_SECONDS)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found
