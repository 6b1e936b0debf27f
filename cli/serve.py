"""`coalition serve`: one service, as the image runs it."""

from __future__ import annotations

import typer

from cli.operating import Service
from services.__main__ import main


def register(app: typer.Typer) -> None:
    """Add the command to the command line; `cli.entry` runs it without the others."""
    app.command()(serve)


def serve(service: Service) -> None:
    """Run a service until it is told to end; its settings are in the environment."""
    raise typer.Exit(main([service]))
