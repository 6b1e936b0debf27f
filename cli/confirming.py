"""What is asked of whoever sits at the terminal, and of nobody in a script."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

Yes = Annotated[bool, typer.Option("--yes", help="do not ask")]


def is_somebody_there() -> bool:
    """Whether questions are read and answered by a person."""
    return sys.stdin.isatty()


def confirm(question: str, *, yes: bool) -> None:
    """Go on only with what somebody wants, and has said beforehand where nobody can be asked.

    Raises:
        typer.Abort: they do not.
        typer.BadParameter: nobody can be asked.
    """
    if yes:
        return
    if not is_somebody_there():
        raise typer.BadParameter("nobody is there to be asked: give --yes")
    typer.confirm(question, abort=True)
