"""`coalition rejected`: look at what could not be accepted, and try it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from cli import endpoints
from cli.operating import Service
from cli.report import rejections
from cli.running import run
from shared.kafka.producer import Outgoing, Publisher
from shared.pipeline.outbound import OURS, REPLAY_HEADER

if TYPE_CHECKING:
    from aiokafka import ConsumerRecord

app = typer.Typer(no_args_is_help=True, help="What could not be accepted, and why.")
console = Console()

Origin = Annotated[str, typer.Argument(help="topic/partition/offset, as `list` shows it")]


def _read(service: str) -> dict[str, ConsumerRecord]:
    found: dict[str, ConsumerRecord] = run(rejections(endpoints.load(), service))
    return found


def _find(service: str, origin: str) -> ConsumerRecord:
    record = _read(service).get(origin)
    if record is None:
        console.print(f"[red]{service} rejected nothing from {origin}.[/red]")
        raise typer.Exit(1)
    return record


@app.command("list")
def list_(service: Service) -> None:
    """List what a service rejected, each once."""
    table = Table(Column("Origin", overflow="fold", min_width=40), "Code", "Reason", "At")
    for origin, record in _read(service).items():
        said = {k: v.decode(errors="replace") for k, v in record.headers if k.startswith(OURS)}
        names = ("coalition-rejected-code", "coalition-rejected-reason", "coalition-rejected-at")
        table.add_row(origin, *(said.get(name, "") for name in names))
    console.print(table)


@app.command()
def show(service: Service, origin: Origin) -> None:
    """Show one rejected record with its headers and body."""
    record = _find(service, origin)
    for name, value in record.headers:
        console.print(f"{name}: {value.decode(errors='replace')}", markup=False, highlight=False)
    body = (record.value or b"").decode(errors="replace")
    console.print(f"\n{body}", markup=False, highlight=False)


@app.command()
def replay(service: Service, origin: Origin) -> None:
    """Put one rejected record back on its inbox, to be decided anew; twice is harmless."""
    record = _find(service, origin)
    kept = [(k, v) for k, v in record.headers if not k.startswith(OURS)]
    topic = origin.rsplit("/", 2)[0]
    again = Outgoing(topic, record.key, record.value, [*kept, (REPLAY_HEADER, origin.encode())])
    run(_send(again))
    console.print(f"Sent to {topic} again; `coalition rejected list {service}` tells if in vain.")


async def _send(outgoing: Outgoing) -> None:
    publisher = Publisher(endpoints.load().connection())
    await publisher.start()
    try:
        await publisher.send([outgoing])
    finally:
        await publisher.stop()
