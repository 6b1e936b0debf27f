"""`coalition doctor`: what is missing or wrong, and what to do."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from cli import endpoints, examining, tables
from cli.examining import Row
from services.manifests import MANIFESTS, settings_of
from shared.checks.fault import AGAIN_SECONDS
from shared.environment import WrongSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

console = Console()

_STYLES: Final = {"ok": "green", "advice": "yellow", "wrong": "red"}


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(doctor)


def doctor(
    service: Annotated[
        str | None, typer.Argument(help="with its settings; left out: as the operator")
    ] = None,
    *,
    wait: Annotated[
        float, typer.Option(min=0, max=600, help="seconds in which what is not up yet may come up")
    ] = 0,
    before_start: Annotated[
        bool, typer.Option("--before-start", help="end with 1 only where it could not start")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """Say what is missing or wrong, and what to do; ends with 1 where something is wrong.

    With a service's name it reads that service's settings, and looks at all that it needs; without
    one it looks as the operator: at Kafka, and at the services that run.
    """
    logging.disable()  # the clients of Kafka say the same in many lines
    rows = asyncio.run(_until_well(_look(service), wait))
    if as_json:
        tables.as_json([row._asdict() for row in rows])
    else:
        for row in rows:
            _show(row)
    if any(row.state == "wrong" and (row.stops or not before_start) for row in rows):
        raise typer.Exit(1)


def _look(service: str | None) -> Callable[[], Awaitable[Sequence[Row]]]:
    if service is None:
        where = endpoints.load()
        return lambda: examining.installation(where)
    if service not in MANIFESTS:
        raise typer.BadParameter(f"one of {', '.join(MANIFESTS)}")
    try:
        settings = settings_of(service)
    except WrongSettings as error:
        for line in str(error).splitlines():
            _show(Row("wrong", line))
        raise typer.Exit(1) from None
    return lambda: examining.service(MANIFESTS[service], settings)


async def _until_well(look: Callable[[], Awaitable[Sequence[Row]]], seconds: float) -> list[Row]:
    """Look again while all that is wrong may pass, and there is time."""
    end = asyncio.get_running_loop().time() + seconds
    while True:
        rows = [*await look()]
        wrong = [row for row in rows if row.state == "wrong"]
        over = asyncio.get_running_loop().time() >= end
        if over or not wrong or not all(row.passes for row in wrong):
            return rows
        await asyncio.sleep(AGAIN_SECONDS)


def _show(row: Row) -> None:
    console.print(f"{row.state:<7}", style=_STYLES[row.state], end="")
    console.print(row.text, markup=False, highlight=False, soft_wrap=True)
