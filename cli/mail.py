"""`coalition mail preview`: each kind of e-mail in each language, as its reader sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.running import failures
from services.notifications import previews
from services.notifications.domain import LANGUAGES, known
from shared.nearest import meant

app = typer.Typer(no_args_is_help=True, help="How e-mails look.")
console = Console()


def _language(tag: str) -> str:
    if tag not in LANGUAGES:
        raise typer.BadParameter(f"there is no {tag!r}; {meant(tag, LANGUAGES)}")
    return tag


InLanguage = Annotated[str, typer.Option(help="en, fr, es or ar", callback=_language)]
Out = Annotated[Path | None, typer.Option(help="write it there as HTML; else it is shown as text")]


@app.callback()
def _mail() -> None:
    """Look at e-mails."""


@app.command()
def preview(
    *,
    kind: Annotated[
        str | None, typer.Option(help="an event, Digest or Welcome; without it, all are listed")
    ] = None,
    language: InLanguage = "en",
    out: Out = None,
) -> None:
    """Show a kind of e-mail, made of the example of its event; it needs no system that runs."""
    if kind is None:
        for one in previews.kinds():
            console.print(one, highlight=False)
        return
    try:
        text, html = previews.plain(kind, known(language)), previews.html(kind, known(language))
    except KeyError as error:
        raise typer.BadParameter(str(error.args[0])) from None
    show(text, html, out)


def show(text: str, html: str, out: Path | None) -> None:
    """Show an e-mail as text, or write it as HTML."""
    if out is None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)
        return
    with failures():
        out.write_text(previews.as_page(html), "utf-8")
    console.print(f"{out} is written.", highlight=False)
