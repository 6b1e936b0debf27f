"""`coalition events`: what a type of event says, whether data keep it, and what is published."""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer
from pydantic_core import to_json
from rich.console import Console

from cli import endpoints, kafka, tables
from cli.running import failures, run
from cli.saying import events
from cli.saying.options import Unclear
from services import manifests
from shared import cloudevents
from shared.bodies import NotJson, read_json
from shared.context_attributes import Unreadable
from shared.contracts import catalogue, strict
from shared.contracts.schemas import example

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cli.endpoints import Endpoints
    from shared.contracts.base import Event
    from shared.kafka.salvage import Record

app = typer.Typer(
    no_args_is_help=True, help="Types of events: examples, checks, what is published."
)
console = Console()

_SOURCE: Final = "urn:my-system"

Type = Annotated[str, typer.Argument(help="CitySigned, say, or the whole type", metavar="TYPE")]


@app.command("example")
def example_(
    type_: Type,
    *,
    data: Annotated[bool, typer.Option("--data", help="the data alone")] = False,
    source: Annotated[str, typer.Option(help="the CloudEvents source")] = _SOURCE,
) -> None:
    """Print an example of a type as a CloudEvent in one line, as `publish` takes it.

    It names what the demo's data have, such as the coalition europe; where that is not recorded,
    put in your own, or a rule refuses it.
    """
    model = _named(type_, manifests.EVENTS)
    found = example(model.type)
    if found is None:
        _end(f"There is no example of {model.type}.")
    if data:
        tables.as_json(found)
        return
    attributes = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": source}
    event = {**attributes, "type": model.type, "data": found}
    sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")


@app.command()
def validate(
    type_: Type,
    file: Annotated[str, typer.Argument(help="a file, or - for standard input")] = "-",
) -> None:
    """Say whether JSON is good data of a type, or a CloudEvent of it; nothing is sent."""
    model = _named(type_, manifests.TAKEN)
    with failures():
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        strict.read_json(model, _data(raw, model))
    except strict.Unfit as unfit:
        _end("\n".join(map(str, unfit.flaws)))
    except (NotJson, Unreadable) as error:
        _end(str(error))
    console.print(
        f"It is a good {catalogue.called(model.type)}; what the rules say of it, a rehearsal tells."
    )


def _data(raw: bytes, model: type[Event]) -> bytes:
    """The data of what is a structured CloudEvent, or the data themselves.

    Raises:
        NotJson: it is none.
        Unreadable: it is a CloudEvent that nobody takes, or of another type.
    """
    document = read_json(raw)
    if not isinstance(document, dict) or "specversion" not in document:
        return raw
    envelope = cloudevents.from_document(document)
    if envelope.type != model.type:
        raise Unreadable("type", f"the type is {envelope.type!r}, not {model.type!r}")
    return envelope.data


@app.command()
def tail(
    type_: Type,
    *,
    beginning: Annotated[bool, typer.Option(help="all that was ever published, first")] = False,
    count: Annotated[int | None, typer.Option(min=1, help="end after so many")] = None,
) -> None:
    """Print what is published of a type as CloudEvents, a line each, until Ctrl-C."""
    model = _named(type_, manifests.EVENTS)
    run(_tail(endpoints.load(), model, beginning=beginning, count=count))


async def _tail(
    where: Endpoints, model: type[Event], *, beginning: bool, count: int | None
) -> None:
    here = where.connection()
    topic = here.topic(catalogue.events(model.type.split(".")[1]))
    left = count
    async for record in kafka.follow(here, topic, beginning=beginning):
        event = _structured(record)
        if event["type"] != model.type:
            continue
        sys.stdout.write(to_json(event).decode() + "\n")
        sys.stdout.flush()
        if left is not None and (left := left - 1) == 0:
            return


def _structured(record: Record) -> dict[str, Any]:
    """A published record in the JSON format of CloudEvents."""
    envelope = cloudevents.read(record.headers, record.value)
    return {
        "specversion": "1.0",
        "id": envelope.id,
        "source": envelope.source,
        "type": envelope.type,
        **envelope.extensions,
        "data": read_json(envelope.data),
    }


def _named(name: str, types: Mapping[str, type[Event]]) -> type[Event]:
    try:
        return events.named(name, types)
    except Unclear as unclear:
        _end(str(unclear), 2)


def _end(why: str, code: int = 1) -> NoReturn:
    console.print(why, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code)
