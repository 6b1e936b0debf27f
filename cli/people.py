"""`coalition people`: all that is kept of a person, and to forget it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console

from cli import endpoints
from cli.confirming import Yes, confirm
from cli.running import failures

app = typer.Typer(no_args_is_help=True, help="All that is kept of a person: give it, forget it.")
console = Console()

Address = Annotated[str, typer.Argument(help="the e-mail address, in any case")]


@app.command()
def export(
    address: Address,
    *,
    output: Annotated[Path | None, typer.Option(help="a file; else it is printed")] = None,
) -> None:
    """Write all that is kept of a person, as JSON; needs a token that may read people's data."""
    text = _ask("export", address).text
    if output is None:
        console.print_json(text)
        return
    with failures():
        output.write_text(text)
    console.print(f"{output} has all that is kept.", highlight=False)


@app.command()
def erase(
    address: Address,
    *,
    yes: Yes = False,
) -> None:
    """Forget a person for good; needs a token that may write people's data."""
    confirm("Forget the person, with all that was sent to them?", yes=yes)
    id_ = _ask("erase", address).json()["subscription"]
    console.print(f"{id_} is forgotten; a restore forgets it again.", highlight=False)


def _ask(what: str, address: str) -> Any:  # noqa: ANN401 - an answer
    here = endpoints.load()
    with failures():
        url = f"{here.url('notifications')}/people/{what}"
        answer = httpx.post(url, json={"address": address}, headers=here.bearer(), timeout=60)
        answer.raise_for_status()
    return answer
