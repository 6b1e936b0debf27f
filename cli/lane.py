"""`coalition up` and `coalition down`: the embedded lane."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from services.manifests import MANIFESTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

console, progress = Console(), Console(stderr=True)
Directory = Annotated[
    Path, typer.Option(envvar="COALITION_DIRECTORY", help="where data, logs and notes are")
]
Ports = Annotated[
    list[str] | None,
    typer.Option("--port", help="NAME=PORT, for example kafka=19092; 0 picks a free one"),
]
_HERE = Path(".coalition")
_SERVICES = {manifest.name: manifest.port + 100 for manifest in MANIFESTS.values()}
"""The services' usual ports here: beside those of Compose, so that both can be up."""


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(up)
    app.command()(down)


def up(
    *,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="return when ready")] = False,
    directory: Directory = _HERE,
    port: Ports = None,
) -> None:
    """Start Kafka, a store, a mail catcher and the three services on this machine."""
    lane = _lane()
    # Being told to end is no reason to leave the parts behind: the same way out as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _show(_start(lane, directory, port or []))
    if detach:
        return
    console.print("Ctrl-C stops all; the data stays.")
    with _failures(lane):
        _watch(lane, directory)


def _watch(lane: ModuleType, directory: Path) -> None:
    try:
        while lane.is_announced(directory):
            # Asked again, as whoever stops the lane takes its addresses back first.
            if (what := lane.lost(directory)) and lane.is_announced(directory):
                console.print(what, style="red", markup=False, highlight=False)
                raise typer.Exit(1)
            time.sleep(1)
        console.print("stopped from elsewhere")
    except KeyboardInterrupt:
        console.print("stopping")
    finally:
        lane.down(directory, _report)


def down(*, directory: Directory = _HERE) -> None:
    """Stop the embedded lane; the data stays."""
    lane = _lane()
    with _failures(lane):
        stopped = lane.down(directory, _report)
    console.print(f"stopped: {', '.join(stopped) or 'nothing was running'}")


def ensure_up(ports: list[str], *, quiet: bool) -> None:
    """Start the lane, unless it is up, in the folder that the environment names.

    Args:
        ports: NAME=PORT each, as `up` takes them.
        quiet: leave standard output alone.
    """
    folder = Path(os.environ.get("COALITION_DIRECTORY", _HERE))
    addresses = _start(_lane(), folder, ports)
    if not quiet:
        _show(addresses)


def _lane() -> ModuleType:
    try:
        from embedded import lane  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        console.print(f"[red]The embedded lane is not installed[/red] ({error.name}).")
        console.print("pip install 'coalition[embedded]'", markup=False)
        raise typer.Exit(2) from None
    return lane


def _start(lane: ModuleType, directory: Path, ports: list[str]) -> dict[str, str]:
    options = lane.Options(
        directory=directory, ports=_parse(ports, {**lane.PORTS, **_SERVICES}), services=_SERVICES
    )
    with _failures(lane):
        addresses: dict[str, str] = lane.up(options, _report)
    return addresses


@contextmanager
def _failures(lane: ModuleType) -> Iterator[None]:
    try:
        yield
    except lane.LaneError as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None


def _report(line: str) -> None:
    progress.print(line, markup=False, highlight=False, soft_wrap=True)


def _parse(ports: list[str], defaults: dict[str, int]) -> dict[str, int]:
    parsed = {}
    for text in ports:
        name, _, number = text.partition("=")
        if name not in defaults or not (number.isascii() and number.isdigit()):
            msg = f"{text!r} is not NAME=PORT with a name of {', '.join(defaults)}"
            raise typer.BadParameter(msg)
        parsed[name] = int(number)
    return parsed


def _show(addresses: dict[str, str]) -> None:
    table = Table("What", "Where")
    for name, where in addresses.items():
        table.add_row(name, where)
    console.print(table)
