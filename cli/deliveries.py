"""`coalition deliveries`: look at e-mails, and queue those again that were not sent for certain."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import httpx
import typer
from rich.console import Console

from cli import client, endpoints, tables
from cli.running import run

if TYPE_CHECKING:
    from cli.endpoints import Endpoints

app = typer.Typer(no_args_is_help=True, help="E-mails, how they ended, and once more.")
console = Console()

_COLUMNS: Final = {
    "Id": "id",
    "State": "state",
    "Event": "kind",
    "About": "about",
    "Attempts": "attempts",
    "Due": "due",
    "Reason": "reason",
}


class Ended(StrEnum):
    """The states from which a delivery can be queued again."""

    FAILED = "failed"
    UNKNOWN = "unknown"


@app.command("list")
def list_(
    *,
    state: Annotated[str | None, typer.Option(help="queued, sent, failed, unknown, …")] = None,
    about: Annotated[str | None, typer.Option(help="the id of a member or a coalition")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """List e-mails; names and addresses are not shown."""
    found = run(client.listed(endpoints.load(), "deliveries", state=state, about=about))
    if as_json:
        tables.as_json(found)
        return
    console.print(tables.table(_COLUMNS, found))
    console.print(f"{len(found)} in all")


@app.command()
def requeue(
    ids: Annotated[list[str] | None, typer.Argument(help="as `list` shows them")] = None,
    *,
    state: Annotated[Ended | None, typer.Option(help="all in this state")] = None,
) -> None:
    """Queue e-mails again that failed, or are unknown and may then arrive twice."""
    if not ids and state is None:
        raise typer.BadParameter("say which: --state failed, --state unknown, or ids")
    which: dict[str, Any] = {"ids": ids or [], "state": state}
    console.print(f"{run(_requeue(endpoints.load(), which))} queued again.")


async def _requeue(where: Endpoints, which: dict[str, Any]) -> int:
    async with httpx.AsyncClient(timeout=60, headers=where.bearer()) as http:
        answer = await http.post(f"{where.url('notifications')}/deliveries/requeue", json=which)
        answer.raise_for_status()
        return int(answer.json()["requeued"])
