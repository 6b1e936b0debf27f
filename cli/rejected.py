"""`coalition rejected`: look at what could not be accepted, and try it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer
from rich.console import Console
from rich.table import Column, Table

from cli import endpoints, operating
from cli.operating import Service
from cli.report import rejections
from cli.running import run
from shared.kafka import lookup
from shared.pipeline.outbound import OURS, POINTER_HEADER

if TYPE_CHECKING:
    from shared.kafka.salvage import Record

app = typer.Typer(no_args_is_help=True, help="What could not be accepted, and why.")
console = Console()

_SHOWN: Final = 64 * 1024
"""Characters of a body that are shown."""

Origin = Annotated[str, typer.Argument(help="topic/partition/offset, as `list` shows it")]


def _read(service: str) -> dict[str, Record]:
    found: dict[str, Record] = run(rejections(endpoints.load(), service))
    return found


def _find(service: str, origin: str) -> Record:
    record = _read(service).get(origin)
    if record is None:
        _end(f"{service} rejected nothing from {origin}.")
    return record


def _original(origin: str, record: Record) -> Record:
    """The record itself, from where it was read where `rejected` has only a pointer to it."""
    headers = dict(record.headers)
    if POINTER_HEADER not in headers:
        return record
    size = (headers.get(POINTER_HEADER) or b"?").decode()
    topic, partition, offset = origin.rsplit("/", 2)
    found: Record | None = run(
        lookup.record_at(endpoints.load().connection(), topic, int(partition), int(offset))
    )
    if found is None:
        _end(f"Its {size} bytes were at {origin} alone, and are no longer there.")
    if found.lost:
        _end(f"Its {size} bytes are at {origin}, but not readable: {found.error}.")
    return found


def _end(why: str) -> NoReturn:
    console.print(why, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)


@app.command("list")
def list_(service: Service) -> None:
    """List what a service rejected, each once."""
    table = Table(Column("Origin", overflow="fold", min_width=40), "Code", "Reason", "At")
    for origin, record in _read(service).items():
        said = {
            k: (v or b"").decode(errors="replace") for k, v in record.headers if k.startswith(OURS)
        }
        names = ("coalition-rejected-code", "coalition-rejected-reason", "coalition-rejected-at")
        table.add_row(origin, *(said.get(name, "") for name in names))
    console.print(table)


@app.command()
def show(service: Service, origin: Origin) -> None:
    """Show one rejected record with its headers and body."""
    record = _find(service, origin)
    for name, value in record.headers:
        _print(f"{name}: {(value or b'').decode(errors='replace')}")
    original = _original(origin, record)
    if original is not record:
        for name, value in original.headers:
            _print(f"{name}: {(value or b'').decode(errors='replace')[:_SHOWN]}")
    body = (original.value or b"").decode(errors="replace")
    _print(f"\n{body[:_SHOWN]}")
    if len(body) > _SHOWN:
        _print(f"... and {len(body) - _SHOWN} more characters")


def _print(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


@app.command()
def replay(service: Service, origin: Origin) -> None:
    """Have the service decide one rejected record anew; twice is harmless."""
    run(operating.replay(service, origin))
    console.print(f"Sent again; `coalition rejected list {service}` tells if in vain.")
