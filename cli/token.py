"""`coalition token`: make a bearer token, show one's own, and look at a file of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic_core import to_json
from rich.console import Console

from cli import endpoints
from services.manifests import MANIFESTS
from shared.access import scopes, tokens
from shared.access.scopes import Scope
from shared.access.tokens import Tokens

app = typer.Typer(no_args_is_help=True, help="Bearer tokens of HTTP: who may do what.")
console = Console()
aside = Console(stderr=True)

_SCOPES = ", ".join([*Scope, f"{scopes.AS}NAME (as that publisher only)"])
Scopes = Annotated[list[str], typer.Option("--scope", help=f"several times: {_SCOPES}")]
Services = Annotated[
    list[str] | None,
    typer.Option("--service", help=f"where it counts, of {', '.join(MANIFESTS)}; else everywhere"),
]
Until = Annotated[
    str | None, typer.Option(metavar="YYYY-MM-DD", help="the last day on which it counts (UTC)")
]


@app.command()
def new(name: str, *, scope: Scopes, service: Services = None, until: Until = None) -> None:
    """Make a token: it is shown this once, with the line for COALITION_TOKENS_FILE.

    The line holds a digest only. Add it to the file; the services read it again by themselves.
    """
    token = tokens.new()
    line = line_of(name, token, scope, service or [], until)
    aside.print("The token, for its owner alone; nobody can show it again:", style="bold")
    _print(token)
    aside.print("The line for the file of tokens:", style="bold")
    _print(line)


@app.command()
def show() -> None:
    """Show the token that this command line sends, for other programs of its owner."""
    header = endpoints.load().bearer().get("Authorization")
    if header is None:
        aside.print("No token is set: COALITION_TOKEN, or COALITION_TOKEN_FILE.", style="red")
        raise typer.Exit(1)
    _print(header.removeprefix("Bearer "))


@app.command()
def check(file: Path) -> None:
    """Check a file of tokens, and list what each may do."""
    try:
        found = Tokens.load(file)
        found.check_services(MANIFESTS)
    except ValueError as error:
        aside.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    for name, grant in found.root.items():
        where = ", ".join(grant.services) or "everywhere"
        until = f", until {grant.until}" if grant.until else ""
        _print(f"{name}: {', '.join(grant.scopes)}; {where}{until}")


def line_of(name: str, token: str, scope: list[str], service: list[str], until: str | None) -> str:
    """The line of a token in a file.

    Raises:
        typer.BadParameter: it would not be taken; the message says why.
    """
    more = f", services = {_list(service)}" if service else ""
    more += f", until = {until}" if until else ""
    digest = tokens.digest_of(token)
    line = f'{name} = {{ sha256 = "{digest}", scopes = {_list(scope)}{more} }}'
    try:
        Tokens.parse(line).check_services(MANIFESTS)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return line


def _list(texts: list[str]) -> str:
    return to_json(texts).decode()  # TOML writes lists of plain texts as JSON does


def _print(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
